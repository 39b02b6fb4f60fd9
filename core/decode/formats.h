#pragma once

// The decoders of picture files, each in its own file and behind the same interface: a Probe
// function reads the header of a file with bounded code of its own, and a Decode function hands its
// pixels to a RowSink with the library that the field uses (docs/adr/0015-decoders.md). Nothing
// here turns a picture, changes its colours or lays it over a background; picture.h does, for all
// formats alike.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/decode/row_sink.h"
#include "core/image.h"

namespace inlier {

using Bytes = std::span<const std::uint8_t>;

/// What a Decode function is asked for.
struct DecodeTask {
  Bytes file;
  const ImageHeader& header;  // what the Probe function returned for `file`
  const DecodeLimits& limits;
  /// A decoder may hand over fewer pixels, as long as the long side keeps this many. 0: all pixels.
  /// Only decoders that save work by it reduce the picture; the sink reduces it further.
  int least_side_px = 0;
  /// What is odd about a file that was read all the same, in sentences without its name.
  std::vector<std::string>& warnings;
};

// Probe: dimensions, transparency and metadata, from the header alone. Errors: kBadImage.
// Decode: every row of the picture, to the sink. Errors: kBadImage when pixels are missing or had
// to be invented, with how much is missing where that is known; kBadImage when memory for the
// decoder would pass limits.max_memory_bytes; those of RowSink::Begin.
Result<ImageHeader> ProbeJpeg(Bytes file);
Status DecodeJpeg(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbePng(Bytes file);
Status DecodePng(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbeWebp(Bytes file);
Status DecodeWebp(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbeTiff(Bytes file);
Status DecodeTiff(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbeGif(Bytes file);
Status DecodeGif(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbeBmp(Bytes file);
Status DecodeBmp(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbePnm(Bytes file);
Status DecodePnm(const DecodeTask& task, RowSink& sink);
Result<ImageHeader> ProbeHeif(Bytes file);
Status DecodeHeif(const DecodeTask& task, RowSink& sink);

}  // namespace inlier
