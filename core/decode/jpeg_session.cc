#include "core/decode/jpeg_session.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <jerror.h>

namespace inlier {
namespace {

// Some cameras leave a byte or two after a scan, and so do programs that append a line end.
constexpr std::size_t kFewBytes = 4;

}  // namespace

JpegSession::JpegSession(Bytes jpeg, std::int64_t max_scans) : jpeg_(jpeg), max_scans_(max_scans) {
  info.err = jpeg_std_error(&errors_);
  info.client_data = this;
  errors_.error_exit = &Throw;
  errors_.emit_message = &Note;
  errors_.output_message = [](j_common_ptr) {};
  progress_.progress_monitor = &CheckScans;
}

JpegSession::~JpegSession() {
  jpeg_destroy_decompress(&info);
  std::free(icc);  // libjpeg allocated it by malloc
}

bool JpegSession::Try(void (*step)(JpegSession&)) {
  if (setjmp(escape_) != 0) return false;
  step(*this);
  info.progress = &progress_;  // jpeg_create_decompress forgets it
  return true;
}

JpegSession& JpegSession::Of(j_common_ptr info) {
  return *static_cast<JpegSession*>(info->client_data);
}

void JpegSession::Throw(j_common_ptr info) {
  JpegSession& session = Of(info);
  info->err->format_message(info, session.message_);
  std::longjmp(session.escape_, 1);
}

// A file can hide scans from our count of them where libjpeg looks for its next restart marker.
void JpegSession::CheckScans(j_common_ptr info) {
  JpegSession& session = Of(info);
  if (session.info.input_scan_number <= session.max_scans_) return;
  std::snprintf(session.message_, sizeof(session.message_), "more scans than were counted");
  std::longjmp(session.escape_, 1);
}

void JpegSession::NoteBroken() {
  const int at = static_cast<int>(info.input_iMCU_row);
  if (complaints.broken_rows == 0) {
    complaints.first_row = at;
    complaints.first_scan = info.input_scan_number;
  }
  if (complaints.broken_rows == 0 || at != last_row_) ++complaints.broken_rows;
  last_row_ = at;
}

// Bytes before the first scan are only in the way. Bytes behind coded data mean, as a rule, that a
// hole or a changed bit put the decoder out of step, so that it had all pixels before it had read
// all data. But some encoders fill up a sector behind a scan with zeros.
void JpegSession::NoteExtraneous(std::size_t bytes) {
  if (info.input_scan_number == 0) {
    complaints.stray_bytes += bytes;
    return;
  }
  // They stand before what is read next, or at the end of the file when that has been reached.
  const std::uint8_t* end = info.src->next_input_byte;
  const std::uint8_t* const file_end = jpeg_.data() + jpeg_.size();
  if (std::less<>()(end, jpeg_.data()) || std::less<>()(file_end, end)) end = file_end;
  const std::size_t size = std::min(bytes, static_cast<std::size_t>(end - jpeg_.data()));
  const bool zeros = std::all_of(end - size, end, [](std::uint8_t byte) { return byte == 0; });
  (zeros || bytes <= kFewBytes ? complaints.padding_bytes : complaints.left_over_bytes) += bytes;
}

// libjpeg reports a warning by level -1, and what it reads by levels above.
void JpegSession::Note(j_common_ptr info, int level) {
  if (level >= 0) return;
  JpegSession& session = Of(info);
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:  // more codes were due than a scan had
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      return session.NoteBroken();
    case JWRN_JPEG_EOF:
      session.complaints.ended = true;
      return;
    case JWRN_EXTRANEOUS_DATA:
      return session.NoteExtraneous(static_cast<std::size_t>(info->err->msg_parm.i[0]));
    case JWRN_BOGUS_ICC:
      session.complaints.bad_profile = true;
      return;
    default:
      if (session.complaints.other[0] == '\0')
        info->err->format_message(info, session.complaints.other);
  }
}

}  // namespace inlier
