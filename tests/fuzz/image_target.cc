// A target for each format of pictures. What is not of the format is passed over, so that each
// decoder gets all of the time of its target.
#include <algorithm>
#include <iterator>

#include "core/image.h"
#include "tests/fuzz/targets.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier::test {
namespace {

using Format = ImageHeader::Format;

constexpr DecodeLimits kLimits{.max_file_bytes = 1 << 20,
                               .max_pixels = 1 << 18,
                               .max_side_px = 4096,
                               .max_memory_bytes = 64 << 20,
                               .max_scan_pixels = 1 << 22};

template <Format format>
void Run(std::span<const std::uint8_t> bytes) {
  const auto header = ProbeImage(bytes);
  if (!header || header->format != format) return;
  // The size of the file decides by chance whether it is reduced while it is decoded.
  const int least_side_px = bytes.size() % 2 == 0 ? 0 : 40;
  const auto picture = DecodePicture(bytes, {.limits = kLimits, .least_side_px = least_side_px});
  if (!picture) return;
  // A decoded image must be within the limits and have all of its pixels.
  const Image& image = picture->image;
  const auto pixels = static_cast<std::int64_t>(image.width_px) * image.height_px;
  if (image.channels != 3 || pixels <= 0 || pixels > kLimits.max_pixels ||
      image.pixels.size() != static_cast<std::size_t>(pixels) * 3) {
    __builtin_trap();
  }
}

std::string Text(const FileBytes& file) { return {file.begin(), file.end()}; }

Image Scene() { return DrawTexture(3, 24, 16); }

std::vector<std::string> JpegSeeds() {
  const FileBytes plain = Encode(Scene(), ".jpg");
  return {Text(plain), Text(Encode(ToGrey(Scene()), ".jpg")), Text(ProgressiveJpeg(Scene())),
          Text(WithExifOrientation(plain, 6)), Text(CmykJpeg(8, 8, 10, 100, 200))};
}

std::vector<std::string> PngSeeds() {
  FileBytes palette = PngChunk("PLTE", {0, 0, 0, 0, 255, 0});
  const FileBytes clear = PngChunk("tRNS", {0});
  palette.insert(palette.end(), clear.begin(), clear.end());
  const FileBytes deep =
      Png(2, 1, 16, 6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0x7F, 0x7F});
  return {Text(Encode(Scene(), ".png")), Text(Encode(ToGrey(Scene()), ".png")), Text(deep),
          Text(Png(2, 1, 8, 3, {0, 0, 1}, palette))};
}

// The smallest GIF: two pixels of a table with two colours, of which one is clear.
std::vector<std::string> GifSeeds() {
  static constexpr char kGif[] =
      "GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF!\xF9\x04\x01\0\0\x01\0,\0\0\0\0\x02\0\x01\0\0"
      "\x02\x02\x44\x0A\0;";
  return {std::string(kGif, sizeof(kGif) - 1)};
}

// A box of the kind that HEIF is made of, and no picture in it: no encoder is at hand for more.
// scripts/fuzz adds real files.
std::vector<std::string> HeifSeeds() {
  static constexpr char kHeif[] =
      "\0\0\0\x18"
      "ftypheic\0\0\0\0mif1heic\0\0\0\x08meta";
  return {std::string(kHeif, sizeof(kHeif) - 1)};
}

template <Format format>
std::vector<std::string> EncodedSeeds() {
  const char* ending = format == Format::kWebp  ? ".webp"
                       : format == Format::kBmp ? ".bmp"
                                                : ".tiff";
  return {Text(Encode(Scene(), ending)), Text(Encode(ToGrey(Scene()), ending))};
}

std::vector<std::string> PnmSeeds() {
  return {Text(Encode(Scene(), ".ppm")), Text(Encode(ToGrey(Scene()), ".pgm"))};
}

}  // namespace

std::vector<FuzzTarget> PictureTargets() {
  return {{"jpeg", Run<Format::kJpeg>, JpegSeeds},
          {"png", Run<Format::kPng>, PngSeeds},
          {"webp", Run<Format::kWebp>, EncodedSeeds<Format::kWebp>},
          {"tiff", Run<Format::kTiff>, EncodedSeeds<Format::kTiff>},
          {"gif", Run<Format::kGif>, GifSeeds},
          {"bmp", Run<Format::kBmp>, EncodedSeeds<Format::kBmp>},
          {"pnm", Run<Format::kPnm>, PnmSeeds},
          {"heif", Run<Format::kHeif>, HeifSeeds}};
}

}  // namespace inlier::test
