#include "server/target.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace inlier::server {
namespace {

constexpr std::size_t kMaxParameters = 200;

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// How many bytes the character that begins with `first` has, and the bounds of its second byte.
struct Utf8Form {
  int bytes = 0;
  unsigned char least = 0x80, most = 0xBF;
};
Utf8Form FormOf(unsigned char first) {
  if (first < 0x80) return {1};
  if (first >= 0xC2 && first <= 0xDF) return {2};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {3};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {4};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

Status ParseParameters(std::string_view text, Target& target) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (target.parameters.size() == kMaxParameters) return Wrong("there are too many parameters");
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = PercentDecoded(pair.substr(0, equals), true);
    if (!name) return tl::unexpected(name.error());
    const auto value = PercentDecoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!value) return tl::unexpected(value.error());
    target.parameters.emplace_back(*name, *value);
  }
  return {};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Form form = FormOf(static_cast<unsigned char>(text[i]));
    if (form.bytes == 0 || text.size() - i < static_cast<std::size_t>(form.bytes)) return false;
    for (int k = 1; k < form.bytes; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if (byte < (k == 1 ? form.least : 0x80) || byte > (k == 1 ? form.most : 0xBF)) return false;
    }
    i += static_cast<std::size_t>(form.bytes);
  }
  return true;
}

Result<std::string> PercentDecoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Wrong("an escape is not % and two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return Wrong("the target has a zero byte");
    decoded += c;
  }
  if (!IsUtf8(decoded)) return Wrong("the target is not UTF-8");
  return decoded;
}

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

Result<Target> ParseTarget(std::string_view text) {
  if (!text.starts_with('/')) return Wrong("the target is not a path that begins with /");
  if (text.find('#') != std::string_view::npos) return Wrong("the target has a fragment");
  const std::size_t question = std::min(text.find('?'), text.size());
  Target target{.path = std::string(text.substr(0, question)), .segments = {}, .parameters = {}};
  for (std::string_view rest = std::string_view(target.path).substr(1);;) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const auto segment = PercentDecoded(rest.substr(0, end), false);
    if (!segment) return tl::unexpected(segment.error());
    if (*segment == "." || *segment == "..") return Wrong("a segment of the path is . or ..");
    target.segments.push_back(*segment);
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  const Status parsed = ParseParameters(text.substr(std::min(question + 1, text.size())), target);
  if (!parsed) return tl::unexpected(parsed.error());
  return target;
}

bool Target::Has(std::string_view name) const {
  return std::ranges::any_of(parameters, [&](const auto& pair) { return pair.first == name; });
}

std::string_view Target::Value(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return otherwise;
}

Result<int> Target::Number(std::string_view name, int otherwise, int least, int most) const {
  if (!Has(name)) return otherwise;
  const std::string_view text = Value(name);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return Wrong(fmt::format("{} is not a whole number from {} to {}", name, least, most));
  }
  return number;
}

Result<bool> Target::Truth(std::string_view name) const {
  if (!Has(name)) return false;
  const std::string_view text = Value(name);
  if (text.empty() || text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return Wrong(fmt::format("{} is neither true nor false", name));
}

std::optional<std::string> Target::Unknown(const std::vector<std::string_view>& names) const {
  for (const auto& [key, unused] : parameters)
    if (std::ranges::find(names, key) == names.end()) return key;
  return std::nullopt;
}

}  // namespace inlier::server
