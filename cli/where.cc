#include "cli/where.h"

#include <fmt/format.h>

#include "cli/console.h"
#include "core/result.h"

namespace inlier::cli {

Status CheckWhere(const Engine& engine,
                  const std::vector<std::pair<std::string, std::string>>& where) {
  if (where.empty()) return {};
  INLIER_ASSIGN_OR_RETURN(const std::uint64_t matched, engine.CountWhere(where));
  if (matched > 0) return {};
  // Mostly one of the conditions is mistyped, and then it is named.
  for (const auto& condition : where) {
    INLIER_ASSIGN_OR_RETURN(const std::uint64_t alone, engine.CountWhere({condition}));
    if (alone > 0) continue;
    Complain(fmt::format("warning: no item has {}={}", condition.first, condition.second));
    return {};
  }
  Complain("warning: no item satisfies all of --where at once");
  return {};
}

}  // namespace inlier::cli
