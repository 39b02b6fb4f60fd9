// JPEG by libjpeg-turbo. What is promised about damage: a picture of which libjpeg had to invent a
// pixel fails, and one that is only untidy is read with a warning. A changed bit after which the
// Huffman codes happen to fall into step again, with as many blocks as there should be, leaves no
// trace that any decoder could see; a checksum of the pixels is not part of the format.
#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "core/decode/bad_image.h"
#include "core/decode/embedded_profile.h"
#include "core/decode/formats.h"
#include "core/decode/jpeg_damage.h"
#include "core/decode/jpeg_segments.h"
#include "core/decode/jpeg_session.h"

namespace inlier {
namespace {

constexpr std::uint8_t kIccMarker = JPEG_APP0 + 2;

std::int64_t RoundedUp(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// A file of several scans is held as coefficients of 2 bytes until the last of them has been read.
Status CheckMemory(const jpeg_decompress_struct& info, const DecodeLimits& limits) {
  std::int64_t blocks = 0;
  for (int c = 0; c < info.num_components; ++c) {
    const jpeg_component_info& component = info.comp_info[c];
    blocks += RoundedUp(component.width_in_blocks, component.h_samp_factor) *
              RoundedUp(component.height_in_blocks, component.v_samp_factor);
  }
  const std::int64_t bytes = blocks * DCTSIZE2 * static_cast<std::int64_t>(sizeof(JCOEF));
  if (bytes <= limits.max_memory_bytes) return {};
  return Bad(
      fmt::format("a JPEG of several scans that takes {} bytes of memory to decode, more "
                  "than the limit of {}",
                  bytes, limits.max_memory_bytes));
}

// The DCT can be undone at n/8 of the size, for which only part of the coefficients is looked at.
// libjpeg-turbo has SIMD for a half and a quarter; 3/8 costs more than a half, and 5/8 to 7/8 cost
// twice as much as the whole, so the sink does better to reduce the next larger one itself.
void Shrink(jpeg_decompress_struct& info, int least_side_px) {
  const std::int64_t side = std::max(info.image_width, info.image_height);
  info.scale_num = info.scale_denom = 8;
  while (least_side_px > 0 && info.scale_num > 1 &&
         RoundedUp(side * info.scale_num / 2, 8) / 8 >= least_side_px)
    info.scale_num /= 2;
}

void ReadProfile(JpegSession& session, std::vector<std::string>& warnings) {
  std::size_t bytes = 0;
  for (const auto* marker = session.info.marker_list; marker != nullptr; marker = marker->next)
    bytes += marker->data_length;
  if (bytes > kMaxProfile_bytes) {
    warnings.push_back(fmt::format("a colour profile of {} bytes, which is ignored", bytes));
    return;
  }
  const bool read = session.Try(
      [](JpegSession& s) { std::ignore = jpeg_read_icc_profile(&s.info, &s.icc, &s.icc_bytes); });
  if (!read || session.complaints.bad_profile)
    warnings.emplace_back("the colour profile is incomplete and is ignored");
}

// Opens the file and reads its header. Everything up to here costs next to nothing.
Status Open(JpegSession& session, const DecodeTask& task) {
  const bool opened = session.Try([](JpegSession& s) {
    jpeg_create_decompress(&s.info);
    jpeg_mem_src(&s.info, s.jpeg().data(), s.jpeg().size());
    jpeg_save_markers(&s.info, kIccMarker, 0xFFFF);
    jpeg_read_header(&s.info, TRUE);
  });
  if (!opened) return Bad("JPEG: " + session.error());
  jpeg_decompress_struct& info = session.info;
  if (info.image_width != task.header.width_px || info.image_height != task.header.height_px)
    return Bad("JPEG: its header gives two sizes");
  if (jpeg_has_multiple_scans(&info) != 0) INLIER_RETURN_IF_ERROR(CheckMemory(info, task.limits));
  if (info.num_components == 1) info.out_color_space = JCS_GRAYSCALE;
  if (info.num_components == 3) info.out_color_space = JCS_RGB;
  if (info.num_components == 4) info.out_color_space = JCS_CMYK;
  info.dct_method = JDCT_ISLOW;
  info.do_block_smoothing = FALSE;  // it would blur over coefficients that are missing
  Shrink(info, task.least_side_px);
  return {};
}

// Photoshop writes CMYK so that 255 is bare paper, and says so nowhere but by its own marker. All
// programs that read such files invert them. Without the marker a sample is what its name says: an
// amount of ink.
bool IsInverted(const jpeg_decompress_struct& info) {
  return info.out_color_space == JCS_CMYK && info.saw_Adobe_marker != 0;
}

Samples SamplesOf(const jpeg_decompress_struct& info) {
  if (info.out_color_space == JCS_GRAYSCALE) return Samples::kGrey;
  return info.out_color_space == JCS_CMYK ? Samples::kCmyk : Samples::kRgb;
}

// Reads what follows the last row, which is the end marker if all is well.
void ReadToEnd(JpegSession& session) {
  while (jpeg_consume_input(&session.info) != JPEG_REACHED_EOI) {
  }
}

// Passes over rows up to before `end`: their data is read, and so is its damage, but no pixel is
// made from it. False when libjpeg met an error.
bool SkipTo(JpegSession& session, int end) {
  session.row_end = std::min(static_cast<JDIMENSION>(std::max(end, 0)), session.info.output_height);
  return session.Try([](JpegSession& s) {
    if (s.info.output_scanline < s.row_end)
      jpeg_skip_scanlines(&s.info, s.row_end - s.info.output_scanline);
  });
}

// Hands the sink the rows that it needs. False when libjpeg met an error.
bool ReadRows(JpegSession& session, std::size_t row_bytes, RowSink& sink) {
  const bool inverted = IsInverted(session.info);
  const RowRange needed = sink.Needed();
  if (!SkipTo(session, needed.begin)) return false;
  sink.Skip(static_cast<int>(session.info.output_scanline));
  std::vector<std::uint8_t> row(row_bytes);
  session.row = row.data();
  const auto end = std::min(static_cast<JDIMENSION>(needed.end), session.info.output_height);
  while (session.info.output_scanline < end) {
    if (!session.Try([](JpegSession& s) { jpeg_read_scanlines(&s.info, &s.row, 1); })) return false;
    if (inverted) std::ranges::transform(row, row.begin(), [](std::uint8_t v) { return 255 - v; });
    sink.Row(row.data());
  }
  return SkipTo(session, std::numeric_limits<int>::max());
}

}  // namespace

Status DecodeJpeg(const DecodeTask& task, RowSink& sink) {
  const auto start = JpegStart(task.file);
  if (!start) return Bad("JPEG: start marker missing");
  const Bytes jpeg = task.file.subspan(*start);
  const std::vector<ZeroRun> zeros = LongZeroRuns(jpeg);
  INLIER_RETURN_IF_ERROR(CheckHoles(zeros));
  JpegSession session(jpeg, task.header.scans);
  INLIER_RETURN_IF_ERROR(Open(session, task));
  if (*start > 0)
    task.warnings.push_back(fmt::format("stray bytes before the picture ({})", *start));
  ReadProfile(session, task.warnings);
  if (!session.Try([](JpegSession& s) { jpeg_start_decompress(&s.info); }))
    return Bad("damaged: " + session.error());
  RowLayout layout{.width_px = static_cast<int>(session.info.output_width),
                   .height_px = static_cast<int>(session.info.output_height),
                   .samples = SamplesOf(session.info)};
  if (session.icc != nullptr) layout.colour.icc = {session.icc, session.icc_bytes};
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  if (!ReadRows(session, layout.row_bytes(), sink)) return Bad("damaged: " + session.error());
  // A hole at the end explains itself better than the rows that it costs.
  const Status rows = CheckRows(session);
  const bool arithmetic = session.info.arith_code != 0;
  // All rows are there. Anything after them that is not JPEG does them no harm.
  if (!session.Try(&ReadToEnd))
    task.warnings.emplace_back("what follows the picture is no JPEG: " + session.error());
  INLIER_RETURN_IF_ERROR(CheckRest(session.complaints, zeros, arithmetic));
  INLIER_RETURN_IF_ERROR(rows);
  WarnOfOddities(session.complaints, task.warnings);
  return {};
}

}  // namespace inlier
