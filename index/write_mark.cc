#include "index/write_mark.h"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "core/blob.h"

namespace inlier {
namespace {

constexpr const char* kName = "ACKNOWLEDGED";
constexpr std::string_view kMagic = "INAK";
constexpr std::uint16_t kVersion = 1;
// Of the whole blob. A disk writes a sector as a whole, and this fits into one.
constexpr std::size_t kBytes = 32;

}  // namespace

WriteMark::~WriteMark() {
  if (fd_ >= 0) ::close(fd_);
}

std::uint64_t WriteMark::Read(const std::filesystem::path& folder) {
  const int fd = ::open((folder / kName).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::array<char, kBytes> bytes;
  const ssize_t size = ::pread(fd, bytes.data(), bytes.size(), 0);
  ::close(fd);
  if (size != static_cast<ssize_t>(kBytes)) return 0;
  auto blob = BlobReader::Open({bytes.data(), bytes.size()}, kMagic, kVersion, kName);
  if (!blob) return 0;
  const auto sequence_number = blob->Get<std::uint64_t>();
  return blob->Complete() ? sequence_number : 0;
}

void WriteMark::Open(const std::filesystem::path& folder) {
  fd_ = ::open((folder / kName).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
}

void WriteMark::Write(std::uint64_t sequence_number) const {
  if (fd_ < 0) return;
  BlobWriter writer;
  writer.Put(sequence_number);
  const std::string blob = writer.Seal(kMagic, kVersion);
  [[maybe_unused]] const ssize_t written = ::pwrite(fd_, blob.data(), blob.size(), 0);
}

}  // namespace inlier
