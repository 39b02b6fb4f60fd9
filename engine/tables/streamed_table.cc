#include "engine/tables/streamed_table.h"

#include <utility>

namespace inlier {
namespace {

constexpr std::size_t kMaxColumns = 1 << 16;

}  // namespace

void TableColumns::Append(std::string name) { names_.push_back(std::move(name)); }

std::optional<std::size_t> TableColumns::Number(std::string_view name) {
  const auto found = numbers_.find(std::string(name));
  if (found != numbers_.end()) return found->second;
  if (names_.size() >= kMaxColumns) return std::nullopt;
  names_.emplace_back(name);
  return numbers_.emplace(name, names_.size() - 1).first->second;
}

}  // namespace inlier
