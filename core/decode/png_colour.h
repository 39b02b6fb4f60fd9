#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/decode/png_chunks.h"
#include "core/decode/row_sink.h"

namespace inlier {

/// What the chunks of a PNG say about its colours.
struct PngColour {
  ColourSource source;            // without its profile
  std::vector<std::uint8_t> icc;  // the profile, unpacked
};

/// Takes over what a complete chunk says about colours: cICP, iCCP, sRGB, gAMA or cHRM (PNG, third
/// edition, §11.3.2). A profile that cannot be unpacked into 4 MiB is left out with a warning.
void ReadPngColour(const PngChunk& chunk, PngColour& colour, std::vector<std::string>& warnings);

}  // namespace inlier
