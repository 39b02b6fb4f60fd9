#include "server/archive.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace inlier::server {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBlock = 1 << 20;
constexpr std::size_t kMaxEntries = 1'000'000;
constexpr std::uint64_t kHeaderBytes = 512;  // of an entry of a tar file

struct FreeArchive {
  void operator()(archive* a) const { archive_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

tl::unexpected<Error> SystemError(const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return Fail(full ? ErrorCode::kDiskFull : ErrorCode::kIo,
              path.string() + (full ? ": the disk is full" : ": cannot be written"));
}

Status PackFile(archive* out, const fs::path& path) {
  std::error_code ec;
  const auto bytes = fs::file_size(path, ec);
  std::ifstream in(path, std::ios::binary);
  if (ec || !in) return Fail(ErrorCode::kIo, path.string() + ": cannot be read");
  const Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), path.filename().c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  if (archive_write_header(out, entry.get()) != ARCHIVE_OK)
    return SystemError(path, archive_errno(out));
  std::vector<char> block(kBlock);
  std::uint64_t left = bytes;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock));
    // libarchive would fill up what is missing with zeros, and the snapshot would look whole.
    if (!in.read(block.data(), static_cast<std::streamsize>(wanted)))
      return Fail(ErrorCode::kIo, path.string() + ": cannot be read as a whole");
    if (archive_write_data(out, block.data(), wanted) < 0)
      return SystemError(path, archive_errno(out));
    left -= wanted;
  }
  return {};
}

// Where an entry is unpacked to, or an error when that is not within the folder.
Result<fs::path> PlaceOf(archive_entry* entry, const fs::path& folder) {
  const char* name = archive_entry_pathname(entry);
  const fs::path path = name == nullptr ? fs::path() : fs::path(name).lexically_normal();
  if (path.empty() || path.is_absolute() || *path.begin() == "..")
    return Fail(ErrorCode::kInvalidArgument, "a path in the archive leads out of it");
  return folder / path;
}

// How much of the limit an entry uses up.
Status Take(std::uint64_t& left, std::uint64_t bytes) {
  if (bytes > left) return Fail(ErrorCode::kInvalidArgument, "the archive unpacks to too much");
  left -= bytes;
  return {};
}

Status UnpackFile(archive* in, const fs::path& place, std::uint64_t& left, const GoOn& go_on) {
  std::error_code ec;
  fs::create_directories(place.parent_path(), ec);
  std::ofstream out(place, std::ios::binary | std::ios::trunc);
  if (ec || !out) return SystemError(place, ec ? ec.value() : errno);
  const void* block = nullptr;
  std::size_t bytes = 0;
  la_int64_t offset = 0;
  std::uint64_t reached = 0;
  while (true) {
    const int read = archive_read_data_block(in, &block, &bytes, &offset);
    if (read == ARCHIVE_EOF) break;
    if (read != ARCHIVE_OK || offset < 0 || static_cast<std::uint64_t>(offset) < reached)
      return Fail(ErrorCode::kInvalidArgument, "the archive is damaged");
    // A sparse file may have gaps, which count as well.
    const auto end = static_cast<std::uint64_t>(offset) + bytes;
    Status status = Take(left, end - reached);
    if (status) status = go_on(bytes);
    if (!status) return status;
    reached = end;
    out.seekp(offset);
    if (!out.write(static_cast<const char*>(block), static_cast<std::streamsize>(bytes)))
      return SystemError(place, errno);
  }
  out.close();
  return out ? Status() : SystemError(place, errno);
}

}  // namespace

Status PackFolder(const fs::path& folder, const fs::path& tar) {
  const Archive out(archive_write_new());
  archive_write_set_format_pax_restricted(out.get());
  if (archive_write_open_filename(out.get(), tar.c_str()) != ARCHIVE_OK)
    return SystemError(tar, archive_errno(out.get()));
  std::error_code ec;
  for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
    std::error_code ignored;
    if (!at->is_regular_file(ignored)) continue;
    Status packed = PackFile(out.get(), at->path());
    if (!packed) return packed;
  }
  if (ec) return Fail(ErrorCode::kIo, folder.string() + ": cannot be read");
  if (archive_write_close(out.get()) != ARCHIVE_OK)
    return SystemError(tar, archive_errno(out.get()));
  return {};
}

Status UnpackArchive(const fs::path& path, const fs::path& folder, std::uint64_t most_bytes,
                     const GoOn& go_on) {
  const Archive in(archive_read_new());
  archive_read_support_format_tar(in.get());
  archive_read_support_filter_gzip(in.get());
  archive_read_support_filter_zstd(in.get());
  archive_read_support_filter_xz(in.get());
  if (archive_read_open_filename(in.get(), path.c_str(), kBlock) != ARCHIVE_OK)
    return Fail(ErrorCode::kInvalidArgument, "the file is not a tar archive");
  archive_entry* entry = nullptr;
  for (std::size_t entries = 0;; ++entries) {
    const int read = archive_read_next_header(in.get(), &entry);
    if (read == ARCHIVE_EOF) return {};
    if (read != ARCHIVE_OK && read != ARCHIVE_WARN)
      return Fail(ErrorCode::kInvalidArgument, "the file is not a tar archive, or it is damaged");
    if (entries == kMaxEntries)
      return Fail(ErrorCode::kInvalidArgument, "the archive has too many entries");
    Status status = Take(most_bytes, kHeaderBytes);
    if (status) status = go_on(kHeaderBytes);
    if (!status) return status;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
      continue;
    const auto place = PlaceOf(entry, folder);
    if (!place) return tl::unexpected(place.error());
    Status unpacked = UnpackFile(in.get(), *place, most_bytes, go_on);
    if (!unpacked) return unpacked;
  }
}

}  // namespace inlier::server
