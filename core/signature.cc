#include "core/signature.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/jpeg_segments.h"

namespace inlier {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Format = ImageHeader::Format;

// ISO 14496-12: a box "ftyp" names a main brand, a version, and further brands. Films begin with
// the same box, so a brand of pictures has to be among them.
bool IsHeif(Bytes bytes) {
  constexpr std::array<std::string_view, 12> kBrands = {"heic", "heix", "heim", "heis",
                                                        "hevc", "hevx", "hevm", "hevs",
                                                        "mif1", "msf1", "avif", "avis"};
  constexpr std::size_t kMainBrand = 8, kVersion = 12, kBrand_bytes = 4;
  if (bytes.size() < kVersion || !HasPrefix(bytes, "ftyp", 4)) return false;
  const auto box_bytes = static_cast<std::size_t>(BigEndian(bytes, 0, 4));
  const std::size_t end = std::min(bytes.size(), box_bytes);
  for (std::size_t at = kMainBrand; at + kBrand_bytes <= end; at += kBrand_bytes) {
    if (at == kVersion) continue;
    if (std::ranges::any_of(kBrands, [&](auto brand) { return HasPrefix(bytes, brand, at); })) {
      return true;
    }
  }
  return false;
}

bool IsTiff(Bytes bytes) {
  using std::string_view_literals::operator""sv;
  constexpr std::array<std::string_view, 4> kSignatures = {"II*\0"sv, "MM\0*"sv, "II+\0"sv,
                                                           "MM\0+"sv};
  return std::ranges::any_of(kSignatures, [&](auto magic) { return HasPrefix(bytes, magic); });
}

// The size of the second header, which says which of the kinds of BMP this is.
bool HasBmpHeader(Bytes bytes) {
  constexpr std::size_t kHeaderSize = 14;
  if (bytes.size() < kHeaderSize + 4) return false;
  const std::int64_t size = LittleEndian(bytes, kHeaderSize, 4);
  return size >= 12 && size <= 124;
}

// White space or a comment, then the width.
bool HasPnmHeader(Bytes bytes) {
  constexpr std::string_view kNext = " \t\r\n#";
  return bytes.size() > 2 && kNext.find(static_cast<char>(bytes[2])) != std::string_view::npos;
}

}  // namespace

std::optional<Format> FormatOf(Bytes first_bytes) {
  if (JpegStart(first_bytes)) return Format::kJpeg;
  if (HasPrefix(first_bytes, "\x89PNG\r\n\x1A\n")) return Format::kPng;
  if (HasPrefix(first_bytes, "RIFF") && HasPrefix(first_bytes, "WEBP", 8)) return Format::kWebp;
  if (HasPrefix(first_bytes, "GIF87a") || HasPrefix(first_bytes, "GIF89a")) return Format::kGif;
  if (IsTiff(first_bytes)) return Format::kTiff;
  if (IsHeif(first_bytes)) return Format::kHeif;
  if (HasPrefix(first_bytes, "BM")) return Format::kBmp;
  if (HasPrefix(first_bytes, "P5") || HasPrefix(first_bytes, "P6")) return Format::kPnm;
  return std::nullopt;
}

bool LooksLikePicture(Bytes first_bytes) {
  const auto format = FormatOf(first_bytes);
  if (format == Format::kBmp) return HasBmpHeader(first_bytes);
  if (format == Format::kPnm) return HasPnmHeader(first_bytes);
  return format.has_value();
}

}  // namespace inlier
