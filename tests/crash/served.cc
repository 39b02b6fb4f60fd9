#include "tests/crash/served.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "server/server.h"
#include "tests/crash/disk_image.h"
#include "tests/crash/process.h"
#include "tests/support/drawn.h"
#include "tests/support/http.h"

namespace inlier::test {
namespace {

constexpr int kClients = 4;
constexpr int kChanges = 12;  // of each client, until the server is told to stop
constexpr int kIds = 6;       // of each client
constexpr int kPictures = 8;

std::string Picture(unsigned number) {
  static const std::vector<std::string> pictures = [] {
    std::vector<std::string> made;
    for (unsigned i = 0; i < kPictures; ++i) {
      const auto bytes = EncodeJpeg(DrawTexture(300 + i, 96, 80), 85);
      made.emplace_back(bytes.begin(), bytes.end());
    }
    return made;
  }();
  return pictures[number % kPictures];
}

// Lines of several clients must not run into each other.
bool SayAlone(const std::string& line) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  return Say(line);
}

// One client: says what it is going to change, changes it, and says whether that was acknowledged.
void Change(int client, int port, unsigned seed) {
  std::mt19937 random(seed);
  RawConnection connection(port);
  for (int i = 0; i < kChanges; ++i) {
    const std::string id = fmt::format("c{}-{}", client, random() % kIds);
    const std::string value = std::to_string(random());
    const unsigned dice = random() % 6;
    std::string request, what;
    if (dice < 3) {
      const std::string metadata = fmt::format(R"({{"v":"{}"}})", value);
      request = RequestText("PUT", "/v1/items/" + id,
                            MultipartBody({FilePart("picture", "", Picture(random())),
                                           FilePart("metadata", "", metadata)}),
                            {kMultipartHeader});
      what = value;
    } else if (dice < 5) {
      what = value;
      const std::string body = fmt::format(R"({{"metadata":{{"v":"{}"}}}})", value);
      request = RequestText("PATCH", "/v1/items/" + id, body, {"Content-Type: application/json"});
    } else {
      request = RequestText("DELETE", "/v1/items/" + id);
      what = "-";
    }
    if (!SayAlone(fmt::format("{} try {} {}", client, id, what))) return;
    if (!connection.Send(request)) return;
    const int status = connection.Receive().status;
    if (status == 0) return;
    const bool done = status == 200 || status == 201 || status == 204;
    const bool refused = status == 404;
    if (!done && !refused) SayAlone(fmt::format("wrong {} {}", id, status));
    if (!SayAlone(fmt::format("{} {}", client, done ? "ok" : "no"))) return;
  }
}

}  // namespace

// Runs in the process that dies: the server, and its clients beside it.
int Served::RunServer(unsigned seed) const {
  server::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.log = "none";
  options.workers = 1;
  options.min_free_disk_mb = 0;
  std::thread clients;
  const auto listening = [&](const std::string& address) {
    const int port = std::stoi(address.substr(address.rfind(':') + 1));
    clients = std::thread([port, seed] {
      for (bool ready = false; !ready;) {
        RawConnection connection(port);
        connection.Send(RequestText("GET", "/readyz"));
        ready = connection.Receive().status == 200;
      }
      Say("opened");
      std::vector<std::thread> threads;
      for (int i = 0; i < kClients; ++i)
        threads.emplace_back(test::Change, i, port, seed + static_cast<unsigned>(i));
      for (std::thread& thread : threads) thread.join();
      kill(getpid(), SIGTERM);
    });
  };
  const Status served = server::Serve(options, folder_ / "disk/db", listening);
  if (clients.joinable()) clients.join();
  if (!served) return Say("wrong " + served.error().message), 2;
  return 0;
}

// Prints each item with its value. If something is wrong, it prints the error and returns 1.
int Served::Look(const std::string& db) {
  const auto wrong = [](const std::string& what) { return Say(what), 1; };
  const auto engine = Engine::Open(db, OpenMode::kCreate);
  if (!engine) return wrong(engine.error().message);
  const auto report = (*engine)->Check();
  if (!report) return wrong(report.error().message);
  if (!report->problems.empty()) return wrong(report->problems.front());
  const Status listed = (*engine)->ForEach([](const ItemRecord& record) {
    return Say(record.id + " " + (record.metadata.empty() ? "?" : record.metadata.front().second));
  });
  return listed ? 0 : wrong(listed.error().message);
}

std::optional<std::string> Served::Round(std::mt19937& random, bool power_cut) {
  std::filesystem::create_directories(folder_ / "disk");
  DiskImage disk(folder_ / "disk", folder_ / "state");
  if (power_cut) disk.Begin();
  const std::uint64_t event = power_cut ? 1 + random() % 500 : 0;
  const auto kill_after = power_cut ? std::chrono::microseconds(std::chrono::hours(1))
                                    : std::chrono::microseconds(random() % 600'000);
  const unsigned seed = static_cast<unsigned>(random());
  const Ended ended = RunForked(
      [&] {
        if (power_cut && !disk.Watch(event)) return 4;
        return RunServer(seed);
      },
      kill_after);
  if (ended.timed_out) return "it hung";
  killed_ = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;
  if (!killed_ && ended.status != 0)
    return fmt::format("it ended by itself (wait status {:x})", ended.status);
  if (power_cut && killed_) disk.FailPower(random);
  std::map<std::string, struct Change> trying;  // by client
  for (const std::string& line : ended.lines) {
    std::istringstream words(line);
    std::string client, what, id, value;
    words >> client >> what >> id >> value;
    if (client == "wrong") return line;
    if (what == "try") {
      trying[client] = {id, value == "-" ? std::nullopt : std::optional(value)};
    } else if (what == "ok" || what == "no") {
      const struct Change& change = trying.at(client);
      if (what == "ok") ++changes_;
      if (what == "ok" && change.value) items_[change.id] = *change.value;
      if (what == "ok" && !change.value) items_.erase(change.id);
      trying.erase(client);
    }
  }
  const Ended looked =
      RunForked([&] { return Look((folder_ / "disk/db").string()); }, std::chrono::hours(1));
  if (looked.timed_out) return "opening hung";
  if (looked.status != 0) return looked.lines.empty() ? "opening crashed" : looked.lines.back();
  Items found;
  for (const std::string& line : looked.lines)
    found[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
  // What was tried and not answered may have taken place.
  for (const auto& [client, change] : trying) {
    const auto at = found.find(change.id);
    const bool made = at == found.end() ? !change.value : change.value == at->second;
    if (made && change.value) items_[change.id] = *change.value;
    if (made && !change.value) items_.erase(change.id);
  }
  if (found == items_) return std::nullopt;
  for (const auto& [id, value] : items_)
    if (!found.contains(id) || found[id] != value) return "the server lost " + id;
  return "there is an item that nobody has put";
}

}  // namespace inlier::test
