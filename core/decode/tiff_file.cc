#include "core/decode/tiff_file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "core/decode/bad_image.h"

namespace inlier {
namespace {

tmsize_t NothingWritten(thandle_t, void*, tmsize_t) noexcept { return -1; }
int NothingToClose(thandle_t) noexcept { return 0; }
void NothingToUnmap(thandle_t, void*, toff_t) noexcept {}

bool HasOneOf(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](auto part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace

Result<std::unique_ptr<TiffFile>> TiffFile::Open(Bytes file, const DecodeLimits& limits) {
  INLIER_RETURN_IF_ERROR(LoadTiffLibrary());
  std::unique_ptr<TiffFile> opened(new TiffFile(file));
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(
      Tiff().OpenOptionsAlloc(), Tiff().OpenOptionsFree);
  if (!options) return NoMemory();
  Tiff().OpenOptionsSetMaxSingleMemAlloc(options.get(), limits.max_memory_bytes);
  Tiff().OpenOptionsSetErrorHandlerExtR(options.get(), OnError, opened.get());
  Tiff().OpenOptionsSetWarningHandlerExtR(options.get(), OnWarning, opened.get());
  constexpr auto size = [](thandle_t self) noexcept -> toff_t {
    return static_cast<TiffFile*>(self)->file_.size();
  };
  // The file is in memory already: libtiff reads from there and makes no copy.
  constexpr auto map = [](thandle_t self, void** base, toff_t* size_bytes) noexcept -> int {
    const Bytes bytes = static_cast<TiffFile*>(self)->file_;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it is only read
    *base = const_cast<std::uint8_t*>(bytes.data());
    *size_bytes = bytes.size();
    return 1;
  };
  opened->tiff_ = Tiff().ClientOpenExt("TIFF", "r", opened.get(), OnRead, NothingWritten, OnSeek,
                                       NothingToClose, size, map, NothingToUnmap, options.get());
  if (opened->tiff_ == nullptr) return Bad("TIFF: truncated or damaged" + opened->Words());
  return opened;
}

TiffFile::~TiffFile() {
  if (tiff_ != nullptr) Tiff().Close(tiff_);
}

std::string TiffFile::Words() const {
  return error_[0] == '\0' ? std::string() : fmt::format(" ({})", error_.data());
}

void TiffFile::MoveWarningsTo(std::vector<std::string>& warnings) const {
  for (std::size_t i = 0; i < warning_count_; ++i) warnings.emplace_back(warnings_[i].data());
}

int TiffFile::OnError(TIFF* /*tiff*/, void* self, const char* /*module*/, const char* format,
                      va_list values) noexcept {
  auto& file = *static_cast<TiffFile*>(self);
  if (file.error_[0] == '\0') {
    std::vsnprintf(file.error_.data(), file.error_.size(), format, values);
  }
  return 1;  // libtiff is not to print it
}

int TiffFile::OnWarning(TIFF* /*tiff*/, void* self, const char* /*module*/, const char* format,
                        va_list values) noexcept {
  auto& file = *static_cast<TiffFile*>(self);
  Message message{};
  std::vsnprintf(message.data(), message.size(), format, values);
  const std::string_view text(message.data());
  // Private tags of cameras and programs are in half of all files, and nothing is wrong with them.
  if (HasOneOf(text, {"Unknown field", "ExtraSamples"})) return 1;
  // What does not concern pixels, although it is found while they are decoded. Everything else is
  // about a line or a block that was filled with something.
  if (file.decoding_ && !HasOneOf(text, {"extraneous bytes", "Improper JPEG strip/tile size",
                                         "Discarding", "Old-style LZW", "old-style JPEG"})) {
    file.pixels_invented_ = true;
    if (file.error_[0] == '\0') file.error_ = message;
  }
  const auto kept = file.warnings_.begin() + static_cast<std::ptrdiff_t>(file.warning_count_);
  if (kept != file.warnings_.end() && std::find(file.warnings_.begin(), kept, message) == kept) {
    *kept = message;
    ++file.warning_count_;
  }
  return 1;
}

tmsize_t TiffFile::OnRead(thandle_t self, void* to, tmsize_t size) noexcept {
  auto& file = *static_cast<TiffFile*>(self);
  if (size <= 0 || file.at_ >= file.file_.size()) return 0;
  const auto count = std::min(static_cast<std::size_t>(size),
                              file.file_.size() - static_cast<std::size_t>(file.at_));
  std::memcpy(to, file.file_.data() + file.at_, count);
  file.at_ += count;
  return static_cast<tmsize_t>(count);
}

toff_t TiffFile::OnSeek(thandle_t self, toff_t offset, int whence) noexcept {
  auto& file = *static_cast<TiffFile*>(self);
  const std::uint64_t from = whence == SEEK_SET   ? 0
                             : whence == SEEK_CUR ? file.at_
                                                  : file.file_.size();
  file.at_ = from + offset;
  return file.at_;
}

}  // namespace inlier
