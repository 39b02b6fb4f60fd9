#pragma once

#include <string>
#include <vector>

#include "core/decode/formats.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/odd_images.h"

namespace inlier::test {

/// What became of a file.
struct Decoded {
  Status status;
  ImageHeader header;
  std::vector<std::string> warnings;
  CollectingSink sink;

  bool ok() const { return status.has_value(); }
  /// The error, and nothing when there is none.
  std::string message() const { return status ? "" : status.error().message; }
};

/// Reads the header of a file and then its pixels by the functions of one format; ProbeImage reads
/// the header of any.
inline Decoded DecodeBy(Result<ImageHeader> (*probe)(Bytes),
                        Status (*decode)(const DecodeTask&, RowSink&), Bytes file,
                        const DecodeLimits& limits = {}, int least_side_px = 0) {
  Decoded out;
  const auto header = probe(file);
  if (!header) {
    out.status = tl::unexpected<Error>(header.error());
    return out;
  }
  out.header = *header;
  out.status = decode({file, out.header, limits, least_side_px, out.warnings}, out.sink);
  return out;
}

}  // namespace inlier::test
