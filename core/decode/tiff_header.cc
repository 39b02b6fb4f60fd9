// Reads the header of a TIFF file: the first directory, which describes the first page. A file of a
// camera's raw samples looks like a TIFF file whose first page is a small preview, and is
// recognised by its tags.
#include <algorithm>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/decode/tiff_directory.h"

namespace inlier {
namespace {

constexpr int kWidth = 256, kHeight = 257, kPhotometric = 262, kMake = 271, kSamples = 277,
              kSubDirectories = 330, kExtraSamples = 338, kDngVersion = 0xC612;

bool IsRaw(const TiffDirectory& directory) {
  constexpr std::uint64_t kColourFilterArray = 32803, kLinearRaw = 34892;
  const std::uint64_t photometric = directory.Number(kPhotometric).value_or(0);
  return photometric == kColourFilterArray || photometric == kLinearRaw;
}

// The format of a camera's raw picture, or nothing.
std::string RawFormat(Bytes file, const TiffDirectory& first) {
  if (HasPrefix(file, std::string_view("CR\x02\0", 4), 8)) return "CR2";
  if (first.Has(kDngVersion)) return "DNG";
  constexpr std::size_t kMaxSubDirectories = 16;
  bool raw = IsRaw(first);
  const std::size_t count = std::min(first.CountOf(kSubDirectories), kMaxSubDirectories);
  for (std::size_t i = 0; i < count && !raw; ++i) {
    raw = IsRaw(first.At(first.Number(kSubDirectories, i).value_or(0)));
  }
  if (!raw) return {};
  const std::string_view make = first.Text(kMake);
  constexpr std::pair<std::string_view, const char*> kMakers[] = {
      {"NIKON", "NEF"}, {"SONY", "ARW"}, {"PENTAX", "PEF"}, {"RICOH", "PEF"}, {"SAMSUNG", "SRW"}};
  for (const auto& [maker, format] : kMakers) {
    if (make.starts_with(maker)) return format;
  }
  return "RAW";
}

// Samples beyond those of the colours are transparency unless ExtraSamples says that they are
// something else. Some programs forget the tag.
bool HasAlpha(const TiffDirectory& first) {
  constexpr std::uint64_t kCmyk = 5, kAssociated = 1;
  const std::uint64_t photometric = first.Number(kPhotometric).value_or(0);
  const std::uint64_t samples = first.Number(kSamples).value_or(1);
  if (photometric >= kCmyk || samples == 1) return false;
  const auto extra = first.Number(kExtraSamples);
  return extra ? *extra >= kAssociated : samples == 2 || samples == 4;
}

}  // namespace

Result<ImageHeader> ProbeTiff(Bytes file) {
  const auto first = TiffDirectory::First(file);
  if (!first) return Bad("TIFF: truncated or damaged: it has no directory");
  if (const std::string raw = RawFormat(file, *first); !raw.empty()) {
    return Bad(fmt::format("a camera's raw picture ({}): develop it to JPEG first", raw));
  }
  ImageHeader header{.format = ImageHeader::Format::kTiff};
  constexpr std::uint64_t kMost_px = 1ULL << 40;
  const std::uint64_t width = first->Number(kWidth).value_or(0);
  const std::uint64_t height = first->Number(kHeight).value_or(0);
  if (width == 0 || height == 0) return Bad("TIFF: truncated or damaged: no width or height");
  header.width_px = static_cast<std::int64_t>(std::min(width, kMost_px));
  header.height_px = static_cast<std::int64_t>(std::min(height, kMost_px));
  header.has_alpha = HasAlpha(*first);
  header.exif = file;  // EXIF data is a TIFF file, so a TIFF file serves as EXIF data
  return header;
}

}  // namespace inlier
