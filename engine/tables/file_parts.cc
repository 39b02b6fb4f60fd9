#include "engine/tables/file_parts.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <fmt/format.h>

#include "core/file.h"

namespace inlier {
namespace {

constexpr std::size_t kPartBytes = 64 << 10;

// Counts lines and characters; a line ends with a line feed, a carriage return, or both.
class LineCounter {
 public:
  void Add(unsigned unit, bool continues_character) {
    if (unit == '\n' && last_ == '\r') {
      last_ = unit;
      return;
    }
    last_ = unit;
    if (unit == '\n' || unit == '\r') {
      ++line_;
      column_ = 1;
    } else if (!continues_character) {
      ++column_;
    }
  }
  std::string Text() const { return fmt::format("line {}, column {}", line_, column_); }

 private:
  std::size_t line_ = 1, column_ = 1;
  unsigned last_ = 0;
};

}  // namespace

Status ReadParts(const std::filesystem::path& path, std::uintmax_t offset,
                 const std::function<bool(std::string_view)>& visit) {
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(path, error);
  if (!is_file) {
    const bool absent = error == std::errc::no_such_file_or_directory;
    return Fail(absent ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{}: {}", path.string(), error ? error.message() : "not a file"));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (in) in.seekg(static_cast<std::streamoff>(offset));
  std::vector<char> part(kPartBytes);
  while (in) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto count = static_cast<std::size_t>(in.gcount());
    if (count > 0 && !visit({part.data(), count})) return {};
  }
  if (in.eof() && !in.bad()) return {};
  return Fail(ErrorCode::kIo,
              fmt::format("{}: {}", path.string(), errno ? CauseOf(errno) : "cannot be read"));
}

std::string PositionOf(const std::filesystem::path& path, std::uintmax_t offset,
                       const std::string& encoding) {
  const bool wide = encoding.starts_with("UTF-16"), little = encoding == "UTF-16LE";
  LineCounter counter;
  std::uintmax_t at = 0;
  unsigned first = 0;
  (void)ReadParts(path, 0, [&](std::string_view part) {
    for (const char c : part) {
      if (at >= offset) return false;
      const auto byte = static_cast<unsigned char>(c);
      if (!wide) {
        const bool is_mark = encoding == "UTF-8" && at < 3 && byte >= 0xBB;
        counter.Add(byte, is_mark || (encoding == "UTF-8" && (byte & 0xC0) == 0x80));
      } else if (at % 2 == 0) {
        first = byte;
      } else {
        const unsigned unit = little ? first | byte << 8U : first << 8U | byte;
        counter.Add(unit, unit == 0xFEFF || (unit >= 0xDC00 && unit <= 0xDFFF));
      }
      ++at;
    }
    return true;
  });
  return counter.Text();
}

}  // namespace inlier
