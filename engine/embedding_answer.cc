#include "engine/embedding_answer.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace inlier {
namespace {

// What an item that is alone is compared with: unrelated directions.
constexpr double kNoRival = 0;

std::array<Point, 4> Corners(const Box& box) {
  const float left = box.left_px + 0.5f, top = box.top_px + 0.5f, right = box.right_px - 0.5f,
              bottom = box.bottom_px - 0.5f;
  return {{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

}  // namespace

std::vector<Hit> AnswerByEmbedding(const Features& photo, std::span<const StoredItem> items,
                                   std::span<const Candidate> shortlist,
                                   const Calibration& calibration, const DecisionOptions& options) {
  std::unordered_map<ItemNumber, const StoredItem*> stored;
  for (const StoredItem& item : items) stored[item.number] = &item;
  std::vector<Hit> hits;
  std::vector<std::size_t> regions;
  for (std::size_t i = 0; i < shortlist.size(); ++i) {
    const Candidate& candidate = shortlist[i];
    const auto found = stored.find(candidate.number);
    if (found == stored.end() || candidate.pairs.empty()) continue;
    Hit hit{.id = found->second->record.id,
            .metadata = found->second->record.metadata,
            .image_path = found->second->record.image_path};
    const double similarity = candidate.votes;
    const double rival = shortlist.size() < 2 ? kNoRival : shortlist[i == 0 ? 1 : 0].votes;
    hit.evidence.similarity = similarity;
    hit.evidence.margin = similarity - rival;
    hit.score = calibration.offset + calibration.similarity * similarity +
                calibration.margin * hit.evidence.margin;
    hit.probability = Probability(hit.score);
    const std::size_t region = candidate.pairs.front().photo;
    hit.polygon = Corners(photo.regions[region]);
    hits.push_back(std::move(hit));
    regions.push_back(region);
  }
  // The shortlist is in the order of similarity, which is that of the score.
  std::map<std::size_t, bool> taken;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].probability < options.accept_probability || taken[regions[i]]) continue;
    hits[i].accepted = taken[regions[i]] = true;
  }
  std::stable_sort(hits.begin(), hits.end(),
                   [](const Hit& a, const Hit& b) { return a.accepted > b.accepted; });
  return hits;
}

Candidate CompareEmbeddings(const Features& photo, const Features& item) {
  Candidate nearest{.votes = -1};
  std::vector<float> a(photo.descriptor_bytes), b(item.descriptor_bytes);
  for (std::size_t i = 0; i < photo.size(); ++i) {
    UnitDirection(photo.row(i), a.data());
    for (std::size_t j = 0; j < item.size(); ++j) {
      UnitDirection(item.row(j), b.data());
      float cosine = 0;
      for (std::size_t k = 0; k < a.size(); ++k) cosine += a[k] * b[k];
      if (!nearest.pairs.empty() && cosine <= nearest.votes) continue;
      nearest.votes = cosine;
      nearest.pairs = {{static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(j), 0}};
    }
  }
  return nearest;
}

}  // namespace inlier
