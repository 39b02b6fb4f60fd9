// A file of lists: the lists one after the other, then the sealed directory, and in the last 8
// bytes the length of the directory. It is written in one go from front to back, and mapped to be
// read.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/file.h"
#include "index/segment.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INLI";
constexpr std::uint16_t kVersion = 2;
// A vocabulary has an eighth of it at most. A forged file must not make a loop over all lists
// endless.
constexpr std::uint32_t kMaxLists = 1 << 20;
constexpr std::uint32_t kMaxCodeWords = 64;

std::string SealDirectory(const SegmentDirectory& directory) {
  BlobWriter writer;
  writer.Put(directory.lists);
  writer.Put(directory.code_words);
  writer.PutArray(std::span<const std::uint32_t>(directory.numbers));
  writer.PutArray(std::span<const std::uint32_t>(directory.sizes));
  writer.PutArray(std::span<const std::uint32_t>(directory.words));
  writer.PutArray(std::span<const std::uint64_t>(directory.checksums));
  return writer.Seal(kMagic, kVersion);
}

// Whether the lists have room for their codes, their postings and a block at least, and fill
// `words`.
bool SizesAddUp(const SegmentDirectory& directory, std::uint64_t words) {
  const std::size_t lists = directory.numbers.size();
  if (directory.sizes.size() != lists || directory.words.size() != lists ||
      directory.checksums.size() != lists)
    return false;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < lists; ++i) {
    const std::uint64_t size = directory.sizes[i];
    const std::uint64_t before_blocks = size * directory.code_words + (size + 1) / 2;
    if (size == 0 || directory.words[i] <= before_blocks ||
        directory.words[i] > before_blocks + size)
      return false;
    sum += directory.words[i];
  }
  return sum == words;
}

// `words`: the number of words in front of the directory.
Result<SegmentDirectory> ReadDirectory(std::string_view bytes, std::uint64_t words,
                                       const std::string& file) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kMagic, kVersion, file));
  if (reader.version() < kVersion)
    return Fail(ErrorCode::kCorrupt, file + " is of an older version");
  SegmentDirectory directory;
  directory.lists = reader.Get<std::uint32_t>();
  directory.code_words = reader.Get<std::uint32_t>();
  directory.numbers = reader.GetArray<std::uint32_t>();
  directory.sizes = reader.GetArray<std::uint32_t>();
  directory.words = reader.GetArray<std::uint32_t>();
  directory.checksums = reader.GetArray<std::uint64_t>();
  const auto& numbers = directory.numbers;
  const bool ascending =
      std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) == numbers.end();
  if (!reader.Complete() || !ascending || (!numbers.empty() && numbers.back() >= directory.lists) ||
      directory.lists > kMaxLists || directory.code_words == 0 ||
      directory.code_words > kMaxCodeWords || !SizesAddUp(directory, words)) {
    return Fail(ErrorCode::kCorrupt, file + ": fields do not add up");
  }
  return directory;
}

// An open file.
class FileBytes {
 public:
  explicit FileBytes(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~FileBytes() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  bool opened() const { return fd_ >= 0; }
  std::uint64_t size() const {
    const off_t end = ::lseek(fd_, 0, SEEK_END);
    return end < 0 ? 0 : static_cast<std::uint64_t>(end);
  }

  bool Read(std::uint64_t from, std::uint64_t bytes, void* to) const {
    char* at = static_cast<char*>(to);
    while (bytes > 0) {
      const ssize_t got =
          ::pread(fd_, at, std::min<std::uint64_t>(bytes, 1u << 30), static_cast<off_t>(from));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      at += got;
      from += static_cast<std::uint64_t>(got);
      bytes -= static_cast<std::uint64_t>(got);
    }
    return true;
  }

  // Maps the first `bytes` of the file, which are then in memory once for all processes. Null when
  // the system refuses. With `all`, every page is read at once.
  std::shared_ptr<const std::uint64_t> Words(std::uint64_t bytes, bool all) const {
    if (bytes == 0) return std::make_shared<const std::uint64_t>(0);
    void* at = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd_, 0);
    if (at == MAP_FAILED) return nullptr;
    // That is several times quicker than page by page. A kernel older than 5.14 does not know the
    // request; then pages are read when they are first touched.
    if (all && ::madvise(at, bytes, MADV_POPULATE_READ) != 0 && errno != EINVAL) {
      ::munmap(at, bytes);
      return nullptr;
    }
    return {static_cast<const std::uint64_t*>(at),
            [at, bytes](const std::uint64_t*) { ::munmap(at, bytes); }};
  }

 private:
  int fd_;
};

}  // namespace

Result<ListsFile> Segment::MergeToFile(std::span<const std::shared_ptr<const Segment>> from,
                                       std::span<const std::uint32_t> live,
                                       const std::filesystem::path& folder, const std::string& file,
                                       const std::function<void(std::string_view)>& step) {
  ListsFile written{.file = file};
  const Status published = PublishFile(
      folder / file,
      [&](const PutBytes& put) -> Status {
        const Put counted = [&](std::string_view bytes) {
          written.bytes += bytes.size();
          put(bytes);
        };
        INLIER_ASSIGN_OR_RETURN(const SegmentDirectory directory, MergeLists(from, live, counted));
        const std::string sealed = SealDirectory(directory);
        written.hash = Hash64(sealed);
        const std::uint64_t length = sealed.size();
        counted(sealed);
        counted({reinterpret_cast<const char*>(&length), sizeof(length)});
        return {};
      },
      step);
  if (!published) return tl::unexpected(published.error());
  return written;
}

Status Segment::Readable(std::span<const std::uint64_t> words) const {
  static const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(words.data()) / page_bytes * page_bytes;
  const auto end = reinterpret_cast<std::uintptr_t>(words.data() + words.size());
  if (file_.file.empty() || words.empty()) return {};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the start of a page is found by its number
  auto* const page = reinterpret_cast<void*>(begin);
  // A kernel older than 5.14 does not know the request.
  if (::madvise(page, end - begin, MADV_POPULATE_READ) == 0 || errno == EINVAL) return {};
  return Fail(ErrorCode::kIo, fmt::format("{} cannot be read: {}", file_.file,
                                          std::strerror(errno == EFAULT ? EIO : errno)));
}

Result<std::shared_ptr<const Segment>> Segment::Open(const std::filesystem::path& folder,
                                                     const ListsFile& file, bool lazy) {
  const FileBytes bytes(folder / file.file);
  if (!bytes.opened()) return Fail(ErrorCode::kNotFound, file.file + " cannot be opened");
  if (bytes.size() != file.bytes || file.bytes < sizeof(std::uint64_t)) {
    return Fail(ErrorCode::kCorrupt, file.file + " has another size than the manifest says");
  }
  std::uint64_t length = 0;
  const std::uint64_t before_length = file.bytes - sizeof(length);
  if (!bytes.Read(before_length, sizeof(length), &length))
    return Fail(ErrorCode::kIo, file.file + " cannot be read to the end");
  if (length > before_length || (before_length - length) % sizeof(std::uint64_t) != 0) {
    return Fail(ErrorCode::kCorrupt, file.file + ": fields do not add up");
  }
  std::string sealed(length, '\0');
  const std::uint64_t list_bytes = before_length - length;
  if (!bytes.Read(list_bytes, length, sealed.data()))
    return Fail(ErrorCode::kIo, file.file + " cannot be read to the end");
  if (Hash64(sealed) != file.hash)
    return Fail(ErrorCode::kCorrupt, file.file + " has another hash than the manifest says");
  INLIER_ASSIGN_OR_RETURN(auto directory,
                          ReadDirectory(sealed, list_bytes / sizeof(std::uint64_t), file.file));
  auto words = bytes.Words(list_bytes, !lazy);
  if (!words) return Fail(ErrorCode::kIo, file.file + " cannot be read");
  const std::shared_ptr<Segment> segment(new Segment(std::move(directory), std::move(words)));
  segment->file_ = file;
  if (lazy) {
    segment->checked_ = std::make_unique<std::atomic<bool>[]>(segment->directory_.numbers.size());
  } else {
    INLIER_RETURN_IF_ERROR(segment->CheckAll());
  }
  return segment;
}

}  // namespace inlier
