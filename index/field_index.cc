#include "index/field_index.h"

#include <bit>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/blob.h"
#include "index/codec.h"

namespace inlier {
namespace {

using rocksdb::Slice;

constexpr char kText = 't', kNumber = 'n';
constexpr std::size_t kItemNumber_bytes = 4;
// How a column or a value ends. Since a byte 00 within it is followed by FF, an end sorts before
// every longer text that begins alike.
constexpr std::string_view kEnd("\0\1", 2), kEndOfLong("\0\2", 2);

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c;
    if (c == '\0') escaped += '\xff';
  }
  return escaped;
}

// The column at the start of a key. Errors: kCorrupt.
Result<std::string> ColumnOf(std::string_view key) {
  std::string column;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] != '\0') {
      column += key[i];
      continue;
    }
    ++i;
    if (i < key.size() && key[i] == kEnd[1]) return column;
    if (i == key.size() || key[i] != '\xff') break;
    column += '\0';
  }
  return Fail(ErrorCode::kCorrupt, "a key of the index of fields has no column");
}

void AppendBigEndian(std::string& key, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) key += static_cast<char>(number >> 8 * i);
}

// Eight bytes that sort as the numbers do: IEEE 754 sorts by its bits once the sign is taken care
// of.
void AppendNumber(std::string& key, double number) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);  // no negative zero
  AppendBigEndian(key, bits & kSign ? ~bits : bits | kSign, sizeof(bits));
}

std::string ColumnKey(std::string_view column) { return Escaped(column).append(kEnd); }

// Up to the item number.
std::string TextKey(std::string_view column, std::string_view value) {
  std::string key = ColumnKey(column) + kText;
  if (value.size() <= kMaxPrefix_bytes) return key.append(Escaped(value)).append(kEnd);
  key.append(Escaped(value.substr(0, kMaxPrefix_bytes))).append(kEndOfLong);
  return key + ContentHash({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}

std::string NumberKey(std::string_view column, double number) {
  std::string key = ColumnKey(column) + kNumber;
  AppendNumber(key, number);
  return key;
}

// Calls `stage` with each key that an item has for its metadata.
void ForEachKey(ItemNumber item, const Metadata& metadata, const auto& stage) {
  const auto whole = [item, &stage](std::string key) {
    AppendBigEndian(key, item, kItemNumber_bytes);
    stage(key);
  };
  for (const auto& [column, value] : metadata) {
    whole(TextKey(column, value));
    if (const auto number = NumberIn(value)) whole(NumberKey(column, *number));
  }
}

tl::unexpected<Error> Corrupt(std::string_view what) {
  return Fail(ErrorCode::kCorrupt, fmt::format("the index of fields: {}", what));
}

Status StatusOf(const rocksdb::Iterator& it) {
  if (it.status().ok()) return {};
  if (it.status().IsCorruption()) return Corrupt(it.status().ToString());
  return Fail(ErrorCode::kIo, "the index of fields: " + it.status().ToString());
}

std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

// Keys from `first` on that are below `last` or begin with it.
struct KeyRange {
  std::string first, last;
  bool Has(std::string_view key) const { return key.substr(0, last.size()) <= last; }
};

std::vector<KeyRange> RangesOf(const Condition& condition) {
  std::vector<KeyRange> keys;
  for (const std::string& value : condition.values) {
    const std::string key = TextKey(condition.column, value);
    keys.push_back({key, key});
  }
  for (const std::string& prefix : condition.prefixes) {
    const std::string key = ColumnKey(condition.column) + kText + Escaped(prefix);
    keys.push_back({key, key});
  }
  for (const NumberRange& range : condition.ranges) {
    keys.push_back(
        {NumberKey(condition.column, range.least), NumberKey(condition.column, range.most)});
  }
  return keys;
}

// Finds the items of which all of some conditions hold, one condition after the other.
class Search {
 public:
  using Visit = std::function<void(ItemNumber, std::span<const std::uint32_t>)>;
  Search(rocksdb::Iterator& it, const Visit& visit) : it_(it), visit_(visit) {}

  // `is_last`: the items that are left are visited.
  Status Keep(const Condition& condition, bool is_last) {
    for (const KeyRange& keys : RangesOf(condition)) {
      for (it_.Seek(keys.first); it_.Valid() && keys.Has(View(it_.key())); it_.Next())
        INLIER_RETURN_IF_ERROR(KeepItem(is_last));
      INLIER_RETURN_IF_ERROR(StatusOf(it_));
    }
    kept_ = std::exchange(now_, {});
    is_first_ = false;
    return {};
  }

 private:
  // The item of the entry at which the iterator stands.
  Status KeepItem(bool is_last) {
    const std::string_view key = View(it_.key());
    if (key.size() < kItemNumber_bytes) return Corrupt("a key is too short");
    ItemNumber number = 0;
    for (const char c : key.substr(key.size() - kItemNumber_bytes))
      number = number << 8 | static_cast<std::uint8_t>(c);
    const bool dropped = !is_first_ && (number >= kept_.size() || !kept_[number]);
    if (dropped || (number < now_.size() && now_[number])) return {};
    INLIER_ASSIGN_OR_RETURN(const FieldEntry entry, DecodeFieldEntry(View(it_.value())));
    if (entry.item != number) return Corrupt("an entry does not fit its key");
    if (number >= now_.size()) now_.resize(std::size_t{number} + 1);
    now_[number] = true;
    if (is_last) visit_(number, entry.faces);
    return {};
  }

  rocksdb::Iterator& it_;
  const Visit& visit_;
  // By item: whether the conditions so far hold, and whether the one that is being read does too.
  std::vector<bool> kept_, now_;
  bool is_first_ = true;
};

}  // namespace

void StageFields(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, ItemNumber number,
                 std::span<const std::uint32_t> faces, const Metadata& metadata) {
  const std::string value = EncodeFieldEntry(number, faces);
  ForEachKey(number, metadata, [&](const std::string& key) { batch.Put(family, key, value); });
}

void StageFieldRemoval(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family,
                       ItemNumber number, const Metadata& metadata) {
  ForEachKey(number, metadata, [&](const std::string& key) { batch.Delete(family, key); });
}

Result<bool> HasField(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                      std::string_view column) {
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator({}, family));
  const std::string key = ColumnKey(column);
  it->Seek(key);
  INLIER_RETURN_IF_ERROR(StatusOf(*it));
  return it->Valid() && View(it->key()).starts_with(key);
}

Result<std::vector<std::string>> FieldNames(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                            std::size_t most) {
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator({}, family));
  std::vector<std::string> names;
  for (it->SeekToFirst(); it->Valid() && names.size() < most;) {
    INLIER_ASSIGN_OR_RETURN(std::string name, ColumnOf(View(it->key())));
    it->Seek(Escaped(name).append(kEndOfLong));  // the first key after those of this column
    names.push_back(std::move(name));
  }
  INLIER_RETURN_IF_ERROR(StatusOf(*it));
  return names;
}

Status VisitWhere(
    rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::span<const Condition> all_of,
    const std::function<void(ItemNumber, std::span<const std::uint32_t> faces)>& visit) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // the cache is small, and queries need it for their items
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options, family));
  Search search(*it, visit);
  for (std::size_t i = 0; i < all_of.size(); ++i)
    INLIER_RETURN_IF_ERROR(search.Keep(all_of[i], i + 1 == all_of.size()));
  return {};
}

}  // namespace inlier
