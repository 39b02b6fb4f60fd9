#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/answer_file.h"
#include "cli/exit_code.h"
#include "cli/format.h"
#include "core/result.h"
#include "engine/report/report.h"
#include "inlier/answer.h"

namespace inlier::cli {

/// Takes the answers as the threads finish them and writes them in the order of the photos: to
/// stdout, or to the file of --out.
class OrderedAnswers {
 public:
  /// `keep_answers`: for the report. `file` may be null and must outlive this object.
  OrderedAnswers(AnswerFormat format, bool keep_answers, std::vector<std::string> photos,
                 AnswerFile* file);

  const std::vector<std::string>& photos() const { return photos_; }
  /// The answer to photo i. Safe to call from many threads.
  void Put(std::size_t i, Result<Answer> answer);
  std::size_t done();
  /// Whether all answers so far could be written. After one that could not, no more are written.
  Status written();

  // What follows is for the end of the run.

  std::size_t failed() const { return failed_; }
  ExitCode exit() const { return exit_; }
  /// The photos with their answers, all of which have to be there.
  std::vector<ReportedPhoto> Take();

 private:
  void Write(const std::string& photo, Result<Answer>& answer);

  AnswerFormat format_;
  bool keep_answers_;
  std::vector<std::string> photos_;
  AnswerFile* file_;
  std::mutex mutex_;
  std::vector<std::optional<Result<Answer>>> answers_;  // absent until a thread has put it
  std::size_t next_ = 0;                                // the first that is not written yet
  std::size_t done_ = 0, failed_ = 0;
  ExitCode exit_ = ExitCode::kDone;
  Status written_;
};

}  // namespace inlier::cli
