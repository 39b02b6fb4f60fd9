#include "index/ballot.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inlier {
namespace {

constexpr std::size_t kAngleBins = 16;
constexpr std::size_t kScaleBins = 16;  // half octaves
// For each face that is wanted, this many are examined for votes that agree. Doubling it changes no
// shortlist of the joint gallery (docs/EVALUATION.md).
constexpr std::size_t kLookedAt = 20;
// How much of a face's other votes counts beside those that agree. Votes for flat things agree in
// scale and turn; votes for bent things do not (docs/evaluation/history.md).
constexpr float kAnyPose = 0.5f;
constexpr std::size_t kVotesAhead = 16;
constexpr std::size_t kMaxFeatures = 65'535;

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
    for (std::size_t n = 0; n <= kMaxFeatures; ++n)
      table.push_back(1.0f / std::pow(static_cast<float>(n) + 50.0f, 0.4f));
    return table;
  }();
  return votes * shares[std::min<std::size_t>(features, kMaxFeatures)];
}

// How many faces are examined when `count` are wanted.
std::size_t LookedAt(int count) { return kLookedAt * static_cast<std::size_t>(std::max(count, 0)); }

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

std::vector<Standing> Ballot::Rank(int count, const FaceTable& faces) {
  std::vector<std::pair<float, FaceNumber>> order;  // the most votes first
  order.reserve(touched_.size());
  for (const FaceNumber face : touched_)
    order.emplace_back(-PerFeature(tallies_[face].votes, faces.counts[face]), face);
  const std::size_t ranked = std::min(order.size(), LookedAt(count));
  if (ranked < order.size())
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(ranked),
                     order.end(), [&faces](const auto& a, const auto& b) {
                       return a.first != b.first ? a.first < b.first
                                                 : faces.ComesBefore(a.second, b.second);
                     });
  order.resize(ranked);
  // The tallies are done, so from here on last_feature is a face's place among those ranked.
  for (const FaceNumber face : touched_) tallies_[face].last_feature = -1;
  ranked_.clear();
  for (const auto& [votes, face] : order) {
    tallies_[face].last_feature = static_cast<std::int32_t>(ranked_.size());
    ranked_.push_back(face);
  }
  std::vector<Histograms> histograms(ranked);
  ranked_votes_.clear();
  for (std::size_t i = 0; i < votes_.size(); ++i) {
    if (i + kVotesAhead < votes_.size()) Prefetch(votes_[i + kVotesAhead].face);
    const std::int32_t place = tallies_[votes_[i].face].last_feature;
    if (place < 0) continue;
    ranked_votes_.emplace_back(&votes_[i], static_cast<std::size_t>(place));
    histograms[static_cast<std::size_t>(place)].Add(votes_[i]);
  }
  std::vector<Standing> standings;
  standings.reserve(ranked);
  for (std::size_t i = 0; i < ranked; ++i) {
    const FaceNumber face = ranked_[i];
    const std::uint32_t features = faces.counts[face];
    const float agreeing = histograms[i].Agreeing(), votes = tallies_[face].votes;
    standings.push_back(
        {.face = face,
         .key = faces.key(face),
         .votes = -order[i].first,
         .agreeing = PerFeature(agreeing, features),
         .weighed = PerFeature(agreeing + kAnyPose * (votes - agreeing), features)});
  }
  return standings;
}

std::vector<Candidate> Ballot::Take(std::span<const Standing> chosen) {
  std::vector<std::size_t> kept(ranked_.size(), chosen.size());  // by place: the place in `chosen`
  std::vector<Candidate> candidates;
  for (const Standing& standing : chosen) {
    const auto place = static_cast<std::size_t>(tallies_[standing.face].last_feature);
    kept[place] = candidates.size();
    candidates.push_back({standing.face, standing.agreeing, {}});
  }
  for (const auto& [vote, place] : ranked_votes_) {
    if (kept[place] < candidates.size()) candidates[kept[place]].pairs.push_back(vote->pair);
  }
  return candidates;
}

std::vector<Candidate> Ballot::Close(int count, const FaceTable& faces) {
  std::vector<Standing> standings = Rank(count, faces);
  KeepBest(standings, count);
  return Take(standings);
}

void KeepBest(std::vector<Standing>& standings, int count) {
  const auto keep = [&standings](std::size_t most, float Standing::*measure) {
    most = std::min(most, standings.size());
    std::partial_sort(standings.begin(), standings.begin() + static_cast<std::ptrdiff_t>(most),
                      standings.end(), [measure](const Standing& a, const Standing& b) {
                        return a.*measure != b.*measure
                                   ? a.*measure > b.*measure
                                   : KeyComesBefore(a.key, a.face, b.key, b.face);
                      });
    standings.resize(most);
  };
  if (standings.size() > LookedAt(count)) keep(LookedAt(count), &Standing::votes);
  keep(static_cast<std::size_t>(std::max(count, 0)), &Standing::weighed);
}

}  // namespace inlier
