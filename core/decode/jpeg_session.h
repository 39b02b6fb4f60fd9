#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include <jpeglib.h>

#include "core/decode/formats.h"

namespace inlier {

/// What libjpeg complained about while it decoded, sorted by what it means for the pixels.
struct JpegComplaints {
  int broken_rows = 0;              // rows of blocks in which codes were wrong or missing
  int first_row = 0;                // of those rows
  int first_scan = 0;               // the scan of it
  bool ended = false;               // the file ended before its end marker
  std::size_t stray_bytes = 0;      // between segments, before the first scan
  std::size_t padding_bytes = 0;    // zeros behind a scan, or a few bytes of any kind
  std::size_t left_over_bytes = 0;  // more than that: the scan was out of step
  bool bad_profile = false;
  char other[JMSG_LENGTH_MAX] = {};  // the first of any other kind
};

/// A decompressor of libjpeg whose errors end the call that met them, and whose warnings are kept.
/// Nothing is printed.
class JpegSession {
 public:
  JpegSession(Bytes jpeg, std::int64_t max_scans);
  ~JpegSession();
  JpegSession(const JpegSession&) = delete;
  JpegSession& operator=(const JpegSession&) = delete;

  /// Calls `step`, a lambda without captures, which may call libjpeg but own nothing: an error
  /// jumps out of it, past all destructors. False after an error; `error()` says which.
  bool Try(void (*step)(JpegSession&));
  Bytes jpeg() const { return jpeg_; }
  std::string error() const { return message_; }

  jpeg_decompress_struct info{};
  JpegComplaints complaints;
  // Where steps store what they make.
  JOCTET* icc = nullptr;
  unsigned icc_bytes = 0;
  JSAMPROW row = nullptr;
  JDIMENSION row_end = 0;  // where SkipTo stops

 private:
  static JpegSession& Of(j_common_ptr info);
  static void Throw(j_common_ptr info);
  static void Note(j_common_ptr info, int level);
  static void CheckScans(j_common_ptr info);
  void NoteBroken();
  void NoteExtraneous(std::size_t bytes);

  Bytes jpeg_;
  std::int64_t max_scans_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  int last_row_ = -1;
  char message_[JMSG_LENGTH_MAX] = {};
};

}  // namespace inlier
