#pragma once

#include "core/decode/formats.h"
#include "tests/support/collecting_sink.h"

namespace inlier::test {

/// What DecodeJpeg made of a file.
struct JpegRead {
  Status status;
  CollectingSink sink;
  std::vector<std::string> warnings;
};

inline JpegRead ReadJpeg(Bytes file, int least_side_px = 0, const DecodeLimits& limits = {}) {
  JpegRead read;
  const auto header = ProbeJpeg(file);
  if (!header) {
    read.status = tl::unexpected(header.error());
    return read;
  }
  read.status = DecodeJpeg({file, *header, limits, least_side_px, read.warnings}, read.sink);
  return read;
}

}  // namespace inlier::test
