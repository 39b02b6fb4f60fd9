// A copy of a store beside its writer.
#include <memory>

#include <rocksdb/utilities/checkpoint.h>

#include "index/store.h"
#include "index/store_state.h"

namespace inlier {

std::uint64_t Store::last_write() const { return state_->db->GetLatestSequenceNumber(); }

Status Store::CopyTo(const std::filesystem::path& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(state_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Moves what the log holds into tables first, so that nothing but tables has to be linked.
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder.string());
  return status.ok() ? Status() : FromRocks(status, folder.string());
}

}  // namespace inlier
