#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/decode/colour.h"
#include "core/decode/reduce.h"
#include "core/decode/row_sink.h"
#include "inlier/image.h"

namespace inlier {

/// Makes an Image from the rows that a decoder hands over: cuts out the requested region, reduces
/// it, brings it to sRGB, and lays transparent pixels over a background.
class PictureBuilder final : public RowSink {
 public:
  /// `region`, in pixels of the picture as it is stored and in full, takes the place of that of the
  /// options; `full_width_px` × `full_height_px` is the size of the picture.
  PictureBuilder(const DecodeOptions& options, const PixelRegion& region,
                 std::int64_t full_width_px, std::int64_t full_height_px,
                 std::vector<std::string>& warnings)
      : options_(options),
        region_(region),
        full_width_px_(full_width_px),
        full_height_px_(full_height_px),
        warnings_(warnings) {}
  Status Begin(const RowLayout& whole) override;
  RowRange Needed() const override { return needed_; }
  void Skip(int rows) override { next_ += rows; }
  void Row(const std::uint8_t* samples) override;

  /// The picture as it is stored, before it is turned. Errors: kBadImage, when rows are missing.
  Result<Image> Take();

 private:
  void Append(const std::uint8_t* samples);

  const DecodeOptions& options_;
  const PixelRegion region_;
  const std::int64_t full_width_px_, full_height_px_;
  std::vector<std::string>& warnings_;
  std::optional<ColourTransform> colour_;
  std::optional<RowReducer> reducer_;  // none when nothing is to be reduced
  int width_px_ = 0, height_px_ = 0;
  RowRange needed_;
  std::size_t skipped_bytes_ = 0;     // of each row, left of the region
  int next_ = 0;                      // the row of the decoder that comes next
  int rows_ = 0;                      // of the image that are there
  std::vector<std::uint8_t> pixels_;  // height × width × the channels of the transform
};

}  // namespace inlier
