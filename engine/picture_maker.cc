#include "engine/picture_maker.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/features.h"
#include "core/image.h"
#include "engine/preview.h"

namespace inlier {
namespace {

std::string HashOf(const Image& image) {
  return fmt::format("{} {}x{}x{} of {}x{}", ContentHash(image.pixels), image.width_px,
                     image.height_px, image.channels, FullWidth_px(image), FullHeight_px(image));
}

}  // namespace

NewPicture PictureMaker::Describe(PictureRecord record, const Image& image) const {
  NewPicture picture{.record = std::move(record),
                     .face = NewFace{.pixel_hash = HashOf(image),
                                     .features = extractor_.ExtractItem(image),
                                     .preview = MakePreview(image)}};
  picture.record.feature_count = CountAll(picture.face->features);
  picture.record.width_px = static_cast<std::uint32_t>(FullWidth_px(image));
  picture.record.height_px = static_cast<std::uint32_t>(FullHeight_px(image));
  return picture;
}

Result<DecodedPicture> PictureMaker::Decode(std::span<const std::uint8_t> file) const {
  return DecodePicture(file, {.limits = limits_, .least_side_px = extractor_.least_side_px()});
}

Result<PictureMaker::Made> PictureMaker::Make(PictureRecord record,
                                              std::span<const std::uint8_t> file) const {
  INLIER_ASSIGN_OR_RETURN(DecodedPicture picture, Decode(file));
  return Made{.picture = Describe(std::move(record), picture.image),
              .warnings = std::move(picture.warnings)};
}

Result<PictureMaker::Made> PictureMaker::Make(const Picture& picture) const {
  if (const auto* image = std::get_if<Image>(&picture)) {
    if (image->empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
    return Made{.picture = Describe({.content_hash = ContentHash(image->pixels)}, *image),
                .warnings = {}};
  }
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&picture))
    return Make({.content_hash = ContentHash(*bytes)}, *bytes);
  const auto& path = std::get<std::filesystem::path>(picture);
  const auto bytes = ReadFileBytes(path, limits_.max_file_bytes);
  if (!bytes) return Within(path.string(), bytes.error());
  auto made =
      Make({.path = std::filesystem::absolute(path).string(), .content_hash = ContentHash(*bytes)},
           *bytes);
  if (!made) return Within(path.string(), made.error());
  return made;
}

Result<std::string> PictureMaker::PixelHash(const Picture& picture) const {
  if (const auto* image = std::get_if<Image>(&picture)) {
    if (image->empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
    return HashOf(*image);
  }
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&picture)) {
    INLIER_ASSIGN_OR_RETURN(const DecodedPicture decoded, Decode(*bytes));
    return HashOf(decoded.image);
  }
  const auto& path = std::get<std::filesystem::path>(picture);
  const auto bytes = ReadFileBytes(path, limits_.max_file_bytes);
  if (!bytes) return Within(path.string(), bytes.error());
  const auto decoded = Decode(*bytes);
  if (!decoded) return Within(path.string(), decoded.error());
  return HashOf(decoded->image);
}

}  // namespace inlier
