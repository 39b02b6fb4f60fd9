#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/result.h"

namespace inlier {

/// Writes a blob: a body of little-endian numbers of fixed width, of strings and of arrays, behind
/// a header with a magic word, a version, the length and a checksum. Strings and arrays begin with
/// their length.
class BlobWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void Put(T value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void PutString(std::string_view text) {
    Put<std::uint32_t>(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  void PutBytes(std::string_view bytes) {
    Put<std::uint64_t>(bytes.size());
    bytes_.append(bytes);
  }
  /// Rows of a trivially copyable type without padding: count (u64), then the bytes.
  template <class T>
  void PutArray(std::span<const T> rows) {
    static_assert(std::is_trivially_copyable_v<T>);
    Put<std::uint64_t>(rows.size());
    bytes_.append(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
  }

  /// The whole blob. Its header is, in bytes: magic (4), version (2), reserved (2), length of the
  /// body (8), XXH3 of these 16 bytes and of the body (8).
  std::string Seal(std::string_view magic, std::uint16_t version) const;

 private:
  std::string bytes_;
};

/// Reads what BlobWriter wrote. After a read past the end every later read fails too, so it is
/// enough to ask Complete() once, at the end. The views that it returns are valid as long as the
/// bytes that Open was given.
class BlobReader {
 public:
  /// Checks magic, length and checksum. Errors: kCorrupt; kIncompatible when the version is above
  /// `newest_version`. `what` names the blob in messages.
  static Result<BlobReader> Open(std::string_view bytes, std::string_view magic,
                                 std::uint16_t newest_version, std::string_view what);

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T> T Get() {
    T value{};
    if (const char* from = Take(sizeof(T))) std::memcpy(&value, from, sizeof(T));
    return value;
  }
  std::string_view GetString() {
    const auto size = Get<std::uint32_t>();
    const char* from = Take(size);
    return from ? std::string_view(from, size) : std::string_view();
  }
  /// A view of what PutBytes or PutArray wrote.
  std::string_view GetBytes() {
    const auto size = Get<std::uint64_t>();
    const char* from = Take(size);
    return from ? std::string_view(from, size) : std::string_view();
  }
  template <class T>
  std::vector<T> GetArray() {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto count = Get<std::uint64_t>();
    if (count > (body_.size() - at_) / sizeof(T)) {
      ok_ = false;
      return {};
    }
    const char* from = Take(count * sizeof(T));
    std::vector<T> rows(count);
    if (from && count > 0) std::memcpy(rows.data(), from, count * sizeof(T));
    return rows;
  }
  std::uint16_t version() const { return version_; }
  /// True when no read went past the end and nothing is left unread.
  bool Complete() const { return ok_ && at_ == body_.size(); }
  bool ok() const { return ok_; }

 private:
  const char* Take(std::size_t size) {
    if (!ok_ || size > body_.size() - at_) {
      ok_ = false;
      return nullptr;
    }
    at_ += size;
    return body_.data() + at_ - size;
  }
  std::string_view body_;
  std::size_t at_ = 0;
  std::uint16_t version_ = 0;
  bool ok_ = true;
};

/// The XXH3 hash of 64 bits. It finds accidents, not forgeries.
std::uint64_t Hash64(std::string_view bytes);

/// The XXH3 hash of 128 bits as 32 hexadecimal digits. Two files with the same hash are taken to
/// have the same content.
std::string ContentHash(std::span<const std::uint8_t> bytes);

}  // namespace inlier
