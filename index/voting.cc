// Makes a shortlist from votes (Jégou, Douze and Schmid, "Improving bag-of-features for large scale
// image search", IJCV 2010, and "On the burstiness of visual elements", CVPR 2009).
//
// Each feature of the photo goes to its nearest cells (index/vocabulary.h). In each of them it
// looks at the list of postings (index/segment.h) and compares codes (index/near_postings.h). A
// posting whose code is at a Hamming distance d within the limit is a vote for its face, which
// weighs
//
//   exp(−(d / sigma)²) · idf(list) / √(votes of this feature)
//
// The first factor is that of Hamming embedding; idf(list) = log(1 + postings / length of the
// list), so a cell that is rarely met says more; the last one takes weight from features that are
// everywhere (burstiness between images, CVPR 2009, §4.2). The Ballot (index/ballot.h) counts the
// votes.
//
// The last two factors are of the whole catalogue. When several databases hold a part each, the
// lengths of the lists and the votes of a feature are summed over them before votes are cast.
#include "index/voting.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "core/options.h"

namespace inlier {
namespace {

// The options are given for 64-bit codes that halve the descriptors of a cell along each axis. Rows
// of bits that are their own codes are nearer to each other within a cell, so their limit and their
// sigma are a smaller share of their bits.
constexpr double kLimitOfOwnBits = 0.67;
constexpr double kSigmaOfOwnBits = 0.55;

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

// Weighs what was found, and casts it.
class Caster {
 public:
  Caster(const PhotoCodes& photo, const NearPostings& found, const DistanceWeights& weights,
         Ballot& ballot)
      : photo_(photo),
        found_(found),
        weights_(weights),
        ballot_(ballot),
        probes_(static_cast<std::size_t>(photo.probes)),
        idf_(probes_) {}

  // `of_all` are the totals of the whole catalogue.
  void CastAll(const VoteTotals& of_all) {
    const auto postings = static_cast<double>(of_all.postings);
    for (std::size_t feature = 0; feature < photo_.size(); ++feature) {
      AskAhead(feature);
      if (of_all.found[feature] == 0) continue;
      for (std::size_t i = 0; i < probes_; ++i) {
        const std::uint32_t length = of_all.lengths[feature * probes_ + i];
        // 1 is added so that a face which is alone in the database has a score as well.
        idf_[i] = length == 0 ? 0 : static_cast<float>(std::log(1.0 + postings / length));
      }
      const float share = 1.0f / std::sqrt(static_cast<float>(of_all.found[feature]));
      for (std::size_t i = 0; i < probes_; ++i) {
        for (const NearPosting& near : found_.At(feature * probes_ + i))
          Cast(feature, near, weights_[near.distance_bits] * idf_[i] * share);
      }
    }
  }

 private:
  void Cast(std::size_t feature, const NearPosting& near, float weight) {
    const Posting& p = near.posting;
    // From 1/16 of an octave to half octaves, rounded.
    const int octaves = (photo_.scales[feature] - p.scale + 4 + 128) / 8 - 128 / 8;
    ballot_.Cast({.face = p.face,
                  .pair = {static_cast<std::uint16_t>(feature), p.feature, near.distance_bits},
                  .angle = static_cast<std::uint8_t>(photo_.angles[feature] - p.angle),
                  .octaves = static_cast<std::int8_t>(std::clamp(octaves, -8, 7)),
                  .weight = weight});
  }

  // What the next features found lies anywhere in memory, and so do the faces that it is for.
  void AskAhead(std::size_t feature) const {
    for (std::size_t i = 0; i < probes_; ++i) {
      if (feature + 2 < photo_.size())
        __builtin_prefetch(found_.At((feature + 2) * probes_ + i).data());
      if (feature + 1 >= photo_.size()) continue;
      for (const NearPosting& near : found_.At((feature + 1) * probes_ + i))
        ballot_.Prefetch(near.posting.face);
    }
  }

  const PhotoCodes& photo_;
  const NearPostings& found_;
  const DistanceWeights& weights_;
  Ballot& ballot_;
  const std::size_t probes_;
  std::vector<float> idf_;  // of the feature's probes
};

VoteTotals TotalsOf(const PhotoCodes& photo, const NearPostings& found, std::uint64_t postings) {
  VoteTotals totals{.postings = postings, .lengths = {}, .found = {}};
  const auto probes = static_cast<std::size_t>(photo.probes);
  for (std::size_t feature = 0; feature < photo.size(); ++feature) {
    std::size_t count = 0;
    for (std::size_t place = feature * probes; place < (feature + 1) * probes; ++place) {
      totals.lengths.push_back(found.LengthOf(place));
      count += found.At(place).size();
    }
    totals.found.push_back(static_cast<std::uint32_t>(count));
  }
  return totals;
}

// A photo's codes come from the wire as well.
bool SizesAgree(const PhotoCodes& photo) {
  if (photo.probes < 1 || photo.code_words < 1) return false;
  const std::size_t places = photo.size() * static_cast<std::size_t>(photo.probes);
  return photo.scales.size() == photo.size() && photo.lists.size() == places &&
         photo.codes.size() == places * static_cast<std::size_t>(photo.code_words);
}

// One for each thread: its memory grows with the faces, not with the votes.
Ballot& BallotOfThread() {
  thread_local Ballot ballot;
  return ballot;
}

}  // namespace

Result<std::vector<Candidate>> VoteForFaces(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            const FaceTable& faces) {
  const PhotoCodes codes = CodesOf(photo, *snapshot.vocabulary, options.probes);
  const DistanceWeights weights(options, *snapshot.vocabulary);
  INLIER_ASSIGN_OR_RETURN(const auto found,
                          NearPostings::Find(snapshot, codes, weights.limit_bits(), faces.counts));
  Ballot& ballot = BallotOfThread();
  ballot.Open(faces.counts.size());
  Caster(codes, found, weights, ballot).CastAll(TotalsOf(codes, found, snapshot.postings()));
  return ballot.Close(count, faces);
}

void VoteTotals::Add(const VoteTotals& part) {
  postings += part.postings;
  lengths.resize(part.lengths.size());
  found.resize(part.found.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] += part.lengths[i];
  for (std::size_t i = 0; i < found.size(); ++i) found[i] += part.found[i];
}

Result<PartialVotes> PartialVotes::Find(std::shared_ptr<const Snapshot> snapshot,
                                        std::shared_ptr<const FeatureCounts> counts,
                                        PhotoCodes photo, const ShortlistOptions& options) {
  INLIER_RETURN_IF_ERROR(ValidateFields(options, "shortlist"));
  const Vocabulary& vocabulary = *snapshot->vocabulary;
  const auto lists = 2 * static_cast<std::uint32_t>(vocabulary.cells());
  const bool known = std::ranges::all_of(photo.lists, [lists](std::uint32_t list) {
    return list < lists || list == PhotoCodes::kNoList;
  });
  if (!known || photo.code_words != vocabulary.code_words() || !SizesAgree(photo))
    return Fail(ErrorCode::kInvalidArgument, "the photo's codes are of another vocabulary");
  const DistanceWeights weights(options, vocabulary);
  PartialVotes votes;
  INLIER_ASSIGN_OR_RETURN(votes.found_,
                          NearPostings::Find(*snapshot, photo, weights.limit_bits(), *counts));
  votes.totals_ = TotalsOf(photo, votes.found_, snapshot->postings());
  votes.options_ = options;
  votes.counts_ = std::move(counts);
  votes.photo_ = std::move(photo);
  votes.snapshot_ = std::move(snapshot);
  return votes;
}

Result<PartialVotes::Ranking> PartialVotes::Rank(const VoteTotals& of_all, int count,
                                                 std::span<const FaceNumber> wanted) const {
  const auto probes = static_cast<std::size_t>(photo_.probes);
  if (of_all.found.size() != photo_.size() || of_all.lengths.size() != photo_.size() * probes)
    return Fail(ErrorCode::kInvalidArgument, "totals of another photo");
  Ballot& ballot = BallotOfThread();
  ballot.Open(counts_->size());
  const DistanceWeights weights(options_, *snapshot_->vocabulary);
  Caster(photo_, found_, weights, ballot).CastAll(of_all);
  Ranking ranking{.standings = ballot.Rank(count, {*counts_, *snapshot_->face_keys}),
                  .candidates = {}};
  std::vector<Standing> best = ranking.standings;
  if (wanted.empty()) {
    KeepBest(best, count);
  } else {
    const std::unordered_set<FaceNumber> faces(wanted.begin(), wanted.end());
    std::erase_if(best, [&faces](const Standing& s) { return !faces.contains(s.face); });
  }
  ranking.candidates = ballot.Take(best);
  return ranking;
}

std::size_t PartialVotes::bytes() const {
  return found_.bytes() + photo_.codes.size() * sizeof(std::uint64_t) +
         totals_.lengths.size() * 2 * sizeof(std::uint32_t);
}

}  // namespace inlier
