#include "bench/bench_answer.h"

namespace inlier {
namespace {

constexpr std::size_t kOutlinesKept = 10;

}  // namespace

Ranking BenchAnswer::ranking() const {
  Ranking ids;
  for (const RankedItem& item : items) ids.push_back(item.id);
  return ids;
}

BenchAnswer ToBenchAnswer(const Answer& answer) {
  BenchAnswer out{.wall_ms = answer.timings.total_ms, .cpu = answer.cpu};
  for (const Hit& hit : answer.hits) {
    RankedItem item{hit.id, hit.score, hit.probability, hit.accepted, hit.inliers, {}};
    if (hit.polygon && (hit.accepted || out.items.size() < kOutlinesKept))
      item.outline.assign(hit.polygon->begin(), hit.polygon->end());
    out.items.push_back(std::move(item));
  }
  return out;
}

}  // namespace inlier
