#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "extractor/extractor.h"
#include "index/item.h"
#include "inlier/image.h"

namespace inlier {

/// Makes from a picture what a collection stores: its record, its features and a small preview.
/// Const and safe to call from many threads. The extractor must outlive it.
class PictureMaker {
 public:
  explicit PictureMaker(const Extractor& extractor, const DecodeLimits& limits = {})
      : extractor_(extractor), limits_(limits) {}

  struct Made {
    NewPicture picture;
    std::vector<std::string> warnings;  // about the file; see DecodedPicture
  };
  /// Errors name the file, if there is one: kNotFound, kIo, kBadImage.
  Result<Made> Make(const Picture& picture) const;
  /// From the bytes of a file, whose path and hash the record has already. Errors: kBadImage.
  Result<Made> Make(PictureRecord record, std::span<const std::uint8_t> file) const;
  /// What NewFace::pixel_hash of this picture will be: equal for pictures whose decoded pixels are
  /// equal, whatever their files are like. Nothing is extracted. Errors: as Make.
  Result<std::string> PixelHash(const Picture& picture) const;

 private:
  Result<DecodedPicture> Decode(std::span<const std::uint8_t> file) const;
  NewPicture Describe(PictureRecord record, const Image& image) const;

  const Extractor& extractor_;
  DecodeLimits limits_;
};

}  // namespace inlier
