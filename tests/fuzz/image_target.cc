#include "core/image.h"
#include "tests/fuzz/targets.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier::test {
namespace {

constexpr DecodeLimits kLimits{
    .max_file_bytes = 1 << 20, .max_pixels = 1 << 18, .max_side_px = 4096};

void Run(std::span<const std::uint8_t> bytes) {
  const auto image = DecodeImage(bytes, kLimits);
  if (!image) return;
  // A decoded image must be within the limits and have all of its pixels.
  const auto pixels = static_cast<std::int64_t>(image->width_px) * image->height_px;
  if (image->channels != 3 || pixels <= 0 || pixels > kLimits.max_pixels ||
      image->pixels.size() != static_cast<std::size_t>(pixels) * 3) {
    __builtin_trap();
  }
}

std::vector<std::string> Seeds() {
  const Image scene = DrawTexture(3, 24, 16);
  std::vector<FileBytes> files;
  for (const char* ending : {".jpg", ".png", ".webp", ".bmp", ".ppm"})
    files.push_back(Encode(scene, ending));
  for (const char* ending : {".jpg", ".png", ".pgm"})
    files.push_back(Encode(ToGrey(scene), ending));
  files.push_back(ProgressiveJpeg(scene));
  files.push_back(WithExifOrientation(files[0], 6));
  files.push_back(CmykJpeg(8, 8, 10, 100, 200));
  files.push_back(
      Png(2, 1, 16, 6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0x7F, 0x7F}));
  FileBytes palette = PngChunk("PLTE", {0, 0, 0, 0, 255, 0});
  const FileBytes clear = PngChunk("tRNS", {0});
  palette.insert(palette.end(), clear.begin(), clear.end());
  files.push_back(Png(2, 1, 8, 3, {0, 0, 1}, palette));
  std::vector<std::string> seeds;
  for (const FileBytes& file : files) seeds.emplace_back(file.begin(), file.end());
  return seeds;
}

}  // namespace

FuzzTarget ImageTarget() { return {"image", Run, Seeds}; }

}  // namespace inlier::test
