#include "tests/crash/commands.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>

#include "inlier/engine.h"
#include "tests/crash/process.h"
#include "tests/support/drawn.h"

namespace inlier::test {
namespace {

constexpr int kPictures = 20;
constexpr int kPhotosPerLook = 4;

std::string Id(int number) { return "p" + std::to_string(number); }

}  // namespace

std::string Commands::Picture(int number) const {
  return (folder_ / ("shop/" + Id(number) + ".jpg")).string();
}

void Commands::DrawPictures() {
  if (drawn_) return;
  for (int i = 0; i < kPictures; ++i)
    WriteImage(Picture(i), DrawTexture(static_cast<unsigned>(100 + i), 200, 150));
  drawn_ = true;
}

// Prints the id of every item. If something is wrong, it prints the error and returns 1.
int Commands::Look(const std::string& db, unsigned seed) const {
  const auto wrong = [](const std::string& what) { return Say(what), 1; };
  const auto engine = Engine::Open(db, OpenMode::kCreate);
  if (!engine) return wrong(engine.error().message);
  const auto report = (*engine)->Check();
  if (!report) return wrong(report.error().message);
  if (!report->problems.empty()) return wrong(report->problems.front());
  std::vector<std::string> ids;
  const Status listed = (*engine)->ForEach([&](const ItemRecord& record) {
    ids.push_back(record.id);
    return Say(record.id);
  });
  if (!listed) return wrong(listed.error().message);
  std::mt19937 random(seed);
  for (int i = 0; i < kPhotosPerLook && !ids.empty(); ++i) {
    const std::string& id = ids[random() % ids.size()];
    const auto answer = (*engine)->Query(std::filesystem::path(Picture(std::stoi(id.substr(1)))));
    if (!answer) return wrong(answer.error().message);
    if (answer->hits.empty() || answer->hits.front().id != id)
      return wrong(id + " does not answer its own photo");
  }
  return 0;
}

Commands::Command Commands::IndexSome(std::mt19937& random, int number) const {
  Command command{.sure = items_, .possible = items_};
  std::string table = "id,image\n";
  for (int i = 0; i < kPictures; ++i) {
    if (random() % 3 == 0) continue;
    table += fmt::format("{},{}.jpg\n", Id(i), Id(i));
    command.done.insert(Id(i));
  }
  if (command.done.insert(Id(number)).second)
    table += fmt::format("{},{}.jpg\n", Id(number), Id(number));
  WriteBytes(folder_ / "shop/catalogue.csv", table);
  command.arguments = {"index", (folder_ / "shop").string(), "--prune", "--threads", "2"};
  command.possible.insert(command.done.begin(), command.done.end());
  std::erase_if(command.sure, [&](const std::string& id) { return !command.done.contains(id); });
  return command;
}

Commands::Command Commands::Choose(std::mt19937& random) const {
  const int number = static_cast<int>(random() % kPictures);
  const unsigned dice = items_.empty() ? 0 : random() % 8;
  if (dice < 4) return IndexSome(random, number);
  Command command{.sure = items_, .possible = items_, .done = items_};
  if (dice < 6) {
    command.arguments = {"add", Picture(number)};
    command.possible.insert(Id(number));
    command.done.insert(Id(number));
  } else if (dice == 6) {
    const auto at = static_cast<std::ptrdiff_t>(random() % items_.size());
    const std::string gone = *std::next(items_.begin(), at);
    command.arguments = {"remove", gone};
    command.sure.erase(gone);
    command.done.erase(gone);
  } else {
    command.arguments = {"rebuild"};
  }
  return command;
}

std::optional<std::string> Commands::Round(std::mt19937& random) {
  DrawPictures();
  const std::string db = (folder_ / "db").string();
  Command command = Choose(random);
  const std::string name = command.arguments.front();
  std::vector<std::string> arguments{INLIER_PROGRAM};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  arguments.insert(arguments.end(), {"--db", db, "--quiet"});
  const Ended ended = RunProcess(arguments, std::chrono::microseconds(random() % 400'000));
  killed_ = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;
  if (!killed_) {
    if (!WIFEXITED(ended.status) || WEXITSTATUS(ended.status) != 0)
      return fmt::format("{} ended with {:x}", name, ended.status);
    command.sure = command.possible = command.done;
  }
  const unsigned seed = static_cast<unsigned>(random());
  const Ended looked = RunForked([&] { return Look(db, seed); }, std::chrono::hours(1));
  if (looked.timed_out) return "opening hung";
  if (looked.status != 0)
    return name + ": " + (looked.lines.empty() ? "opening crashed" : looked.lines.back());
  items_ = {looked.lines.begin(), looked.lines.end()};
  for (const std::string& id : command.sure) {
    if (!items_.contains(id)) return name + ": " + id + " is lost";
  }
  for (const std::string& id : items_) {
    if (!command.possible.contains(id)) return name + ": " + id + " was never put";
  }
  return std::nullopt;
}

}  // namespace inlier::test
