// What does a run of zero bits mean to a Huffman decoder? The first code of a table consists of
// zeros, so it is that table's first symbol over and over, each followed by value bits that are
// zero as well. Three cases:
// - Every block is "no change of DC" and "end of block": an area without detail. Encoders with
//   tables of their own write it for a white background, in any length.
// - "End of block", but DC falls by at least one step in each block. Such a run ends where DC
//   leaves its range of 4,096 steps, after about 2 KiB.
// - Coefficients that are all the same negative number, in every place of every block, as with the
//   usual table for luma. No picture looks like that, and 64 bytes of it are blocks on end.
#include "core/decode/jpeg_zeros.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/decode/jpeg_segments.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxFallingDc_bytes = 2048;
constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMaxRuns = 64;  // more would say nothing new

// The symbol that zeros stand for, for each of the four tables of DC and of AC. A JPEG without
// tables means the usual ones (T.81, K.3), as frames of MJPEG do.
struct ZeroSymbols {
  std::array<std::uint8_t, 4> dc{0, 0, 0, 0};
  std::array<std::uint8_t, 4> ac{1, 0, 0, 0};
};

void ReadTables(Bytes payload, ZeroSymbols& symbols) {
  while (payload.size() > 17) {
    std::size_t count = 0;
    for (const std::uint8_t of_length : payload.subspan(1, 16)) count += of_length;
    auto& tables = payload[0] >= 0x10 ? symbols.ac : symbols.dc;
    if (count > 0) tables[payload[0] & 3] = payload[17];
    payload = payload.subspan(std::min(payload.size(), 17 + count));
  }
}

// The longest run of zeros that an encoder may have written into a scan with this header.
std::size_t LongestSound_bytes(Bytes header, bool progressive, const ZeroSymbols& symbols) {
  if (header.empty() || header.size() < 4 + 2 * std::size_t{header[0]}) return kAnyLength;
  const std::size_t components = header[0];
  const Bytes band = header.subspan(1 + 2 * components);
  const bool has_dc = band[0] == 0, has_ac = !progressive || !has_dc;
  const bool refines = progressive && band[2] >= 0x10;
  if (has_dc && refines) return kAnyLength;  // one bare bit of DC for each block
  bool falling = false;
  for (std::size_t i = 0; i < components; ++i) {
    const std::uint8_t tables = header[2 + 2 * i];
    const std::uint8_t ac = symbols.ac[tables & 3];
    // In a progressive scan, xxxx0000 ends some blocks; 16 zeros, 11110000, go on.
    const bool ends_block = progressive ? (ac & 15) == 0 && ac != 0xF0 : ac == 0;
    if (has_ac && !ends_block) return kMinZeros_bytes - 1;
    falling = falling || (has_dc && symbols.dc[tables >> 4 & 3] != 0);
  }
  return falling ? kMaxFallingDc_bytes : kAnyLength;
}

// The end of the run of zeros from `at`.
std::size_t EndOfZeros(Bytes data, std::size_t at) {
  const auto rest = data.subspan(at);
  const auto end = std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != 0; });
  return at + static_cast<std::size_t>(end - rest.begin());
}

void FindRuns(Bytes scan, std::size_t longest_sound_bytes, double before,
              std::vector<ZeroRun>& runs) {
  // Every run of this length has a byte in a place that is looked at.
  for (std::size_t at = kMinZeros_bytes - 1; at < scan.size(); at += kMinZeros_bytes) {
    if (scan[at] != 0) continue;
    std::size_t begin = at;
    while (begin > 0 && at - begin < kMinZeros_bytes && scan[begin - 1] == 0) --begin;
    const std::size_t end = EndOfZeros(scan, at);
    at = end - 1;
    if (end - begin < kMinZeros_bytes || runs.size() == kMaxRuns) continue;
    const ZeroRun run{.from = before + static_cast<double>(begin),
                      .bytes = end - begin,
                      .is_picture = end - begin <= longest_sound_bytes,
                      .ends_scan = end == scan.size()};
    if (!run.is_picture || run.ends_scan) runs.push_back(run);
  }
}

}  // namespace

std::vector<ZeroRun> LongZeroRuns(Bytes jpeg) {
  std::vector<ZeroRun> runs;
  ZeroSymbols symbols;
  bool progressive = false;
  double data_bytes = 0;
  JpegSegments segments(jpeg);
  while (const auto segment = segments.Next()) {
    if (segment->marker == 0xC9 || segment->marker == 0xCA) return {};  // arithmetic coding
    if (IsJpegFrame(segment->marker)) progressive = segment->marker == 0xC2;
    if (segment->marker == kJpegHuffman) ReadTables(segment->payload, symbols);
    if (segment->marker != kJpegScan) continue;
    FindRuns(segment->scan, LongestSound_bytes(segment->payload, progressive, symbols), data_bytes,
             runs);
    data_bytes += static_cast<double>(segment->scan.size());
  }
  for (ZeroRun& run : runs) run.from /= data_bytes;
  return runs;
}

}  // namespace inlier
