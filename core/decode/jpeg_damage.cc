#include "core/decode/jpeg_damage.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/decode/bad_image.h"

namespace inlier {
namespace {

tl::unexpected<Error> Hole(const ZeroRun& run) {
  return Bad(fmt::format("damaged: {} bytes of its data are lost (zeros), from {:.0f} % on",
                         run.bytes, 100 * run.from));
}

std::string Share(double share) {
  if (share < 0.01) return "less than 1 %";
  return fmt::format("about {:.0f} %", 100 * share);
}

// Zeros at the end of a scan may fill up a sector. libjpeg says how many it had no use for; where
// it took many of them for picture data and some were left over, they are a hole.
Status CheckZerosAtEnds(const JpegComplaints& complaints, const std::vector<ZeroRun>& zeros) {
  for (const ZeroRun& run : zeros) {
    if (run.bytes < complaints.padding_bytes + kMinZeros_bytes) continue;
    if (!run.is_picture || complaints.padding_bytes > 0) return Hole(run);
  }
  return {};
}

// The share of coefficients that no scan has sent, or not to their last bit.
double MissingCoefficients(const jpeg_decompress_struct& info) {
  int missing = 0;
  for (int c = 0; c < info.num_components; ++c) {
    if (info.progressive_mode == 0) {
      // Only a scan that has the component gives it a table.
      missing += info.comp_info[c].quant_table == nullptr ? DCTSIZE2 : 0;
      continue;
    }
    missing += static_cast<int>(std::count_if(info.coef_bits[c], info.coef_bits[c] + DCTSIZE2,
                                              [](int bits) { return bits != 0; }));
  }
  return static_cast<double>(missing) / (info.num_components * DCTSIZE2);
}

Status CheckScans(const jpeg_decompress_struct& info) {
  const double missing = MissingCoefficients(info);
  if (missing > 0) {
    return Bad(fmt::format("damaged: scans are missing, {} of the coefficients", Share(missing)));
  }
  return {};
}

}  // namespace

Status CheckHoles(const std::vector<ZeroRun>& zeros) {
  const auto hole = std::ranges::find_if(zeros, [](const ZeroRun& run) { return !run.ends_scan; });
  if (hole != zeros.end()) return Hole(*hole);
  return {};
}

Status CheckRows(const JpegSession& session) {
  const JpegComplaints& complaints = session.complaints;
  const jpeg_decompress_struct& info = session.info;
  INLIER_RETURN_IF_ERROR(CheckScans(info));
  if (complaints.broken_rows == 0) return {};
  if (info.progressive_mode != 0)
    return Bad(fmt::format("damaged: scan {} breaks off", complaints.first_scan));
  // After a restart marker the picture is right again; without them, nothing is right from the
  // first complaint on.
  const auto rows = static_cast<double>(info.total_iMCU_rows);
  const double missing =
      info.restart_interval > 0 ? complaints.broken_rows : rows - complaints.first_row;
  return Bad(fmt::format("damaged: {} of the picture is missing", Share(missing / rows)));
}

Status CheckRest(const JpegComplaints& complaints, const std::vector<ZeroRun>& zeros,
                 bool arithmetic) {
  INLIER_RETURN_IF_ERROR(CheckZerosAtEnds(complaints, zeros));
  if (complaints.left_over_bytes > 0) {
    return Bad(
        fmt::format("damaged: {} bytes of its data were left over behind the last pixel, so "
                    "part of the picture is wrong",
                    complaints.left_over_bytes));
  }
  if (complaints.ended && arithmetic)  // its decoder takes zeros for what is missing
    return Bad("damaged: the end of the picture is missing");
  return {};
}

void WarnOfOddities(const JpegComplaints& complaints, std::vector<std::string>& warnings) {
  if (complaints.ended) warnings.emplace_back("the end marker is missing, but none of the pixels");
  if (complaints.stray_bytes > 0)
    warnings.push_back(fmt::format("stray bytes between segments ({})", complaints.stray_bytes));
  if (complaints.padding_bytes > 0)
    warnings.push_back(fmt::format("stray bytes behind the pixels ({})", complaints.padding_bytes));
  if (complaints.other[0] != '\0') warnings.emplace_back(complaints.other);
}

}  // namespace inlier
