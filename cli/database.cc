#include "cli/database.h"

#include <algorithm>

#include <unistd.h>

#include "cli/console.h"
#include "core/parallel.h"

namespace inlier::cli {
namespace {

// Replaying this many changes when a database is opened takes about as long as a query.
constexpr std::uint64_t kChangesPerCheckpoint = 100;
constexpr int kMaxThreads = 1024;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr int kMaxMemory_mb = 1'000'000'000;

// The value of --index-memory, in bytes.
Result<std::uint64_t> IndexMemory(const Arguments& arguments) {
  const auto machine = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
  const int half_mb =
      static_cast<int>(std::min<std::uint64_t>(machine / 2 / kMegabyte, kMaxMemory_mb));
  INLIER_ASSIGN_OR_RETURN(const int mb,
                          arguments.Number("index-memory", half_mb, 0, kMaxMemory_mb));
  return static_cast<std::uint64_t>(mb) * kMegabyte;
}

bool AsksForOptions(const Arguments& arguments) {
  return arguments.Has("set") || arguments.Has("features");
}

// Tells a newcomer how to get a database when there is none.
Error Explained(Error error) {
  if (error.code == ErrorCode::kNotFound)
    error.message += " ('inlier index CATALOGUE --db DIR' makes one)";
  return error;
}

}  // namespace

Result<EngineOptions> OptionsFrom(const Arguments& arguments, EngineOptions base) {
  if (arguments.Has("features")) {
    INLIER_RETURN_IF_ERROR(SetOption(base, "extract.method", arguments.Text("features")));
  }
  INLIER_ASSIGN_OR_RETURN(const auto pairs, arguments.Pairs("set"));
  for (const auto& [name, value] : pairs) INLIER_RETURN_IF_ERROR(SetOption(base, name, value));
  INLIER_RETURN_IF_ERROR(Validate(base));
  return base;
}

Result<std::unique_ptr<Engine>> OpenDatabase(const Arguments& arguments, OpenMode mode,
                                             int threads) {
  const std::filesystem::path folder = arguments.Text("db");
  // Bad options are refused before a database is created, or waited for.
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  Engine::OpenOptions open{.threads = threads};
  INLIER_ASSIGN_OR_RETURN(open.memory_bytes, IndexMemory(arguments));
  if (arguments.Has("vocabulary")) open.vocabulary = arguments.Text("vocabulary");
  if (!arguments.Has("quiet")) open.notice = [](const std::string& line) { Complain(line); };
  if (AsksForOptions(arguments)) {
    EngineOptions stored;
    const auto reader = Engine::Open(folder, OpenMode::kRead,
                                     {.threads = threads, .memory_bytes = open.memory_bytes});
    if (reader) {
      stored = (*reader)->options();
    } else if (mode != OpenMode::kCreate || reader.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(Explained(reader.error()));
    }
    INLIER_ASSIGN_OR_RETURN(open.options, OptionsFrom(arguments, stored));
  }
  auto engine = Engine::Open(folder, mode, std::move(open));
  if (!engine) return tl::unexpected(Explained(engine.error()));
  return engine;
}

Status CheckpointWhenDue(Engine& engine) {
  INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, engine.Stats());
  if (stats.last_change - stats.covered_change < kChangesPerCheckpoint) return {};
  return engine.Checkpoint();
}

Result<int> ThreadsFrom(const Arguments& arguments, bool all_cores) {
  return arguments.Number("threads", all_cores ? HardwareThreads() : 1, 1, kMaxThreads);
}

}  // namespace inlier::cli
