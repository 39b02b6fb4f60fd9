// Converts the text of a file to UTF-8 by the C library's iconv.
#include <cerrno>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <iconv.h>

#include "engine/tables/encoding.h"
#include "engine/tables/file_parts.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxInput_bytes = 16;  // that iconv may leave for the next part

class Converter {
 public:
  explicit Converter(const std::string& encoding)
      : descriptor_(iconv_open("UTF-8", encoding.c_str())) {}
  ~Converter() {
    if (IsOpen()) iconv_close(descriptor_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how iconv says so
  bool IsOpen() const { return descriptor_ != reinterpret_cast<iconv_t>(-1); }

  // Appends the text of `bytes` to `text` and returns how many bytes it took. Fewer than all when
  // the rest is the beginning of a character, or is none at all.
  std::size_t Convert(std::string_view bytes, std::string& text) {
    std::string input(bytes);
    char* from = input.data();
    std::size_t left = input.size();
    std::vector<char> room(4 * input.size() + kMaxInput_bytes);
    char* to = room.data();
    std::size_t free = room.size();
    iconv(descriptor_, &from, &left, &to, &free);
    text.append(room.data(), room.size() - free);
    return bytes.size() - left;
  }

 private:
  iconv_t descriptor_;
};

}  // namespace

Status ReadAsUtf8(const std::filesystem::path& path, const TextEncoding& encoding,
                  const std::function<Status(std::string_view)>& visit) {
  Status status;
  if (encoding.name == "UTF-8") {
    INLIER_RETURN_IF_ERROR(ReadParts(path, encoding.mark_bytes, [&](std::string_view part) {
      status = visit(part);
      return status.has_value();
    }));
    return status;
  }
  Converter converter(encoding.name);
  if (!converter.IsOpen()) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: '{}' cannot be read; save it as UTF-8", path.string(), encoding.name));
  }
  std::string rest, text;
  std::uintmax_t offset = encoding.mark_bytes;
  const auto convert = [&](std::string_view part) {
    rest += part;
    text.clear();
    const std::size_t taken = converter.Convert(rest, text);
    offset += taken;
    rest.erase(0, taken);
    status = visit(text);
    return status.has_value() && rest.size() < kMaxInput_bytes;
  };
  INLIER_RETURN_IF_ERROR(ReadParts(path, encoding.mark_bytes, convert));
  INLIER_RETURN_IF_ERROR(status);
  if (rest.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}, {}: these bytes are not {}", path.filename().string(),
                          PositionOf(path, offset, encoding.name), encoding.name));
}

}  // namespace inlier
