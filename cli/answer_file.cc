#include "cli/answer_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "cli/answered_photos.h"
#include "cli/format.h"
#include "core/file.h"

namespace inlier::cli {
namespace {

tl::unexpected<Error> SystemError(const std::string& path) {
  return Fail(ErrorCode::kIo, path + ": " + CauseOf(errno));
}

// Two runs that append to one file would mix their answers. A file system without locks cannot
// prevent that.
Status Lock(int file, const std::string& path) {
  if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return Fail(ErrorCode::kBusy, path + ": another process is writing answers to it");
}

}  // namespace

AnswerFile::~AnswerFile() { close(file_); }

Result<std::unique_ptr<AnswerFile>> AnswerFile::Open(const std::string& path,
                                                     const std::string& format,
                                                     const std::vector<std::string>& photos) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) return SystemError(path);
  std::unique_ptr<AnswerFile> answers(new AnswerFile(path, file));
  struct stat about {};
  if (fstat(file, &about) != 0) return SystemError(path);
  if (!S_ISREG(about.st_mode))
    return Fail(ErrorCode::kInvalidArgument, path + ": --out needs a file that can be read again");
  INLIER_RETURN_IF_ERROR(Lock(file, path));
  INLIER_ASSIGN_OR_RETURN(AnsweredPhotos found, ReadAnsweredPhotos(path, format));

  std::unordered_map<std::string, std::size_t> asked;
  for (const std::string& photo : photos) ++asked[NameIn(format, photo)];
  // The rows of the last photo may not all be there. It is queried again, unless this run does not
  // have it: then its rows stay.
  if (!found.last.empty() && asked[found.last] >= found.answers[found.last]) {
    --found.answers[found.last];
    found.complete_bytes = found.last_begin_bytes;
  }
  for (const auto& [photo, count] : found.answers) answers->answered_ += count;
  answers->failed_ = found.failed;
  for (const std::string& photo : photos) {
    const auto there = found.answers.find(NameIn(format, photo));
    if (there == found.answers.end() || there->second == 0)
      answers->pending_.push_back(photo);
    else
      --there->second;
  }
  if (ftruncate(file, static_cast<off_t>(found.complete_bytes)) != 0) return SystemError(path);
  if (found.complete_bytes == 0) INLIER_RETURN_IF_ERROR(answers->Append(AnswerHeader(format)));
  return answers;
}

Status AnswerFile::Append(std::string_view answer) {
  while (!answer.empty()) {
    const ssize_t written = write(file_, answer.data(), answer.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path_);
    answer.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status AnswerFile::Sync() {
  if (fsync(file_) != 0 && errno != EINVAL) return SystemError(path_);
  return {};
}

}  // namespace inlier::cli
