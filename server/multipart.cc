#include "server/multipart.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/target.h"

namespace inlier::server {
namespace {

constexpr std::size_t kMaxPartHeader = 4096;  // bytes
constexpr std::size_t kMaxBoundary = 70;      // RFC 2046

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Reads a quoted text, whose first quote `text` begins with, and removes it from `text`.
bool TakeQuoted(std::string_view& text, std::string& value) {
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return true;
}

// The lines of a part's header, up to its empty line.
Status ReadPartHeader(std::string_view header, Part& part) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Wrong("a line of a part's header has no colon");
    const std::string_view name = line.substr(0, colon), value = Trimmed(line.substr(colon + 1));
    if (EqualsIgnoringCase(name, "content-disposition")) {
      part.name = HeaderParameter(value, "name");
      part.filename = HeaderParameter(value, "filename");
    } else if (EqualsIgnoringCase(name, "content-type")) {
      part.content_type = value;
    }
  }
  if (part.name.empty()) return Wrong("a part has no name");
  if (!IsUtf8(part.name) || !IsUtf8(part.filename) || part.name.find('\0') != std::string::npos ||
      part.filename.find('\0') != std::string::npos)
    return Wrong("the name of a part is not UTF-8");
  return {};
}

}  // namespace

std::string HeaderParameter(std::string_view header, std::string_view name) {
  std::size_t semicolon = header.find(';');
  while (semicolon != std::string_view::npos) {
    header = Trimmed(header.substr(semicolon + 1));
    const std::size_t equals = header.find_first_of("=;");
    if (equals == std::string_view::npos || header[equals] == ';') {
      semicolon = equals;
      continue;
    }
    const std::string_view key = Trimmed(header.substr(0, equals));
    header = Trimmed(header.substr(equals + 1));
    std::string value;
    if (header.starts_with('"')) {
      if (!TakeQuoted(header, value)) return {};
    } else {
      value = Trimmed(header.substr(0, header.find(';')));
    }
    if (EqualsIgnoringCase(key, name)) return value;
    semicolon = header.find(';');
  }
  return {};
}

Result<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                         std::span<const std::uint8_t> body,
                                         std::size_t max_parts) {
  const std::string boundary = HeaderParameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kMaxBoundary)
    return Wrong("the content type has no usable boundary");
  const std::string delimiter = "\r\n--" + boundary;
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  // The first delimiter may stand at the very start, without a line end before it.
  std::size_t at = 0;
  if (text.starts_with(std::string_view(delimiter).substr(2))) {
    at = delimiter.size() - 2;
  } else if (at = text.find(delimiter); at != std::string_view::npos) {
    at += delimiter.size();
  } else {
    return Wrong("the body does not have its boundary");
  }
  std::vector<Part> parts;
  while (true) {
    if (text.substr(at, 2) == "--") return parts;  // what follows the last delimiter is ignored
    const std::size_t line = text.find_first_not_of(" \t", at);
    if (line == std::string_view::npos || text.substr(line, 2) != "\r\n")
      return Wrong("a delimiter is not alone in its line, or the body ends before its last one");
    if (parts.size() == max_parts)
      return Wrong(fmt::format("there are more than {} parts", max_parts));
    const std::size_t begin = line + 2;
    const std::size_t blank = text.substr(begin, kMaxPartHeader).find("\r\n\r\n");
    if (blank == std::string_view::npos) return Wrong("the header of a part does not end");
    Part part;
    const Status read = ReadPartHeader(text.substr(begin, blank), part);
    if (!read) return tl::unexpected(read.error());
    // The empty line's own line end may be the one before the next delimiter.
    const std::size_t content = begin + blank + 4;
    const std::size_t end = text.find(delimiter, content - 2);
    if (end == std::string_view::npos) return Wrong("the body ends before its last delimiter");
    part.bytes =
        end < content ? std::span<const std::uint8_t>() : body.subspan(content, end - content);
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
}

}  // namespace inlier::server
