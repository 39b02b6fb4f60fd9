#include "engine/entry_collector.h"

#include <utility>

#include <fmt/format.h>

#include "engine/left_out.h"

namespace inlier {

void EntryCollector::Reject(std::string where, std::string reason) {
  catalogue_.rejected.push_back({std::move(where), std::move(reason)});
}

void EntryCollector::Add(CatalogueEntry entry, const std::string& where) {
  if (entry.id.size() > kMaxIdBytes) {
    return Reject(where,
                  fmt::format("the id has {} bytes, more than {}", entry.id.size(), kMaxIdBytes));
  }
  const auto [first, is_new] = where_.try_emplace(entry.id, where);
  if (!is_new) {
    return Reject(where, fmt::format("the id '{}' is already used by {}", entry.id, first->second));
  }
  if (const auto other = alike_.Add(entry.id)) {
    catalogue_.warnings.push_back({where, AlikeText(entry.id, *other)});
  }
  catalogue_.entries.push_back(std::move(entry));
}

Result<Catalogue> EntryCollector::Finish(const std::filesystem::path& path) && {
  if (!catalogue_.entries.empty() || !catalogue_.rejected.empty()) return std::move(catalogue_);
  const std::string others = LeftOutText(catalogue_.left_out);
  return Fail(ErrorCode::kInvalidArgument,
              others.empty() ? fmt::format("{}: nothing in it", path.string())
                             : fmt::format("{}: no picture in it; {}", path.string(), others));
}

}  // namespace inlier
