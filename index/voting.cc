#include "index/voting.h"

#include <algorithm>
#include <cmath>

#include "index/ballot.h"
#include "index/code_scan.h"
#include "index/posting.h"

namespace inlier {
namespace {

// Options speak of 64-bit codes that halve the descriptors of a cell. Rows of bits that are their
// own codes are nearer to each other within a cell, so a smaller share of their bits is the limit,
// and one sigma.
constexpr double kLimitOfOwnBits = 0.67;
constexpr double kSigmaOfOwnBits = 0.55;
constexpr std::size_t kListsAhead = 4;  // lists asked for before they are scanned

// What a vote weighs by the distance of its codes.
class DistanceWeights {
 public:
  DistanceWeights(const ShortlistOptions& options, const Vocabulary& vocabulary) {
    const double words = vocabulary.code_words();
    const int limit = static_cast<int>(options.hamming_bits * words *
                                       (vocabulary.embeds() ? 1 : kLimitOfOwnBits));
    const double sigma_bits =
        options.sigma_bits * words * (vocabulary.embeds() ? 1 : kSigmaOfOwnBits);
    for (int d = 0; d <= limit; ++d) {
      const double sigmas = d / sigma_bits;
      weights_.push_back(static_cast<float>(std::exp(-sigmas * sigmas)));
    }
  }
  int limit_bits() const { return static_cast<int>(weights_.size()) - 1; }
  float operator[](std::uint32_t distance) const { return weights_[distance]; }

 private:
  std::vector<float> weights_;
};

struct Found {
  std::uint64_t posting = 0;  // packed
  float weight = 0;
  std::uint16_t distance_bits = 0;
};

}  // namespace

Result<std::vector<Candidate>> VoteForItems(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            std::span<const std::uint32_t> feature_counts) {
  const Vocabulary& vocabulary = *snapshot.vocabulary;
  const CellCodes query = vocabulary.Assign(photo, options.probes);
  const auto words = static_cast<std::size_t>(query.code_words);
  const auto probes = static_cast<std::size_t>(query.probes);
  const DistanceWeights weights(options, vocabulary);
  const auto total = static_cast<double>(snapshot.postings());
  thread_local Ballot ballot;  // its memory grows with the items, not with the votes
  ballot.Open(feature_counts.size());
  std::vector<Found> found;
  std::vector<CodeMatch> near;
  std::vector<PostingList> lists;
  for (std::size_t i = 0; i < photo.size(); ++i) {
    const Keypoint& keypoint = photo.keypoints[i];
    found.clear();
    for (std::size_t p = i * probes; p < (i + 1) * probes; ++p) {
      if (const std::size_t ahead = p + kListsAhead;
          ahead < query.cells.size() && query.cells[ahead] >= 0) {
        const std::uint32_t next = ListOf(query.cells[ahead], photo.keypoints[ahead / probes]);
        for (const auto& segment : snapshot.segments) segment->Prefetch(next);
      }
      if (query.cells[p] < 0) continue;
      const std::uint32_t list = ListOf(query.cells[p], keypoint);
      lists.clear();
      std::size_t length = 0;
      for (const auto& segment : snapshot.segments) {
        INLIER_ASSIGN_OR_RETURN(const PostingList l, segment->At(list));
        if (l.size > 0) lists.push_back(l);
        length += l.size;
      }
      if (length == 0) continue;
      // One item alone has to score too, so the logarithm never reaches 0.
      const float idf = static_cast<float>(std::log(1.0 + total / static_cast<double>(length)));
      for (const PostingList& l : lists) {
        near.clear();
        ScanCodes(l.codes, l.size, query.code_words, &query.codes[p * words], weights.limit_bits(),
                  near);
        for (const CodeMatch& match : near) {
          const std::uint64_t posting = l.postings[match.index];
          const ItemNumber item = ItemOf(posting);
          if (item >= feature_counts.size()) continue;
          __builtin_prefetch(&feature_counts[item]);
          ballot.Prefetch(item);
          found.push_back(
              {posting, weights[match.distance] * idf, static_cast<std::uint16_t>(match.distance)});
        }
      }
    }
    std::erase_if(found, [&](const Found& f) { return feature_counts[ItemOf(f.posting)] == 0; });
    // A feature that is everywhere says little: burstiness between images (CVPR 2009, §4.2).
    const float share = 1.0f / std::sqrt(static_cast<float>(found.size()));
    const int angle = QuantiseAngle(keypoint.angle_rad);
    const int scale = QuantiseScale(keypoint.size_px);
    for (const Found& f : found) {
      const Posting p = UnpackPosting(f.posting);
      ballot.Cast({.item = p.item,
                   .pair = {static_cast<std::uint16_t>(i), p.feature, f.distance_bits},
                   .angle = static_cast<std::uint8_t>(angle - p.angle),
                   .octaves = static_cast<std::int8_t>(
                       std::clamp((scale - p.scale + 4 + 128) / 8 - 128 / 8, -8, 7)),
                   .weight = f.weight * share});
    }
  }
  return ballot.Close(count, feature_counts);
}

}  // namespace inlier
