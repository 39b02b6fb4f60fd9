// Finds out the encoding of a table. The whole file is looked at before a row of it is read, since
// one stray byte in the last line decides what the ids of the first ones are.
#include "engine/tables/encoding.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "engine/tables/file_parts.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxCharacter_bytes = 4;

std::string FirstBytes(const std::filesystem::path& path, Status& status) {
  std::string bytes;
  status = ReadParts(path, 0, [&bytes](std::string_view part) {
    bytes = part.substr(0, 4096);
    return false;
  });
  return bytes;
}

// Most of a table is ASCII, so that in UTF-16 every other byte is zero.
std::optional<std::string> WideWithoutMark(std::string_view bytes) {
  std::size_t zeros[2] = {0, 0};
  const std::size_t pairs = bytes.size() / 2;
  for (std::size_t i = 0; i < 2 * pairs; ++i) zeros[i % 2] += bytes[i] == '\0';
  if (pairs < 4) return std::nullopt;
  if (zeros[0] == 0 && zeros[1] * 2 > pairs) return "UTF-16LE";
  if (zeros[1] == 0 && zeros[0] * 2 > pairs) return "UTF-16BE";
  return std::nullopt;
}

// The encoding that the first line of an XML document declares.
std::string DeclaredEncoding(std::string_view bytes) {
  const auto end = bytes.find("?>");
  if (!bytes.starts_with("<?xml") || end == std::string_view::npos) return "";
  bytes = bytes.substr(0, end);
  const auto word = bytes.find("encoding");
  const auto open = bytes.find_first_of("\"'", std::min(word, bytes.size()));
  if (open == std::string_view::npos) return "";
  const auto close = bytes.find(bytes[open], open + 1);
  std::string name(bytes.substr(open + 1, close - open - 1));
  const bool plain = std::ranges::all_of(
      name, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  return plain && close != std::string_view::npos ? name : "";
}

// What a pass through the file finds, up to the first byte that is not UTF-8.
struct Utf8Check {
  bool has_letters = false;  // characters beyond ASCII
  std::optional<std::uintmax_t> bad;
};

Result<Utf8Check> CheckUtf8(const std::filesystem::path& path) {
  Utf8Check check;
  std::string rest;  // the first bytes of a character whose others are in the next part
  std::uintmax_t offset = 0;
  INLIER_RETURN_IF_ERROR(ReadParts(path, 0, [&](std::string_view part) {
    std::string joined;
    if (!rest.empty()) {
      joined = rest + std::string(part);
      part = joined;
    }
    const std::size_t valid = ValidUtf8Bytes(part);
    check.has_letters = check.has_letters || !IsAscii(part.substr(0, valid));
    offset += valid;
    rest = std::string(part.substr(valid));
    return rest.size() < kMaxCharacter_bytes;
  }));
  if (!rest.empty()) check.bad = offset;
  return check;
}

// The first byte that Windows-1252 does not define.
Result<std::optional<std::uintmax_t>> FindUndefined(const std::filesystem::path& path) {
  std::optional<std::uintmax_t> undefined;
  std::uintmax_t offset = 0;
  INLIER_RETURN_IF_ERROR(ReadParts(path, 0, [&](std::string_view part) {
    const auto found = part.find_first_of("\x81\x8D\x8F\x90\x9D");
    if (found != std::string_view::npos) undefined = offset + found;
    offset += part.size();
    return !undefined;
  }));
  return undefined;
}

tl::unexpected<Error> BadByte(const std::filesystem::path& path, std::uintmax_t offset,
                              const std::string& why) {
  unsigned byte = 0;
  (void)ReadParts(path, offset, [&byte](std::string_view part) {
    byte = static_cast<unsigned char>(part.front());
    return false;
  });
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}, {}: the byte 0x{:02X} {}; save the table as UTF-8",
                          path.filename().string(), PositionOf(path, offset, "UTF-8"), byte, why));
}

}  // namespace

Result<TextEncoding> FindEncoding(const std::filesystem::path& path) {
  Status status;
  const std::string first = FirstBytes(path, status);
  INLIER_RETURN_IF_ERROR(status);
  const auto refuse = [&path](const char* what) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", path.string(), what));
  };
  if (first.starts_with("PK\x03\x04")) return refuse("is a workbook; save it as CSV (UTF-8)");
  if (first.starts_with(std::string_view("\xFF\xFE\0\0", 4)) ||
      first.starts_with(std::string_view("\0\0\xFE\xFF", 4))) {
    return refuse("is UTF-32; save it as UTF-8");
  }
  if (first.starts_with("\xFF\xFE")) return TextEncoding{"UTF-16LE", 2};
  if (first.starts_with("\xFE\xFF")) return TextEncoding{"UTF-16BE", 2};
  if (auto wide = WideWithoutMark(first)) return TextEncoding{*wide, 0, true};

  INLIER_ASSIGN_OR_RETURN(const Utf8Check check, CheckUtf8(path));
  if (!check.bad) return TextEncoding{"UTF-8", first.starts_with("\xEF\xBB\xBF") ? 3u : 0u};
  if (first.starts_with("\xEF\xBB\xBF") || check.has_letters) {
    return BadByte(path, *check.bad, "is not UTF-8, though the text before it is");
  }
  const std::string declared = DeclaredEncoding(first);
  if (FoldedForm(declared) == "utf-8") return BadByte(path, *check.bad, "is not UTF-8");
  if (!declared.empty()) {
    return TextEncoding{declared};
  }
  INLIER_ASSIGN_OR_RETURN(const auto undefined, FindUndefined(path));
  if (undefined) return BadByte(path, *undefined, "is neither UTF-8 nor Windows-1252");
  return TextEncoding{"Windows-1252", 0, true};
}

}  // namespace inlier
