#include "server/service.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace inlier::server {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr int kReadThreads = 2;
constexpr std::size_t kReadQueue = 1'000;
constexpr auto kReadWait = std::chrono::seconds(5);
constexpr auto kChangeWait = std::chrono::seconds(5);
constexpr auto kChangePause = std::chrono::milliseconds(20);

double ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  double total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::uint64_t DrawnNumber() {
  std::random_device device;
  const std::uint64_t drawn = std::uint64_t{device()} << 32 | device();
  return std::max<std::uint64_t>(drawn, 1);
}

fs::path Beside(const fs::path& database, const char* ending) {
  fs::path path = fs::absolute(database).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path += ending;
}

}  // namespace

DecodeLimits LimitsOf(const ServerOptions& options) {
  DecodeLimits limits;
  limits.max_side_px = options.max_side_px;
  limits.max_file_bytes = std::int64_t{options.max_body_kb} * 1'000;
  limits.max_memory_bytes = std::int64_t{options.decode_memory_mb} * 1'000'000 /
                            (2 * std::int64_t{options.worker_count()});
  return limits;
}

Service::Service(const ServerOptions& given, const fs::path& folder, AccessLog& to)
    : started(TimeNow()),
      server_number(DrawnNumber()),
      options(given),
      database(folder),
      log(to),
      rate(given.requests_per_minute),
      queries(given.worker_count(), static_cast<std::size_t>(given.queue_length()),
              std::chrono::milliseconds(given.queue_wait_ms)),
      reads(kReadThreads, kReadQueue, kReadWait) {}

Service::~Service() { Stop(); }

Status Service::LoadKeys() {
  return options.keys_file.empty() ? Status() : keys.Load(options.keys_file);
}

Status Service::Open() {
  if (!options.cluster.empty()) {
    Cluster::Options cluster{.file = options.cluster, .limits = LimitsOf(options), .notice = {}};
    cluster.answer_timeout = std::chrono::milliseconds(options.answer_timeout_ms);
    cluster.notice = [this](const std::string& line) { log.Note("warning", line); };
    cluster_ = std::make_unique<Cluster>(std::move(cluster));
    Status following = cluster_->Start();
    if (!following) return following;
    opened_ = true;
    return {};
  }
  Engine::OpenOptions open{.threads = options.worker_count()};
  open.limits = LimitsOf(options);
  open.notice = [this](const std::string& line) { log.Note("warning", line); };
  auto engine = Engine::Open(database, options.read_only ? OpenMode::kRead : OpenMode::kCreate,
                             std::move(open));
  if (!engine) return tl::unexpected(engine.error());
  engine_ = std::move(*engine);
  if (!options.read_only) {
    // What a killed process has left behind. Only the owner of the lock may remove it.
    std::error_code ec;
    fs::remove_all(work_folder(), ec);
  }
  if (options.read_only) {
    follower_ = std::thread([this] { Follow(); });
  } else {
    writer_ = std::make_unique<Writer>(*engine_, static_cast<std::size_t>(options.write_queue),
                                       static_cast<std::size_t>(options.write_group),
                                       options.worker_count());
  }
  opened_ = true;
  return {};
}

Result<Answer> Service::Ask(std::span<const std::uint8_t> photo, const QueryOptions& query) const {
  if (!cluster()) return engine()->Query(photo, query);
  const auto sharded = cluster()->engine();
  const auto placement = cluster()->placement();
  auto answer = sharded->Query(photo, query);
  if (answer) answer->last_change = Cluster::AppliedBy(*placement);
  return answer;
}

bool Service::WaitForChange(std::uint64_t number, const std::atomic<bool>& cancelled) const {
  const auto arrived = [&] {
    return (cluster() ? Cluster::AppliedBy(*cluster()->placement()) : engine()->last_change()) >=
           number;
  };
  if (arrived()) return true;
  // A request that waits holds a worker, and those that do not wait need some as well.
  const int most = std::max(1, static_cast<int>(options.worker_count()) / 2);
  const auto until = std::chrono::steady_clock::now() + kChangeWait;
  bool waits = ++waiting_for_change_ <= most;
  while (waits && !arrived()) {
    waits = !cancelled && !stopping_ && std::chrono::steady_clock::now() <= until;
    std::this_thread::sleep_for(kChangePause);
  }
  --waiting_for_change_;
  return waits;
}

void Service::Follow() {
  std::unique_lock lock(follow_mutex_);
  const auto pause = std::chrono::milliseconds(options.refresh_ms);
  while (!follow_wake_.wait_for(lock, pause, [this] { return follow_stop_; })) {
    lock.unlock();
    const auto refreshed = engine_->Refresh();
    if (!refreshed && !behind_) log.Note("warning", "following: " + refreshed.error().message);
    behind_ = !refreshed;
    lock.lock();
  }
}

void Service::Stop() {
  BeginStop();
  const auto until = WorkPool::Clock::now() + std::chrono::milliseconds(options.stop_timeout_ms);
  queries.Drain(until);
  reads.Drain(until);
  queries.Stop();
  reads.Stop();
  jobs.Stop();
  if (writer_) writer_->Stop();
  if (cluster_) {
    cluster_->Stop();
    std::error_code ec;
    fs::remove_all(work_folder(), ec);
    fs::remove(work_folder().parent_path(), ec);  // unless another gateway works there
  }
  {
    std::lock_guard lock(follow_mutex_);
    follow_stop_ = true;
  }
  follow_wake_.notify_all();
  if (follower_.joinable()) follower_.join();
}

bool Service::DiskIsFull() const {
  std::error_code ec;
  const fs::path place = cluster_ ? fs::absolute(options.cluster).parent_path() : database;
  const fs::space_info space = fs::space(place, ec);
  return !ec && space.available < static_cast<std::uint64_t>(options.min_free_disk_mb) * kMegabyte;
}

std::string Service::NotReady() const {
  if (stopping_) return "stopping";
  if (!opened_) return "loading";
  if (cluster_) return cluster_->NotReady();
  std::error_code ec;
  if (!fs::exists(database / "CURRENT", ec)) return "database_gone";
  if (behind_) return "behind";
  if (!options.read_only && DiskIsFull()) return "disk_full";
  if (writer_ && writer_->failing()) return "writes_fail";
  return "";
}

Metrics::Levels Service::LevelsNow() const {
  Metrics::Levels levels{.connections = static_cast<double>(connections),
                         .queries_waiting = static_cast<double>(queries.waiting()),
                         .queries_running = static_cast<double>(queries.running()),
                         .body_bytes = static_cast<double>(body_bytes),
                         .ready = NotReady().empty() ? 1.0 : 0.0,
                         .resident_bytes = ResidentBytes()};
  if (const Cluster* gateway = cluster()) {
    const auto placement = gateway->placement();
    levels.last_change = static_cast<double>(Cluster::AppliedBy(*placement));
    levels.shards = static_cast<double>(placement->shards.size());
    levels.shard_requests = static_cast<double>(gateway->hedges().requests);
    levels.shard_hedges = static_cast<double>(gateway->hedges().hedged);
    for (const auto& shard : placement->shards) {
      levels.items += static_cast<double>(shard.items);
      levels.shards_served += shard.replicas.empty() ? 0 : 1;
    }
    return levels;
  }
  std::error_code ec;
  const fs::space_info space = fs::space(database, ec);
  if (!ec) levels.free_disk_bytes = static_cast<double>(space.available);
  if (const Engine* opened = engine()) {
    if (const auto stats = opened->Stats()) {
      levels.items = static_cast<double>(stats->items);
      levels.index_bytes = static_cast<double>(stats->index_bytes + stats->mapped_bytes);
      levels.disk_bytes = static_cast<double>(stats->disk_bytes);
      levels.generation = static_cast<double>(stats->generation);
      levels.last_change = static_cast<double>(stats->last_change);
      levels.write_stalls = static_cast<double>(stats->write_stalls);
    }
  }
  if (const Writer* changes = writer())
    levels.changes_waiting = static_cast<double>(changes->waiting());
  return levels;
}

fs::path Service::work_folder() const {
  if (options.cluster.empty()) return Beside(database, ".work");
  return Beside(options.cluster, ".work") / std::to_string(server_number);
}

fs::path Service::snapshot_folder() const {
  return options.snapshots.empty() ? Beside(database, ".snapshots") : fs::path(options.snapshots);
}

}  // namespace inlier::server
