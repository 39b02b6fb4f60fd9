#include "tests/cli/shop.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace inlier::test {
namespace {

constexpr int kSide_px = 240;

std::string OutputOf(pid_t process, std::string_view stream) {
  return fmt::format("{}.{}", process, stream);
}

// This runs in the child after fork(), where only system calls are safe.
void Redirect(const std::string& path, int flags, int descriptor) {
  const int file = open(path.c_str(), flags | O_CREAT, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
}

}  // namespace

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> lines;
  std::stringstream text(out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

Shop::Shop()
    : mug_(DrawTexture(1, kSide_px, kSide_px)),
      tea_(DrawTexture(2, kSide_px, kSide_px)),
      map_(DrawTexture(3, kSide_px, kSide_px)) {
  WriteImage(folder_ / "items/mug.png", mug_);
  WriteImage(folder_ / "items/tea.png", tea_);
  WriteImage(folder_ / "items/map.png", map_);
  WriteBytes(folder_ / "items/catalogue.csv",
             "id,image,category,price\nmug,mug.png,kitchen,12\ntea,tea.png,kitchen,3\nmap,map.png,"
             "travel,9\n");
  WritePhotoOf(mug_, "mug_photo.jpg");
  WritePhotoOf(tea_, "tea_photo.jpg");
  WriteImage(folder_ / "other.jpg", DrawTexture(77, 400, 300));
}

void Shop::WritePhotoOf(const Image& item, const std::string& name) const {
  WriteImage(
      folder_ / name,
      Warp(item, Similarity(item.width_px, item.height_px, 0.9, 0.3, {220, 170}), 440, 340, 9));
}

pid_t Shop::Start(const std::vector<std::string>& arguments, std::string_view input) const {
  WriteBytes(folder_ / "input", input);
  std::vector<std::string> words{INLIER_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  if (chdir(folder_.path().c_str()) != 0) _exit(126);
  Redirect("input", O_RDONLY, STDIN_FILENO);
  Redirect(OutputOf(getpid(), "out"), O_WRONLY | O_TRUNC, STDOUT_FILENO);
  Redirect(OutputOf(getpid(), "err"), O_WRONLY | O_TRUNC, STDERR_FILENO);
  if (limit_ && setrlimit(static_cast<__rlimit_resource>(limit_->first), &limit_->second) != 0)
    _exit(126);
  execv(argv[0], argv.data());
  _exit(127);
}

Outcome Shop::Finish(pid_t process) const {
  int status = 0;
  waitpid(process, &status, 0);
  return {.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = ReadText(File(OutputOf(process, "out"))),
          .err = ReadText(File(OutputOf(process, "err")))};
}

Outcome Shop::Inlier(const std::vector<std::string>& arguments, std::string_view input) const {
  return Finish(Start(arguments, input));
}

void Shop::Limit(int resource, rlim_t soft, rlim_t hard) {
  limit_ = {resource, {.rlim_cur = soft, .rlim_max = hard}};
}

void Shop::Index() const {
  const Outcome run = Inlier({"index", "items", "--db", "shop.db"});
  ASSERT_EQ(run.exit, 0) << run.err;
  ASSERT_EQ(run.out, "3 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n");
  ASSERT_EQ(run.err, "");
}

}  // namespace inlier::test
