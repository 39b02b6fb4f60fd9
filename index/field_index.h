// The index of metadata: a column family of RocksDB that finds items by the values of their fields.
// An entry says "this item has this value in this column, and its pictures have these faces". Its
// key is
//
//   column, 00 01                       a byte 00 within it is written as 00 FF
//   't'                                 a text:
//     value, 00 01                        written in the same way
//     its first 256 bytes, 00 02, hash    when it is longer: XXH3 of 128 bits in hexadecimal
//   'n'                                 a number (NumberIn), beside its text:
//     8 bytes                             whose order is that of the numbers
//   item number                         4 bytes, big-endian
//
// RocksDB keeps keys in the order of their bytes, so the items of a value, of all values with a
// prefix, and of a range of numbers lie next to each other: each is found by one seek. The columns
// are listed by seeking past one after the other. The entry itself is a sealed blob "INFD" with the
// item number and the faces.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "core/result.h"
#include "index/condition.h"
#include "index/item.h"
#include "inlier/item.h"

namespace inlier {

/// Adds the entries of an item to a batch. `faces`: those of its pictures.
void StageFields(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, ItemNumber number,
                 std::span<const std::uint32_t> faces, const Metadata& metadata);
/// Removes the entries that were made of this metadata. When the same item gets other metadata in
/// the batch, this has to come first.
void StageFieldRemoval(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family,
                       ItemNumber number, const Metadata& metadata);

/// True when some item has a field of this name. Errors, here and below: kCorrupt, kIo.
Result<bool> HasField(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                      std::string_view column);
/// The names of the fields that items have, in the order of their bytes; at most `most`.
Result<std::vector<std::string>> FieldNames(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                            std::size_t most);

/// Calls `visit` once for each item for which all of the conditions hold, in no particular order;
/// there is at least one condition. What it finds is the state of one moment.
Status VisitWhere(
    rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::span<const Condition> all_of,
    const std::function<void(ItemNumber, std::span<const std::uint32_t> faces)>& visit);

}  // namespace inlier
