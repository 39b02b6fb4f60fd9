#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/decode/colour.h"
#include "core/decode/reduce.h"
#include "core/decode/row_sink.h"
#include "inlier/image.h"

namespace inlier {

/// Makes an Image of the rows that a decoder hands over: reduces them, brings them to sRGB, and
/// lays what is clear over a ground.
class PictureBuilder final : public RowSink {
 public:
  PictureBuilder(const DecodeOptions& options, std::vector<std::string>& warnings)
      : options_(options), warnings_(warnings) {}
  Status Begin(const RowLayout& layout) override;
  void Row(const std::uint8_t* samples) override;

  /// The picture as it is stored, before it is turned. Errors: kBadImage, when rows are missing.
  Result<Image> Take();

 private:
  void Append(const std::uint8_t* samples);

  const DecodeOptions& options_;
  std::vector<std::string>& warnings_;
  std::optional<ColourTransform> colour_;
  std::optional<RowReducer> reducer_;  // none when nothing is to be reduced
  int width_px_ = 0, height_px_ = 0;
  int rows_ = 0;
  std::vector<std::uint8_t> pixels_;  // height × width × the channels of the transform
};

}  // namespace inlier
