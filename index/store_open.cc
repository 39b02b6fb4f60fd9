// Opening a store, also beside a writer.
#include <chrono>
#include <fstream>
#include <thread>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "core/file.h"
#include "index/store.h"
#include "index/store_state.h"

namespace inlier {
namespace {

const std::array<std::string, kFamilies> kFamilyNames = {rocksdb::kDefaultColumnFamilyName,
                                                         "items",
                                                         "names",
                                                         "keypoints",
                                                         "descriptors",
                                                         "previews",
                                                         "changes"};

constexpr std::size_t kBlockCache_bytes = 16 << 20;
constexpr int kMostAttempts = 1000;  // of a reader to open
constexpr int kSameAttempts = 10;    // that end in the same way

class SilentLogger final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

// RocksDB speaks of corruption when a file that its list names is not there.
bool FileIsGone(const rocksdb::Status& status) {
  return status.ToString().find("No such file") != std::string::npos;
}

// Changes with every change of the list: RocksDB appends to the file that CURRENT names.
std::string ListOfTables(const std::filesystem::path& folder) {
  std::ifstream current(folder / "CURRENT");
  std::string name;
  std::getline(current, name);
  std::error_code ec;
  return fmt::format("{} {}", name, std::filesystem::file_size(folder / name, ec));
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  if (family == kKeypoints || family == kDescriptors || family == kPreviews) {
    // Incompressible. They stay in tables all the same: blob files would spare compactions the
    // copying, but a reader opens them late, when a writer may have deleted them.
    options.compression = rocksdb::kNoCompression;
  }
  return options;
}

}  // namespace

tl::unexpected<Error> FromRocks(const rocksdb::Status& status, const std::string& what) {
  const std::string text = status.ToString();
  if (status.IsCorruption()) return Fail(ErrorCode::kCorrupt, what + ": " + text);
  if (status.IsNoSpace() || text.find("No space left") != std::string::npos) {
    return Fail(ErrorCode::kIo, what + ": the disk is full");
  }
  if (text.find("LOCK") != std::string::npos || text.find("lock hold by") != std::string::npos) {
    const bool denied = text.find("ermission denied") != std::string::npos;
    return denied ? Fail(ErrorCode::kIo, what + ": permission denied")
                  : Fail(ErrorCode::kBusy, what + ": another process is writing to it");
  }
  if (text.find("ermission denied") != std::string::npos) {
    return Fail(ErrorCode::kIo, what + ": permission denied");
  }
  return Fail(ErrorCode::kIo, what + ": " + text);
}

Result<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& folder, OpenMode mode,
                                           const std::string& recipe,
                                           const std::string& recipe_if_new) {
  std::error_code ec;
  const bool exists = std::filesystem::exists(folder / "CURRENT", ec);
  if (ec == std::errc::permission_denied) {
    return Fail(ErrorCode::kIo, folder.string() + ": permission denied");
  }
  if (!exists && mode != OpenMode::kCreate) {
    return Fail(ErrorCode::kNotFound, folder.string() + ": there is no database here");
  }
  if (mode == OpenMode::kCreate) INLIER_RETURN_IF_ERROR(MakeFolder(folder));
  rocksdb::DBOptions options;
  options.create_if_missing = mode == OpenMode::kCreate;
  options.create_missing_column_families = mode == OpenMode::kCreate;
  options.info_log = std::make_shared<SilentLogger>();
  options.atomic_flush = true;  // a reader must not see one family's half of a write
  options.file_checksum_gen_factory =
      rocksdb::GetFileChecksumGenCrc32cFactory();  // for Verify: blocks leave gaps
  options.max_open_files =
      -1;  // a reader keeps the files it started with, whatever a writer deletes
  // One for all families: each would else fill one of its own, with blocks of tables that are long
  // gone.
  const auto cache = rocksdb::NewLRUCache(kBlockCache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int f = 0; f < kFamilies; ++f) {
    families.emplace_back(kFamilyNames[static_cast<std::size_t>(f)],
                          FamilyOptions(static_cast<Family>(f), cache));
  }
  std::unique_ptr<StoreState> state;
  rocksdb::Status status;
  // A writer may replace a file between a reader's look at the list of tables and its opening; the
  // next look sees the new list. One that checkpoints over and over replaces some at nearly every
  // look, another one each time; what comes out the same time after time is so.
  std::string before;
  for (int attempt = 0, same = 0; attempt < kMostAttempts && same < kSameAttempts; ++attempt) {
    if (attempt > 0)
      std::this_thread::sleep_for(
          std::chrono::milliseconds(FileIsGone(status) && same == 0 ? 1 : 20));
    // Read before the store is opened, since a writer may go on meanwhile.
    const std::uint64_t acknowledged = WriteMark::Read(folder);
    const std::string tables = ListOfTables(folder);
    state = std::make_unique<StoreState>();
    state->folder = folder;
    rocksdb::DB* db = nullptr;
    status =
        mode == OpenMode::kRead
            ? rocksdb::DB::OpenForReadOnly(options, folder.string(), families, &state->handles, &db)
            : rocksdb::DB::Open(options, folder.string(), families, &state->handles, &db);
    state->db.reset(db);
    state->lost_writes = status.ok() && db->GetLatestSequenceNumber() < acknowledged;
    if (mode != OpenMode::kRead) break;
    // The writer moves the log's content into tables, and deletes the log: a reader between has
    // neither.
    const bool hole = status.ok() && ListOfTables(folder) != tables && !state->HasEveryChange();
    if (status.ok() && !hole && !state->lost_writes) break;
    const std::string now = hole ? "" : fmt::format("{} {}", status.ToString(), acknowledged);
    same = !hole && now == before ? same + 1 : 0;
    before = now;
  }
  if (status.IsInvalidArgument() && status.ToString().find("olumn famil") != std::string::npos) {
    return Fail(ErrorCode::kIncompatible,
                folder.string() +
                    ": has the layout of another version; index the catalogue into a new folder");
  }
  if (!status.ok()) return FromRocks(status, folder.string());

  if (mode != OpenMode::kRead) state->write_mark.Open(folder);
  auto header = state->GetDecoded<StoreHeader>(kMeta, kHeaderKey, DecodeCounters);
  if (!header) return Within(folder.string(), header.error());
  if (*header) {
    state->recipe = (*header)->recipe;
    state->counters = (*header)->counters;
    if (!recipe.empty() && recipe != state->recipe) {
      return Fail(ErrorCode::kIncompatible,
                  fmt::format("{}: made with other features: it has {}, asked for {}",
                              folder.string(), state->recipe, recipe));
    }
  } else if (mode == OpenMode::kCreate) {
    state->recipe = recipe.empty() ? recipe_if_new : recipe;
    rocksdb::WriteBatch batch;
    INLIER_RETURN_IF_ERROR(state->Commit(batch, {}));
  } else {
    return Fail(ErrorCode::kCorrupt, folder.string() + ": the database has no header");
  }
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

}  // namespace inlier
