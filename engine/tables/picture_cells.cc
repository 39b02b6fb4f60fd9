#include "engine/tables/picture_cells.h"

#include <algorithm>
#include <filesystem>

#include "engine/picture_endings.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

std::vector<std::string> Split(std::string_view cell, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(cell.find(separator), cell.size());
    if (const auto part = TrimSpaces(cell.substr(0, end)); !part.empty()) parts.emplace_back(part);
    if (end == cell.size()) return parts;
    cell.remove_prefix(end + separator.size());
  }
}

// Cuts a cell that begins with a URL at the separators that another URL follows.
std::vector<std::string> SplitUrls(std::string_view cell) {
  std::vector<std::string> urls;
  std::size_t begin = 0;
  for (std::size_t at = cell.find_first_of("|;,\n"); at != std::string_view::npos;
       at = cell.find_first_of("|;,\n", at + 1)) {
    const std::string_view rest = TrimSpaces(cell.substr(at + 1));
    if (!rest.empty() && !IsUrl(rest)) continue;
    urls.emplace_back(TrimSpaces(cell.substr(begin, at - begin)));
    begin = at + 1;
  }
  urls.emplace_back(TrimSpaces(cell.substr(begin)));
  std::erase(urls, "");
  return urls;
}

}  // namespace

bool IsUrl(std::string_view picture) {
  if (picture.starts_with("//")) return true;
  constexpr std::size_t kMaxScheme = 32;
  const auto colon = picture.substr(0, kMaxScheme).find("://");
  if (colon == std::string_view::npos || colon < 2) return false;  // "C:" is a drive
  const std::string_view scheme = picture.substr(0, colon);
  if (FoldedForm(scheme) == "file") return false;
  return std::ranges::all_of(scheme, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
}

std::vector<std::string> PicturesOfCell(std::string_view cell, std::string_view separator,
                                        const std::function<bool(std::string_view)>& exists) {
  cell = TrimSpaces(cell);
  if (cell.empty()) return {};
  if (!separator.empty()) return Split(cell, separator);
  if (IsUrl(cell)) return SplitUrls(cell);
  for (const std::string_view found : {"\n", "|", ";", ","}) {
    if (cell.find(found) == std::string_view::npos) continue;
    auto parts = Split(cell, found);
    const bool all = std::ranges::all_of(parts, [](const std::string& part) {
      return IsUrl(part) || HasPictureEnding(std::filesystem::path(part));
    });
    if (all && !exists(cell)) return parts;
  }
  return {std::string(cell)};
}

}  // namespace inlier
