#include "wire/merged.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "wire/json_parts.h"

namespace inlier::wire {
namespace {

struct Listed {
  std::string id;
  Json item;
};

struct Part {
  std::vector<Listed> items;        // in the order of the bytes of their ids
  std::optional<std::string> next;  // the list goes on after this id
};

tl::unexpected<Error> Wrong(const char* what) {
  return Fail(ErrorCode::kCorrupt, std::string("the reply of a shard is no ") + what);
}

Result<Part> ReadPage(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("items") || !json["items"].is_array())
    return Wrong("page of items");
  Part part;
  for (Json& item : json["items"]) {
    if (!item.is_object() || !item.contains("id") || !item["id"].is_string())
      return Wrong("page of items");
    auto id = item["id"].get<std::string>();
    part.items.push_back({std::move(id), std::move(item)});
  }
  if (const auto next = json.find("next"); next != json.end() && next->is_string())
    part.next = next->get<std::string>();
  return part;
}

// The figures that are those of all parts together, and those that all have in common.
struct Figure {
  const char* name;
  std::uint64_t CollectionStats::*field;
};
constexpr Figure kSums[] = {
    {"items", &CollectionStats::items},
    {"items_without_features", &CollectionStats::items_without_features},
    {"pictures", &CollectionStats::pictures},
    {"faces", &CollectionStats::faces},
    {"features", &CollectionStats::features},
    {"removed_postings", &CollectionStats::removed},
    {"postings", &CollectionStats::postings},
    {"segments", &CollectionStats::segments},
    {"embeddings", &CollectionStats::embeddings},
    {"index_bytes", &CollectionStats::index_bytes},
    {"mapped_bytes", &CollectionStats::mapped_bytes},
    {"disk_bytes", &CollectionStats::disk_bytes},
};
constexpr Figure kShared[] = {
    {"cells", &CollectionStats::cells},
    {"code_bits", &CollectionStats::code_bits},
};

}  // namespace

struct MergedPage::State {
  std::size_t limit = 0;
  Part all;
  bool more = false;  // there are items after those of `all`
};

MergedPage::MergedPage(std::size_t limit) : state_(std::make_unique<State>()) {
  state_->limit = limit;
}
MergedPage::~MergedPage() = default;

Status MergedPage::Add(std::string_view page) {
  auto part = ReadPage(page);
  if (!part) return tl::unexpected(part.error());
  Part& all = state_->all;
  std::vector<Listed> merged;
  merged.reserve(all.items.size() + part->items.size());
  std::merge(std::make_move_iterator(all.items.begin()), std::make_move_iterator(all.items.end()),
             std::make_move_iterator(part->items.begin()),
             std::make_move_iterator(part->items.end()), std::back_inserter(merged),
             [](const Listed& a, const Listed& b) { return a.id < b.id; });
  merged.erase(std::unique(merged.begin(), merged.end(),
                           [](const Listed& a, const Listed& b) { return a.id == b.id; }),
               merged.end());
  all.items = std::move(merged);
  if (part->next && (!all.next || *part->next < *all.next)) all.next = std::move(part->next);
  // After the end of its page a part may have items that are not known here.
  const auto known_end =
      all.next ? std::ranges::upper_bound(all.items, *all.next, {}, &Listed::id) : all.items.end();
  const auto known = static_cast<std::size_t>(known_end - all.items.begin());
  const std::size_t kept = std::min(known, state_->limit);
  state_->more = state_->more || all.next || kept < all.items.size();
  all.items.erase(all.items.begin() + static_cast<std::ptrdiff_t>(kept), all.items.end());
  return {};
}

std::string MergedPage::Text() const {
  const auto& items = state_->all.items;
  Json listed = Json::array();
  for (const Listed& one : items) listed.push_back(one.item);
  const bool goes_on = state_->more && !items.empty();
  return Line({{"items", std::move(listed)}, {"next", goes_on ? Json(items.back().id) : Json()}});
}

Status AddStats(std::string_view line, CollectionStats& total) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("items")) return Wrong("line of figures");
  const auto figure = [&json](const char* name) -> std::uint64_t {
    const auto found = json.find(name);
    return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  };
  for (const auto& [name, field] : kSums) total.*field += figure(name);
  for (const auto& [name, field] : kShared) total.*field = std::max(total.*field, figure(name));
  return {};
}

}  // namespace inlier::wire
