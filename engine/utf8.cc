// What catalogues need to know of Unicode. utf8proc has the tables; text without a byte above 0x7F,
// which is most of it, never reaches them.
#include "engine/utf8.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <utf8proc.h>

namespace inlier {
namespace {

constexpr std::array<std::string_view, 7> kSpaces{
    " ", "\t", "\xC2\xA0", "\xE2\x80\x87", "\xE2\x80\x8B", "\xE2\x80\xAF", "\xEF\xBB\xBF"};

std::size_t AsciiBytes(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// The bytes of the character that `text` begins with; 0 when it begins with none.
std::size_t CharacterBytes(std::string_view text) {
  utf8proc_int32_t unused = 0;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(text.size()), &unused);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

std::string Mapped(std::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string result(text);
  if (size >= 0) {
    result.assign(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  }
  std::free(mapped);
  return result;
}

// The value of the \xHH that `text` begins with, or -1.
int EscapedByte(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.size() < 4 || text[0] != '\\' || text[1] != 'x') return -1;
  const auto high = kDigits.find(static_cast<char>(std::toupper(text[2])));
  const auto low = kDigits.find(static_cast<char>(std::toupper(text[3])));
  const auto none = std::string_view::npos;
  return high == none || low == none ? -1 : static_cast<int>(high * 16 + low);
}

}  // namespace

std::size_t ValidUtf8Bytes(std::string_view text) {
  std::size_t at = AsciiBytes(text);
  while (at < text.size()) {
    const std::size_t bytes = CharacterBytes(text.substr(at));
    if (bytes == 0) break;
    at += bytes;
    at += AsciiBytes(text.substr(at));
  }
  return at;
}

bool IsAscii(std::string_view text) { return AsciiBytes(text) == text.size(); }

std::string ComposedForm(std::string_view text) {
  return IsAscii(text) ? std::string(text) : Mapped(text, 0);
}

std::string FoldedForm(std::string_view text) {
  if (!IsAscii(text)) return Mapped(text, UTF8PROC_CASEFOLD);
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view TrimSpaces(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        again = true;
      } else if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        again = true;
      }
    }
    while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  }
  return text;
}

std::string EscapedForm(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    std::size_t bytes = ValidUtf8Bytes(text.substr(0, 1)) == 1 ? 1 : CharacterBytes(text);
    if (bytes == 0 || EscapedByte(text) >= 0) {
      bytes = 1;
      escaped += fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
    } else {
      escaped += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return escaped;
}

std::string UnescapedForm(std::string_view escaped) {
  std::string text;
  while (!escaped.empty()) {
    const int byte = EscapedByte(escaped);
    text += byte >= 0 ? static_cast<char>(byte) : escaped.front();
    escaped.remove_prefix(byte >= 0 ? 4 : 1);
  }
  return text;
}

}  // namespace inlier
