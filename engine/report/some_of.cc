#include "engine/report/some_of.h"

#include <fmt/core.h>

namespace inlier {
namespace {

constexpr std::size_t kMaxNames = 10;

}  // namespace

std::string SomeOf(const std::vector<std::string>& names) {
  // Leaving out one name would save nothing.
  const std::size_t shown = names.size() > kMaxNames + 1 ? kMaxNames : names.size();
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace inlier
