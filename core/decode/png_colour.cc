#include "core/decode/png_colour.h"

#include <algorithm>
#include <array>
#include <optional>

#include <zlib.h>

#include "core/bytes.h"
#include "core/decode/embedded_profile.h"

namespace inlier {
namespace {

// The numbers of gAMA and cHRM are hundred-thousandths.
double Fraction(Bytes b, std::size_t at) {
  return static_cast<double>(BigEndian(b, at, 4)) / 100'000;
}

// Fills `out` with the next bytes of a stream. False when it has fewer.
bool Unpack(z_stream& stream, std::span<std::uint8_t> out) {
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  return (result == Z_OK || result == Z_STREAM_END) && stream.avail_out == 0;
}

// A profile begins with its own length (ICC.1:2022, §7.2), so that no more is unpacked than it has,
// whatever the stream holds.
std::optional<std::vector<std::uint8_t>> UnpackProfile(Bytes packed, bool& is_too_large) {
  z_stream stream{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it is only read
  stream.next_in = const_cast<std::uint8_t*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  if (inflateInit(&stream) != Z_OK) return {};
  std::array<std::uint8_t, 4> length{};
  std::optional<std::vector<std::uint8_t>> profile;
  if (Unpack(stream, length)) {
    const auto size = static_cast<std::size_t>(BigEndian(length, 0, 4));
    is_too_large = size > kMaxProfile_bytes;
    if (size > length.size() && !is_too_large) {
      profile.emplace(size);
      std::copy(length.begin(), length.end(), profile->begin());
      if (!Unpack(stream, std::span(*profile).subspan(length.size()))) profile.reset();
    }
  }
  inflateEnd(&stream);
  return profile;
}

// A name of at most 79 bytes, a zero, the method of compression, and the packed profile.
void ReadProfile(Bytes content, PngColour& colour, std::vector<std::string>& warnings) {
  if (!colour.icc.empty()) return;
  const Bytes name = content.first(std::min<std::size_t>(content.size(), 80));
  const auto name_bytes =
      static_cast<std::size_t>(std::find(name.begin(), name.end(), 0) - name.begin());
  bool is_too_large = false;
  if (name_bytes + 2 <= content.size() && content[name_bytes + 1] == 0) {
    if (auto profile = UnpackProfile(content.subspan(name_bytes + 2), is_too_large)) {
      colour.icc = std::move(*profile);
      return;
    }
  }
  warnings.emplace_back(is_too_large ? "its colour profile is larger than 4 MiB and was left out"
                                     : "its colour profile is damaged and was left out");
}

void ReadChromaticities(Bytes content, GammaAndChromaticities& to) {
  std::size_t at = 0;
  for (double* const xy : {to.white_xy, to.red_xy, to.green_xy, to.blue_xy}) {
    xy[0] = Fraction(content, at);
    xy[1] = Fraction(content, at + 4);
    at += 8;
  }
}

}  // namespace

void ReadPngColour(const PngChunk& chunk, PngColour& colour, std::vector<std::string>& warnings) {
  const Bytes content = chunk.content;
  ColourSource& source = colour.source;
  if (chunk.type == "cICP" && content.size() == 4) {
    // Samples of RGB in their full range are the only ones that the decoder hands over as they are.
    if (content[2] == 0 && content[3] == 1) {
      source.cicp = Cicp{.primaries = content[0], .transfer = content[1]};
    } else {
      warnings.emplace_back("its cICP chunk describes other samples than a PNG has");
    }
  }
  if (chunk.type == "iCCP") ReadProfile(content, colour, warnings);
  if (chunk.type == "sRGB" && content.size() == 1) source.srgb = true;
  const bool is_gamma = chunk.type == "gAMA" && content.size() == 4 && Fraction(content, 0) > 0;
  const bool is_chromaticities = chunk.type == "cHRM" && content.size() == 32;
  if (is_gamma || is_chromaticities) {
    if (!source.gamma) source.gamma.emplace();
    if (is_gamma) source.gamma->gamma = Fraction(content, 0);
    if (is_chromaticities) ReadChromaticities(content, *source.gamma);
  }
}

}  // namespace inlier
