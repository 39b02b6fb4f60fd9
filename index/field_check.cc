#include "index/field_check.h"

#include <map>
#include <memory>

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include "index/field_index.h"

namespace inlier {
namespace {

// The entries that an item should have are those that adding it would write.
class Expected final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    entries_[key.ToString()] = value.ToString();
    return rocksdb::Status::OK();
  }
  const std::map<std::string, std::string>& entries() const { return entries_; }

 private:
  std::map<std::string, std::string> entries_;  // each once, also if a pair is there twice
};

Status FromStatus(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return Fail(status.IsCorruption() ? ErrorCode::kCorrupt : ErrorCode::kIo,
              "the index of fields: " + status.ToString());
}

}  // namespace

Status FieldCheck::Item(ItemNumber number, std::span<const std::uint32_t> faces,
                        const Metadata& metadata) {
  rocksdb::WriteBatch batch;
  StageFields(batch, family_, number, faces, metadata);
  Expected expected;
  INLIER_RETURN_IF_ERROR(FromStatus(batch.Iterate(&expected)));
  std::size_t wrong = 0;
  for (const auto& [key, value] : expected.entries()) {
    std::string stored;
    const rocksdb::Status status = db_.Get({}, family_, key, &stored);
    if (!status.ok() && !status.IsNotFound()) return FromStatus(status);
    found_ += status.ok();
    wrong += !status.ok() || stored != value;
  }
  if (wrong > 0) {
    problem_(
        fmt::format("item number {}: {} of its {} entries in the index of fields are missing or "
                    "damaged",
                    number, wrong, expected.entries().size()));
  }
  return {};
}

Status FieldCheck::Finish() {
  std::uint64_t entries = 0;
  const std::unique_ptr<rocksdb::Iterator> it(db_.NewIterator({}, family_));
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++entries;
  INLIER_RETURN_IF_ERROR(FromStatus(it->status()));
  if (entries > found_) {
    problem_(fmt::format("the index of fields has {} entries of items that are not there",
                         entries - found_));
  }
  return {};
}

}  // namespace inlier
