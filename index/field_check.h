#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <rocksdb/db.h>

#include "core/result.h"
#include "index/item.h"

namespace inlier {

/// Compares the index of fields (index/field_index.h) with the items that there are, and calls
/// `problem` with a sentence for each difference. No item may change meanwhile.
class FieldCheck {
 public:
  using Problem = std::function<void(const std::string&)>;
  FieldCheck(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, Problem problem)
      : db_(db), family_(family), problem_(std::move(problem)) {}

  /// Looks for the entries of one item. To be called for each. Errors: kIo.
  Status Item(ItemNumber number, std::span<const std::uint32_t> faces, const Metadata& metadata);
  /// Looks for entries that belong to none of these items. Errors: kIo.
  Status Finish();

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* family_;
  Problem problem_;
  std::uint64_t found_ = 0;  // entries of items
};

}  // namespace inlier
