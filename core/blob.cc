// A blob is a header of 24 bytes and a body. The checksum in the header covers its other fields and
// the body, so no flipped bit goes unnoticed.
#include "core/blob.h"

#include <bit>

#include <fmt/format.h>
#include <xxhash.h>

namespace inlier {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are written in native order");
constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kCheckedHeaderBytes = 16;
constexpr std::size_t kHeaderBytes = kCheckedHeaderBytes + sizeof(std::uint64_t);

std::uint64_t Checksum(std::string_view header, std::string_view body) {
  return XXH3_64bits_withSeed(body.data(), body.size(), XXH3_64bits(header.data(), header.size()));
}

}  // namespace

std::string BlobWriter::Seal(std::string_view magic, std::uint16_t version) const {
  std::string out;
  out.reserve(kHeaderBytes + bytes_.size());
  out.append(magic.substr(0, kMagicBytes));
  const auto put = [&out](auto value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  put(version);
  put(std::uint16_t{0});
  put(static_cast<std::uint64_t>(bytes_.size()));
  put(Checksum(out, bytes_));
  out.append(bytes_);
  return out;
}

Result<BlobReader> BlobReader::Open(std::string_view bytes, std::string_view magic,
                                    std::uint16_t newest_version, std::string_view what) {
  if (bytes.size() < kHeaderBytes) {
    return Fail(ErrorCode::kCorrupt, fmt::format("{}: {} bytes are too few", what, bytes.size()));
  }
  if (bytes.substr(0, kMagicBytes) != magic) {
    return Fail(ErrorCode::kCorrupt, fmt::format("{}: does not begin with {}", what, magic));
  }
  std::uint64_t body_bytes = 0;
  std::uint64_t checksum = 0;
  BlobReader reader;
  std::memcpy(&reader.version_, bytes.data() + 4, sizeof(reader.version_));
  std::memcpy(&body_bytes, bytes.data() + 8, sizeof(body_bytes));
  std::memcpy(&checksum, bytes.data() + kCheckedHeaderBytes, sizeof(checksum));
  reader.body_ = bytes.substr(kHeaderBytes);
  if (body_bytes != reader.body_.size()) {
    return Fail(ErrorCode::kCorrupt, fmt::format("{}: {} bytes of body where {} are announced",
                                                 what, reader.body_.size(), body_bytes));
  }
  if (checksum != Checksum(bytes.substr(0, kCheckedHeaderBytes), reader.body_)) {
    return Fail(ErrorCode::kCorrupt, fmt::format("{}: checksum does not agree", what));
  }
  // Checked after the checksum, since a flipped bit must not pass for a newer version.
  if (reader.version_ > newest_version) {
    return Fail(ErrorCode::kIncompatible,
                fmt::format("{}: version {} is newer than this program knows ({})", what,
                            reader.version_, newest_version));
  }
  return reader;
}

std::uint64_t Hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string ContentHash(std::span<const std::uint8_t> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace inlier
