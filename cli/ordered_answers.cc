#include "cli/ordered_answers.h"

#include <algorithm>
#include <utility>

#include "cli/console.h"

namespace inlier::cli {

OrderedAnswers::OrderedAnswers(AnswerFormat format, bool keep_answers,
                               std::vector<std::string> photos, AnswerFile* file)
    : format_(std::move(format)),
      keep_answers_(keep_answers),
      photos_(std::move(photos)),
      file_(file),
      answers_(photos_.size()) {}

void OrderedAnswers::Put(std::size_t i, Result<Answer> answer) {
  std::lock_guard lock(mutex_);
  answers_[i] = std::move(answer);
  ++done_;
  for (; written_ && next_ < answers_.size() && answers_[next_]; ++next_)
    Write(photos_[next_], *answers_[next_]);
}

std::size_t OrderedAnswers::done() {
  std::lock_guard lock(mutex_);
  return done_;
}

Status OrderedAnswers::written() {
  std::lock_guard lock(mutex_);
  return written_;
}

std::vector<ReportedPhoto> OrderedAnswers::Take() {
  std::vector<ReportedPhoto> reported;
  for (std::size_t i = 0; i < photos_.size(); ++i)
    reported.push_back({photos_[i], std::move(*answers_[i])});
  return reported;
}

void OrderedAnswers::Write(const std::string& photo, Result<Answer>& answer) {
  const std::string text = AnswerText(format_, photo, answer);
  if (file_ == nullptr) {
    Print(text);
  } else {
    written_ = file_->Append(text);
  }
  if (!answer) {
    Complain(photo + ": " + answer.error().message);
    const bool damaged = ExitCodeFor(answer.error().code) == ExitCode::kDamaged;
    exit_ = std::max(exit_, damaged ? ExitCode::kDamaged : ExitCode::kSomeFailed);
    ++failed_;
    return;
  }
  for (const std::string& warning : answer->warnings) Complain(photo + ": " + warning);
  if (!keep_answers_) *answer = {};  // gives the memory back; a run may have a million photos
}

}  // namespace inlier::cli
