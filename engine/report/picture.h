#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "inlier/answer.h"

namespace inlier {

/// Escapes text for use as HTML content or as the value of an attribute.
std::string EscapeHtml(std::string_view text);

/// The colour of the i-th accepted hit's outline, as CSS.
std::string_view OutlineColour(std::size_t i);

/// The pictures of one report, as inline SVG whose unit is a pixel of the original image. Each
/// image file is embedded only once, where it is first shown; later pictures refer to that place.
class ReportPictures {
 public:
  /// The photo with the outlines of its accepted hits. Empty when the photo cannot be read.
  std::string Outlines(const std::string& photo, const Answer& answer);
  /// Photo and item side by side, with a line from each matched point to its partner. A picture
  /// that cannot be read is replaced by an empty frame.
  std::string Pair(const std::string& photo, const Hit& hit, std::string_view colour);
  /// Two items side by side. A picture that cannot be read is replaced by an empty frame.
  std::string SideBySide(const std::string& left, const std::string& right);

 private:
  struct Embedded {
    int number = 0;
    double width_px = 0;
    double height_px = 0;
    std::string first_use;  // the <image> element; empty once it has been given out
  };
  // The image, or an empty frame of this size in its place.
  static std::string Panel(Embedded* image, double width, double height);
  Embedded* Find(const std::string& path);  // null when the file cannot be read
  // The <image> element the first time, a <use> that refers to it afterwards.
  static std::string Take(Embedded& image);

  std::map<std::string, std::optional<Embedded>> images_;
  int clips_ = 0;
};

}  // namespace inlier
