#include "core/decode/tiff_directory.h"

#include <algorithm>

#include "core/bytes.h"

namespace inlier {
namespace {

// Bytes of a number of this type, or 0 when the type is no whole number (TIFF 6.0, page 15; BigTIFF
// has added 16 and 18). Some cameras write numbers that have no sign with types that have one.
std::size_t SizeOf(int type) {
  switch (type) {
    case 1:  // BYTE
    case 2:  // ASCII
    case 6:  // SBYTE
    case 7:  // UNDEFINED
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:   // LONG
    case 9:   // SLONG
    case 13:  // IFD
      return 4;
    case 16:  // LONG8
    case 18:  // IFD8
      return 8;
    default:
      return 0;
  }
}

}  // namespace

std::optional<TiffDirectory> TiffDirectory::First(std::span<const std::uint8_t> file) {
  TiffDirectory directory;
  directory.file_ = file;
  directory.little_endian_ = HasPrefix(file, "II");
  if (!directory.Within(0, 8) || (!directory.little_endian_ && !HasPrefix(file, "MM"))) return {};
  const std::uint64_t version = directory.Read(2, 2);
  directory.big_ = version == 43;
  if (directory.big_ ? !directory.Within(0, 16) || directory.Read(4, 2) != 8 : version != 42) {
    return {};
  }
  directory.offset_ = directory.big_ ? directory.Read(8, 8) : directory.Read(4, 4);
  if (!directory.Within(directory.offset_, directory.big_ ? 8 : 2)) return {};
  return directory;
}

TiffDirectory TiffDirectory::At(std::uint64_t offset) const {
  TiffDirectory other = *this;
  other.offset_ = offset;
  return other;
}

std::uint64_t TiffDirectory::Read(std::uint64_t at, std::size_t size) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | file_[at + (little_endian_ ? size - 1 - i : i)];
  }
  return value;
}

std::optional<TiffDirectory::Entry> TiffDirectory::Find(int tag) const {
  const std::size_t count_bytes = big_ ? 8 : 2, entry_bytes = big_ ? 20 : 12;
  const std::size_t word_bytes = big_ ? 8 : 4;
  if (!Within(offset_, count_bytes)) return {};
  const std::uint64_t first = offset_ + count_bytes;
  constexpr std::uint64_t kMaxEntries = 0xFFFF;  // of a classic file; a BigTIFF needs no more
  const std::uint64_t entries =
      std::min({Read(offset_, count_bytes), (file_.size() - first) / entry_bytes, kMaxEntries});
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = first + i * entry_bytes;
    if (Read(at, 2) != static_cast<std::uint64_t>(tag)) continue;
    Entry entry{.type = static_cast<int>(Read(at + 2, 2)), .count = Read(at + 4, word_bytes)};
    // Few values stand in the entry itself, more of them where it points.
    const std::size_t size = SizeOf(entry.type);
    const std::uint64_t inside = at + 4 + word_bytes;
    if (size == 0 || entry.count > file_.size()) return {};
    entry.values = entry.count * size <= word_bytes ? inside : Read(inside, word_bytes);
    if (!Within(entry.values, entry.count * size)) return {};
    return entry;
  }
  return {};
}

std::optional<std::uint64_t> TiffDirectory::Number(int tag, std::size_t index) const {
  const auto entry = Find(tag);
  if (!entry || index >= entry->count) return {};
  const std::size_t size = SizeOf(entry->type);
  return Read(entry->values + index * size, size);
}

std::size_t TiffDirectory::CountOf(int tag) const {
  const auto entry = Find(tag);
  return entry ? static_cast<std::size_t>(entry->count) : 0;
}

std::string_view TiffDirectory::Text(int tag) const {
  const auto entry = Find(tag);
  if (!entry || SizeOf(entry->type) != 1) return {};
  return {reinterpret_cast<const char*>(file_.data()) + entry->values,
          static_cast<std::size_t>(entry->count)};
}

}  // namespace inlier
