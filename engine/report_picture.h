#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "inlier/engine.h"

namespace inlier {

/// Text as HTML content or attribute value.
std::string EscapeHtml(std::string_view text);

/// The colour of the i-th accepted hit's outline, as CSS.
std::string_view OutlineColour(std::size_t i);

/// The pictures of one report as inline SVG in pixels of the originals. An image file is embedded
/// once, where it is first shown; later pictures point to that.
class ReportPictures {
 public:
  /// The photo with the outlines of its accepted hits. Empty when it cannot be read.
  std::string Outlines(const std::string& photo, const Answer& answer);
  /// Photo and item side by side, matched points linked.
  std::string Pair(const std::string& photo, const Hit& hit, std::string_view colour);

 private:
  struct Embedded {
    int number = 0;
    double width_px = 0;
    double height_px = 0;
    std::string first_use;  // the <image>; empty after it was given out
  };
  Embedded* Find(const std::string& path);  // null: cannot be read
  std::string Take(Embedded& image);

  std::map<std::string, std::optional<Embedded>> images_;
  int clips_ = 0;
};

}  // namespace inlier
