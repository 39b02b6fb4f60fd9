#include "index/ballot.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inlier {
namespace {

constexpr std::size_t kAngleBins = 16;
constexpr std::size_t kScaleBins = 16;  // half octaves
// For each face that is asked for, so many are looked at for votes that agree. Doubling it changes
// no shortlist of the joint gallery (docs/EVALUATION.md).
constexpr std::size_t kLookedAt = 20;
// How much of a face's other votes counts beside those that agree. Votes for flat things agree in
// scale and turn; votes for bent things do not (docs/evaluation/history.md).
constexpr float kAnyPose = 0.5f;
constexpr std::size_t kVotesAhead = 16;
constexpr std::size_t kMostFeatures = 65'535;

struct Histograms {
  std::array<float, kAngleBins> angles{};
  std::array<float, kScaleBins> scales{};

  void Add(const Vote& vote) {
    constexpr std::size_t width = 256 / kAngleBins;
    angles[static_cast<std::uint8_t>(vote.angle + width / 2) / width] += vote.weight;
    scales[static_cast<std::size_t>(vote.octaves + 8)] += vote.weight;
  }

  // Two neighbouring bins are taken together, so that no pose falls between them.
  float Agreeing() const {
    float angle = 0, scale = 0;
    for (std::size_t i = 0; i < kAngleBins; ++i)
      angle = std::max(angle, angles[i] + angles[(i + 1) % kAngleBins]);
    for (std::size_t i = 0; i + 1 < kScaleBins; ++i)
      scale = std::max(scale, scales[i] + scales[i + 1]);
    return std::min(angle, scale);
  }
};

// Corrects votes for the number of the face's features. A table, since computing the power for each
// of a hundred thousand faces takes noticeable time.
float PerFeature(float votes, std::uint32_t features) {
  static const std::vector<float> shares = [] {
    std::vector<float> table;
    for (std::size_t n = 0; n <= kMostFeatures; ++n)
      table.push_back(1.0f / std::pow(static_cast<float>(n) + 50.0f, 0.4f));
    return table;
  }();
  return votes * shares[std::min<std::size_t>(features, kMostFeatures)];
}

}  // namespace

void Ballot::Open(std::size_t faces) {
  for (const FaceNumber face : touched_) tallies_[face] = {};
  touched_.clear();
  votes_.clear();
  if (tallies_.size() < faces) tallies_.resize(faces);
}

void Ballot::Cast(const Vote& vote) {
  Tally& tally = tallies_[vote.face];
  const std::int32_t feature = vote.pair.photo;
  if (tally.last_feature != feature) {
    if (tally.last_feature < 0) touched_.push_back(vote.face);
    tally.last_feature = feature;
    tally.last_weight = 0;
  }
  const float more = std::max(vote.weight - tally.last_weight, 0.0f);
  tally.last_weight += more;
  tally.votes += more;
  votes_.push_back(vote);
  votes_.back().weight = more;
}

std::vector<Candidate> Ballot::Close(int count, std::span<const std::uint32_t> feature_counts) {
  std::vector<std::pair<float, FaceNumber>> order;  // the most votes first, then the lower number
  order.reserve(touched_.size());
  for (const FaceNumber face : touched_)
    order.emplace_back(-PerFeature(tallies_[face].votes, feature_counts[face]), face);
  const std::size_t looked_at =
      std::min(order.size(), kLookedAt * static_cast<std::size_t>(std::max(count, 0)));
  if (looked_at < order.size())
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(looked_at),
                     order.end());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < looked_at; ++i) candidates.push_back({order[i].second, 0, {}});
  // The tallies are done, so from here on last_feature is a face's place among the candidates.
  for (const FaceNumber face : touched_) tallies_[face].last_feature = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    tallies_[candidates[i].number].last_feature = static_cast<std::int32_t>(i);
  std::vector<Histograms> histograms(candidates.size());
  // The votes for these faces, with the faces' places. They are few among all votes.
  std::vector<std::pair<const Vote*, std::size_t>> looked_at_votes;
  for (std::size_t i = 0; i < votes_.size(); ++i) {
    if (i + kVotesAhead < votes_.size()) Prefetch(votes_[i + kVotesAhead].face);
    const std::int32_t place = tallies_[votes_[i].face].last_feature;
    if (place < 0) continue;
    looked_at_votes.emplace_back(&votes_[i], static_cast<std::size_t>(place));
    histograms[static_cast<std::size_t>(place)].Add(votes_[i]);
  }
  std::vector<std::pair<float, std::size_t>> standing;  // the highest first, then the lower number
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const FaceNumber face = candidates[i].number;
    const float agreeing = histograms[i].Agreeing();
    candidates[i].votes = PerFeature(agreeing, feature_counts[face]);
    standing.emplace_back(
        -PerFeature(agreeing + kAnyPose * (tallies_[face].votes - agreeing), feature_counts[face]),
        i);
  }
  const auto by_standing = [&candidates](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first
                              : candidates[a.second].number < candidates[b.second].number;
  };
  const std::size_t count_kept =
      std::min(standing.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::partial_sort(standing.begin(), standing.begin() + static_cast<std::ptrdiff_t>(count_kept),
                    standing.end(), by_standing);
  constexpr std::size_t kDropped = static_cast<std::size_t>(-1);
  std::vector<std::size_t> kept(candidates.size(), kDropped);  // by place: the place among the best
  std::vector<Candidate> best;
  for (std::size_t i = 0; i < count_kept; ++i) {
    kept[standing[i].second] = i;
    best.push_back(candidates[standing[i].second]);
  }
  for (const auto& [vote, place] : looked_at_votes) {
    if (kept[place] != kDropped) best[kept[place]].pairs.push_back(vote->pair);
  }
  return best;
}

}  // namespace inlier
