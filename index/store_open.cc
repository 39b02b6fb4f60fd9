// Opening a store. A writer's opening is simple, since RocksDB lets only one writer in. A reader
// opens the files while a writer may replace them, so it looks again until it has seen a consistent
// state.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <latch>
#include <system_error>
#include <thread>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_partitioner.h>
#include <rocksdb/table.h>

#include "core/file.h"
#include "index/index_size.h"
#include "index/store.h"
#include "index/store_state.h"

namespace inlier {
namespace {

const std::array<std::string, kFamilies> kFamilyNames = {rocksdb::kDefaultColumnFamilyName,
                                                         "items",
                                                         "ids",
                                                         "faces",
                                                         "pixels",
                                                         "fields",
                                                         "keypoints",
                                                         "descriptors",
                                                         "globals",
                                                         "previews",
                                                         "changes"};

constexpr std::size_t kBlockCache_bytes = 16 << 20;
constexpr std::uint64_t kMergedTable_bytes = 512 << 20;
constexpr int kOpeningThreads = 16;      // RocksDB's own number
constexpr std::size_t kManyTables = 64;  // so few are opened as quickly by one thread
constexpr int kMaxAttempts = 1000;       // of a reader to open
constexpr int kSameAttempts = 10;  // that fail in the same way, after which the reader gives up

class SilentLogger final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

// RocksDB reports a corruption when a file is missing that its list of tables names.
bool FileIsGone(const rocksdb::Status& status) {
  return status.ToString().find("No such file") != std::string::npos;
}

// A text that differs whenever the list of tables does: RocksDB appends to the file that CURRENT
// names.
std::string ListOfTables(const std::filesystem::path& folder) {
  std::ifstream current(folder / "CURRENT");
  std::string name;
  std::getline(current, name);
  std::error_code ec;
  return fmt::format("{} {}", name, std::filesystem::file_size(folder / name, ec));
}

// Lets a compaction out of level 0 rewrite its files into one, where RocksDB would move them as
// they are.
class Merged final : public rocksdb::SstPartitioner {
 public:
  explicit Merged(bool move) : move_(move) {}
  const char* Name() const override { return "InlierMerged"; }
  rocksdb::PartitionerResult ShouldPartition(const rocksdb::PartitionerRequest&) override {
    return rocksdb::PartitionerResult::kNotRequired;
  }
  bool CanDoTrivialMove(const Slice&, const Slice&) override { return move_; }

 private:
  bool move_;
};

class MergeOutOfLevel0 final : public rocksdb::SstPartitionerFactory {
 public:
  const char* Name() const override { return "InlierMergeOutOfLevel0"; }
  std::unique_ptr<rocksdb::SstPartitioner> CreatePartitioner(
      const rocksdb::SstPartitioner::Context& context) const override {
    return std::make_unique<Merged>(context.output_level > 1);
  }
};

rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  if (family == kKeypoints || family == kDescriptors || family == kGlobals || family == kPreviews) {
    // These do not compress. They stay in tables nevertheless. Blob files would save compactions
    // the copying, but a reader opens blob files late, when a writer may have deleted them.
    options.compression = rocksdb::kNoCompression;
  }
  // Each time that the descriptors fill their buffer, every family gets a table. Small ones are
  // merged, which costs a hundredth of all that is written. Most keys ascend, so RocksDB would
  // otherwise only ever move such tables.
  if (family != kKeypoints && family != kDescriptors) {
    options.sst_partitioner_factory = std::make_shared<MergeOutOfLevel0>();
    options.level0_file_num_compaction_trigger = kTablesMerged;
    options.target_file_size_base = kMergedTable_bytes;
  }
  return options;
}

// RocksDB opens tables by several threads, and the process ends when one of these cannot be
// started, so it is tried before.
int OpeningThreads(const std::filesystem::path& folder) {
  std::error_code ec;
  const std::filesystem::directory_iterator files(folder, ec);
  if (ec || static_cast<std::size_t>(std::distance(begin(files), end(files))) < kManyTables)
    return 1;
  std::latch all_tried(1);
  std::vector<std::jthread> started;
  started.reserve(kOpeningThreads);
  try {
    while (started.size() < kOpeningThreads)
      started.emplace_back([&all_tried] { all_tried.wait(); });
  } catch (const std::system_error&) {  // the limit of threads is met
  }
  all_tried.count_down();
  return started.size() == kOpeningThreads ? kOpeningThreads : 1;
}

rocksdb::DBOptions DatabaseOptions(OpenMode mode, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = mode == OpenMode::kCreate;
  options.create_missing_column_families = mode != OpenMode::kRead;
  options.info_log = std::make_shared<SilentLogger>();
  options.atomic_flush = true;  // a reader must not see one family's half of a write
  // For Verify: the checksums of blocks leave gaps between them.
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // A reader keeps the files that it started with, even deleted ones. Those that are more than the
  // process may have open are mapped (index/table_files.h).
  options.max_open_files = -1;
  options.max_file_opening_threads = 1;
  // Nobody reads RocksDB's statistics, and a thread that writes them is one more that may not
  // start.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

// All families share one cache. Each would otherwise fill its own, with blocks of tables that no
// longer exist.
std::vector<rocksdb::ColumnFamilyDescriptor> Families() {
  const auto cache = rocksdb::NewLRUCache(kBlockCache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int f = 0; f < kFamilies; ++f) {
    families.emplace_back(kFamilyNames[static_cast<std::size_t>(f)],
                          FamilyOptions(static_cast<Family>(f), cache));
  }
  return families;
}

// An attempt to open the database, and what RocksDB said.
struct Attempt {
  std::unique_ptr<StoreState> state;
  rocksdb::Status status;
};

Attempt TryToOpen(const std::filesystem::path& folder, OpenMode mode) {
  Attempt attempt{.state = std::make_unique<StoreState>(), .status = {}};
  StoreState& state = *attempt.state;
  state.folder = folder;
  // Both are read before the store is opened, since a writer may go on meanwhile.
  state.acknowledged_at_open = WriteMark::Read(folder);
  state.tables_at_open = ListOfTables(folder);
  auto options = DatabaseOptions(mode, state.env.get());
  options.max_file_opening_threads = OpeningThreads(folder);
  const auto families = Families();
  rocksdb::DB* db = nullptr;
  try {
    attempt.status =
        mode == OpenMode::kRead
            ? rocksdb::DB::OpenForReadOnly(options, folder.string(), families, &state.handles, &db)
            : rocksdb::DB::Open(options, folder.string(), families, &state.handles, &db);
  } catch (...) {
    // What it had made by then is still there, and may be used by the threads that it has started.
    static_cast<void>(attempt.state.release());
    throw;
  }
  state.db.reset(db);
  state.lost_writes =
      attempt.status.ok() && db->GetLatestSequenceNumber() < state.acknowledged_at_open;
  return attempt;
}

// A writer may replace a file between a reader's look at the list of tables and its opening; the
// next attempt sees the new list. A writer that checkpoints over and over replaces some file during
// nearly every attempt, a different one each time. A failure that is the same again and again is
// real.
Attempt OpenBesideAWriter(const std::filesystem::path& folder) {
  Attempt attempt;
  std::string before;
  for (int tried = 0, same = 0; tried < kMaxAttempts && same < kSameAttempts; ++tried) {
    if (tried > 0) {
      const bool replaced = FileIsGone(attempt.status) && same == 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(replaced ? 1 : 20));
    }
    attempt = TryToOpen(folder, OpenMode::kRead);
    const StoreState& state = *attempt.state;
    // The writer moves the content of its log into tables and then deletes the log. A reader that
    // looks in between finds neither.
    const bool hole = attempt.status.ok() && ListOfTables(folder) != state.tables_at_open &&
                      !state.HasEveryChange();
    if (attempt.status.ok() && !hole && !state.lost_writes) break;
    const std::string now =
        hole ? "" : fmt::format("{} {}", attempt.status.ToString(), state.acknowledged_at_open);
    same = !hole && now == before ? same + 1 : 0;
    before = now;
  }
  return attempt;
}

tl::unexpected<Error> Unfinished(const std::string& folder) {
  return Fail(ErrorCode::kNotFound,
              folder +
                  ": the database is unfinished, since its making was interrupted, or it is of an "
                  "earlier version: run index again");
}

// Reads the header, or writes that of a new database.
Status ReadOrMakeHeader(StoreState& state, OpenMode mode, const std::string& recipe,
                        const std::string& recipe_if_new, const std::string& vocabulary_if_new) {
  const std::string folder = state.folder.string();
  auto header = state.GetDecoded<StoreHeader>(kMeta, kHeaderKey, DecodeCounters);
  if (!header) return Within(folder, header.error());
  if (*header) {
    state.recipe = (*header)->recipe;
    state.counters = (*header)->counters;
    if (recipe.empty() || recipe == state.recipe) return {};
    return Fail(ErrorCode::kIncompatible,
                fmt::format("{}: made with other features: it has {}, asked for {}", folder,
                            state.recipe, recipe));
  }
  // Every change is written together with the header, and the first write is the header alone.
  bool changed = state.acknowledged_at_open > 0;
  INLIER_RETURN_IF_ERROR(state.Scan(kItems, {}, [&](const Slice&, const Slice&) -> Result<bool> {
    changed = true;
    return false;
  }));
  if (mode != OpenMode::kCreate) {
    if (!changed) return Unfinished(folder);
    return Fail(ErrorCode::kCorrupt, folder + ": the database has no header");
  }
  state.recipe = recipe.empty() ? recipe_if_new : recipe;
  rocksdb::WriteBatch batch;
  if (!vocabulary_if_new.empty()) batch.Put(state.family(kMeta), kVocabularyKey, vocabulary_if_new);
  return state.Commit(batch, {});
}

// Why a store with other families than ours cannot be opened. A database gets its families one
// after the other, and its header when it has all. One that lacks only the family of global
// features is of an earlier version; opening it for writing adds it.
tl::unexpected<Error> WrongFamilies(const StoreState& state) {
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(
      DatabaseOptions(OpenMode::kRead, state.env.get()), state.name(), &names);
  if (!status.ok()) return FromRocks(status, state.name());
  const auto is_ours = [](const std::string& name) {
    return std::find(kFamilyNames.begin(), kFamilyNames.end(), name) != kFamilyNames.end();
  };
  if (std::all_of(names.begin(), names.end(), is_ours)) return Unfinished(state.name());
  return Fail(
      ErrorCode::kIncompatible,
      state.name() + ": has the layout of another version; index the catalogue into a new folder");
}

// Why a store could not be opened: what the system said, if it was the system that refused.
tl::unexpected<Error> CannotOpen(const StoreState& state, const rocksdb::Status& status) {
  const std::string folder = state.name();
  if (status.IsInvalidArgument()) return WrongFamilies(state);
  const int lock = state.files->lock_error(), error = state.files->last_error();
  if (lock == EAGAIN) return Fail(ErrorCode::kBusy, folder + ": another process is writing to it");
  if (lock != 0) {
    return Fail(ErrorCode::kIo,
                fmt::format("{}: its file system does not lock files ({}), so nothing would keep "
                            "two writers apart",
                            folder, std::strerror(lock)));
  }
  if (!status.IsIOError() || error == 0) return FromRocks(status, folder);
  return Fail(CodeOf(error), folder + ": " + CauseOf(error));
}

}  // namespace

tl::unexpected<Error> FromRocks(const rocksdb::Status& status, const std::string& what) {
  if (status.IsCorruption()) return Fail(ErrorCode::kCorrupt, what + ": " + status.ToString());
  if (status.IsNoSpace()) return Fail(ErrorCode::kDiskFull, what + ": the disk is full");
  return Fail(ErrorCode::kIo, what + ": " + status.ToString());
}

Result<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& folder, OpenMode mode,
                                           const std::string& recipe,
                                           const std::string& recipe_if_new,
                                           const std::string& vocabulary_if_new) {
  std::error_code ec;
  const bool exists = std::filesystem::exists(folder / "CURRENT", ec);
  if (ec == std::errc::permission_denied) {
    return Fail(ErrorCode::kIo, folder.string() + ": permission denied");
  }
  if (!exists && mode != OpenMode::kCreate) {
    return Fail(ErrorCode::kNotFound, folder.string() + ": there is no database here");
  }
  if (mode == OpenMode::kCreate) INLIER_RETURN_IF_ERROR(MakeFolder(folder));
  Attempt attempt;
  try {
    attempt = mode == OpenMode::kRead ? OpenBesideAWriter(folder) : TryToOpen(folder, mode);
  } catch (const std::system_error& e) {
    return Fail(ErrorCode::kIo,
                fmt::format("{}: RocksDB cannot start a thread, since the limit of threads or of "
                            "memory is met (ulimit -u, -v): {}",
                            folder.string(), e.what()));
  }
  auto& [state, status] = attempt;
  if (!status.ok()) return CannotOpen(*state, status);
  state->is_reader = mode == OpenMode::kRead;
  if (!state->is_reader) state->write_mark.Open(folder);
  INLIER_RETURN_IF_ERROR(ReadOrMakeHeader(*state, mode, recipe, recipe_if_new, vocabulary_if_new));
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

bool Store::Behind() const {
  if (!state_->is_reader) return false;
  const std::uint64_t acknowledged = WriteMark::Read(state_->folder);
  // Without a mark, only a flush of the writer can be seen. A store that had lost writes when it
  // was opened is not behind because of those.
  if (acknowledged == 0) return ListOfTables(state_->folder) != state_->tables_at_open;
  return acknowledged > std::max(last_write(), state_->acknowledged_at_open);
}

}  // namespace inlier
