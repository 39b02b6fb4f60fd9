// What RocksDB says and does of its own: a copy of a store beside its writer, its numbers.
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include <rocksdb/utilities/checkpoint.h>

#include "index/store.h"
#include "index/store_state.h"

namespace inlier {

std::uint64_t Store::last_write() const { return state_->db->GetLatestSequenceNumber(); }

std::uint64_t WriteStalls(rocksdb::DB& db, ColumnFamilyHandle* family) {
  std::map<std::string, std::string> figures;  // as RocksDB's own reports show them
  if (!db.GetMapProperty(family, rocksdb::DB::Properties::kCFStats, &figures)) return 0;
  const auto count = [&](const char* name) {
    const auto found = figures.find(name);
    return found == figures.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
  };
  return count("io_stalls.total_slowdown") + count("io_stalls.total_stop");
}

std::uint64_t Store::write_stalls() const {
  std::uint64_t stalls = 0;
  for (ColumnFamilyHandle* family : state_->handles) stalls += WriteStalls(*state_->db, family);
  return stalls;
}

Status Store::CopyTo(const std::filesystem::path& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(state_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Moves what the log holds into tables first, so that nothing but tables has to be linked.
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder.string());
  return status.ok() ? Status() : FromRocks(status, folder.string());
}

}  // namespace inlier
