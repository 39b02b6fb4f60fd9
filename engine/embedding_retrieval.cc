#include "engine/embedding_retrieval.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/decide.h"

namespace inlier {
namespace {

// What the best item is compared with when it is alone: unrelated directions have a cosine of 0.
constexpr double kNoRival = 0;

// The pixel centres at the corners of a region, clockwise from the top left.
std::array<Point, 4> Corners(const Box& box) {
  const float left = box.left_px + 0.5f, top = box.top_px + 0.5f, right = box.right_px - 0.5f,
              bottom = box.bottom_px - 0.5f;
  return {{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

// Hits in the order of the shortlist, which is that of the score. Items that are gone are left out.
std::vector<Hit> HitsOf(const Features& photo, std::span<const ItemKeypoints> items,
                        std::span<const NearItem> shortlist, const Calibration& calibration,
                        const DecisionOptions& options) {
  std::unordered_map<ItemNumber, const ItemKeypoints*> stored;
  for (const ItemKeypoints& item : items) stored[item.number] = &item;
  std::vector<Hit> hits;
  std::unordered_set<std::size_t> taken;  // regions that have an accepted hit
  for (std::size_t i = 0; i < shortlist.size(); ++i) {
    const NearItem& near = shortlist[i];
    const auto found = stored.find(near.number);
    if (found == stored.end()) continue;
    Hit hit{.id = found->second->record.id,
            .metadata = found->second->record.metadata,
            .image_path = found->second->record.image_path};
    const double rival = shortlist.size() < 2 ? kNoRival : shortlist[i == 0 ? 1 : 0].similarity;
    hit.evidence.similarity = near.similarity;
    hit.evidence.margin = hit.evidence.similarity - rival;
    hit.score = calibration.offset + calibration.similarity * hit.evidence.similarity +
                calibration.margin * hit.evidence.margin;
    hit.probability = Probability(hit.score);
    const std::size_t region = near.photo_row;
    hit.polygon = Corners(photo.regions[region]);
    hit.accepted = hit.probability >= options.accept_probability && taken.insert(region).second;
    hits.push_back(std::move(hit));
  }
  std::stable_sort(hits.begin(), hits.end(),
                   [](const Hit& a, const Hit& b) { return a.accepted > b.accepted; });
  return hits;
}

// The nearest two rows of two images, as a shortlist of one.
NearItem NearestRows(const Features& photo, const Features& item) {
  NearItem nearest{.similarity = -2};  // less than any cosine
  std::vector<float> a(photo.descriptor_bytes), b(item.descriptor_bytes);
  for (std::size_t i = 0; i < photo.size(); ++i) {
    UnitDirection(photo.row(i), a.data());
    for (std::size_t j = 0; j < item.size(); ++j) {
      UnitDirection(item.row(j), b.data());
      float cosine = 0;
      for (std::size_t k = 0; k < a.size(); ++k) cosine += a[k] * b[k];
      if (cosine <= nearest.similarity) continue;
      nearest.similarity = cosine;
      nearest.photo_row = static_cast<std::uint16_t>(i);
      nearest.item_row = static_cast<std::uint16_t>(j);
    }
  }
  return nearest;
}

}  // namespace

Status EmbeddingRetrieval::Find(const Collection& collection, const Question& question,
                                StageClock& clock, Answer& answer) const {
  INLIER_ASSIGN_OR_RETURN(
      const auto nearest,
      collection.Nearest(question.features, options_.decide.candidates, question.filter));
  clock.Lap(answer, &Timings::shortlist_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));

  std::vector<ItemNumber> numbers;
  for (const NearItem& near : nearest) numbers.push_back(near.number);
  INLIER_ASSIGN_OR_RETURN(const auto items, collection.FetchKeypoints(numbers));
  answer.hits = HitsOf(question.features, items, nearest, calibration_, options_.decide);
  KeepRequested(answer.hits, question.query);
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<std::optional<Hit>> EmbeddingRetrieval::Match(const Image&, const Features& of_photo,
                                                     const Image&, const Features& of_item) const {
  const ItemKeypoints item{.features = of_item};
  const std::vector<NearItem> nearest{NearestRows(of_photo, of_item)};
  return HitsOf(of_photo, {&item, 1}, nearest, calibration_, options_.decide).front();
}

}  // namespace inlier
