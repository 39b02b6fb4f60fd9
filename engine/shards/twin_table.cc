#include "engine/shards/twin_table.h"

#include <algorithm>

#include "core/blob.h"

namespace inlier::shards {

TwinTable::TwinTable(std::vector<DistantTwins> pairs) : pairs_(std::move(pairs)) {
  places_.reserve(2 * pairs_.size());
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    places_.emplace_back(Hash64(pairs_[i].first.pixel_hash), 2 * i);
    places_.emplace_back(Hash64(pairs_[i].second.pixel_hash), 2 * i + 1);
  }
  std::ranges::sort(places_);
}

std::vector<TwinTable::Twin> TwinTable::Of(std::size_t shard, std::string_view pixel_hash) const {
  std::vector<Twin> twins;
  const std::uint64_t key = Hash64(pixel_hash);
  auto at = std::ranges::lower_bound(places_, key, {}, &decltype(places_)::value_type::first);
  for (; at != places_.end() && at->first == key; ++at) {
    const DistantTwins& pair = pairs_[at->second / 2];
    const bool is_second = at->second % 2 != 0;
    const DistantTwins::Face& self = is_second ? pair.second : pair.first;
    if (self.shard == shard && self.pixel_hash == pixel_hash)
      twins.push_back({is_second ? &pair.first : &pair.second, pair.likeness});
  }
  return twins;
}

}  // namespace inlier::shards
