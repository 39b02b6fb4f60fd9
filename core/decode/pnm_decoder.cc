#include <algorithm>
#include <cstring>
#include <vector>

#include "core/bytes.h"
#include "core/decode/pnm_header.h"

namespace inlier {
namespace {

// A sample whose white is `largest`, rescaled so that its white is `white`.
std::uint16_t Scaled(std::int64_t value, std::int64_t largest, std::int64_t white) {
  return static_cast<std::uint16_t>((std::min(value, largest) * white + largest / 2) / largest);
}

void ScaleRow(Bytes from, std::int64_t largest, std::uint8_t* to) {
  if (largest <= 255) {
    for (const std::uint8_t value : from) {
      *to++ = static_cast<std::uint8_t>(Scaled(value, largest, 255));
    }
    return;
  }
  for (std::size_t at = 0; at < from.size(); at += 2) {
    const std::uint16_t value = Scaled(BigEndian(from, at, 2), largest, 65535);
    std::memcpy(to + at, &value, 2);
  }
}

}  // namespace

Status DecodePnm(const DecodeTask& task, RowSink& sink) {
  INLIER_ASSIGN_OR_RETURN(const PnmHeader header, ReadPnmHeader(task.file));
  const RowLayout layout{.width_px = static_cast<int>(header.width_px),
                         .height_px = static_cast<int>(header.height_px),
                         .samples = header.channels == 3 ? Samples::kRgb : Samples::kGrey,
                         .bits = 8 * header.sample_bytes()};
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  std::vector<std::uint8_t> row(layout.row_bytes());
  for (int y = 0; y < layout.height_px; ++y) {
    const Bytes from =
        task.file.subspan(header.samples_at + static_cast<std::size_t>(y) * row.size(), row.size());
    if (header.largest == 255) {
      sink.Row(from.data());
    } else {
      ScaleRow(from, header.largest, row.data());
      sink.Row(row.data());
    }
  }
  return {};
}

}  // namespace inlier
