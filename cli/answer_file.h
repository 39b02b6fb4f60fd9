#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inlier::cli {

/// The file of --out. Answers are appended photo by photo, so that what a run has written stays
/// when it is killed, but for the last line, which may be torn. The next run with the same file
/// finds out which photos it holds, cuts off what is torn, and goes on with the others.
class AnswerFile {
 public:
  /// `format`: "csv" or "jsonl". `photos`: all that are to be answered. Errors: kInvalidArgument (a
  /// file with other content, or in another format), kBusy (another process writes to it), kIo.
  static Result<std::unique_ptr<AnswerFile>> Open(const std::string& path,
                                                  const std::string& format,
                                                  const std::vector<std::string>& photos);
  ~AnswerFile();
  AnswerFile(const AnswerFile&) = delete;
  AnswerFile& operator=(const AnswerFile&) = delete;

  /// The photos that have no answer in the file yet, in their order.
  const std::vector<std::string>& pending() const { return pending_; }
  /// How many answers were in the file when it was opened, and how many of them say that the photo
  /// could not be read.
  std::size_t answered() const { return answered_; }
  std::size_t failed() const { return failed_; }

  /// Appends what AnswerText made of one photo. Errors: kIo.
  Status Append(std::string_view answer);
  /// Sees to it that everything is on disk. Errors: kIo.
  Status Sync();

 private:
  AnswerFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  int file_;
  std::vector<std::string> pending_;
  std::size_t answered_ = 0, failed_ = 0;
};

}  // namespace inlier::cli
