#pragma once

#include <cstddef>
#include <vector>

#include "core/decode/formats.h"

namespace inlier {

/// Zero bytes in the entropy-coded data of a JPEG.
struct ZeroRun {
  double from = 0;  // where they begin, as a share of all such data
  std::size_t bytes = 0;
  bool is_picture = false;  // an encoder could have written them, for an area without detail
  bool ends_scan = false;   // nothing but a marker follows, so they may be there to fill a sector
};

/// The runs that are long enough to be a hole: a sector that a disk lost, or a part that a download
/// never filled. Those in the middle of a scan that may be picture data are left out. A decoder
/// cannot recognise holes, since every run of zeros is valid code for something. `jpeg` begins with
/// its start marker.
std::vector<ZeroRun> LongZeroRuns(Bytes jpeg);

/// Runs below this length are never holes.
inline constexpr std::size_t kMinZeros_bytes = 64;

}  // namespace inlier
