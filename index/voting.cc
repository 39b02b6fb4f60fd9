// Makes a shortlist from votes (Jégou, Douze and Schmid, "Improving bag-of-features for large scale
// image search", IJCV 2010, and "On the burstiness of visual elements", CVPR 2009).
//
// Each feature of the photo goes to its nearest cells (index/vocabulary.h). In each of them it
// looks at the list of postings (index/segment.h) and compares codes (index/code_scan.h). A posting
// whose code is at a Hamming distance d within the limit is a vote for its face, which weighs
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

#include "index/code_scan.h"
#include "index/posting.h"

namespace inlier {
namespace {

// The options are given for 64-bit codes that halve the descriptors of a cell along each axis. Rows
// of bits that are their own codes are nearer to each other within a cell, so their limit and their
// sigma are a smaller share of their bits.
constexpr double kLimitOfOwnBits = 0.67;
constexpr double kSigmaOfOwnBits = 0.55;
constexpr std::size_t kListsAhead = 4;  // lists that are asked for before they are scanned

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

// Finds the postings that vote, feature by feature.
class Scanner {
 public:
  Scanner(const Snapshot& snapshot, const PhotoCodes& photo, int limit_bits,
          std::span<const std::uint32_t> counts)
      : snapshot_(snapshot),
        photo_(photo),
        probes_(static_cast<std::size_t>(photo.probes)),
        limit_bits_(limit_bits),
        counts_(counts) {}

  // Appends those of a feature to `found`, and enters the lengths of its lists, one for each probe.
  // `ballot`, which will be cast into soon, may be null. Errors: kCorrupt, kIo.
  Status Find(std::size_t feature, const Ballot* ballot, std::vector<NearPosting>& found,
              std::span<std::uint32_t> lengths) {
    const std::size_t before = found.size();
    for (std::size_t i = 0; i < probes_; ++i) {
      const std::size_t p = feature * probes_ + i;
      AskAhead(p + kListsAhead);
      lengths[i] = 0;
      if (photo_.lists[p] != PhotoCodes::kNoList)
        INLIER_RETURN_IF_ERROR(Scan(p, ballot, found, lengths[i]));
    }
    found.erase(
        std::remove_if(found.begin() + static_cast<std::ptrdiff_t>(before), found.end(),
                       [this](const NearPosting& near) { return counts_[near.posting.face] == 0; }),
        found.end());
    return {};
  }

 private:
  // Lists lie anywhere in memory, so the processor is asked for them some time before.
  void AskAhead(std::size_t p) const {
    if (p >= photo_.lists.size() || photo_.lists[p] == PhotoCodes::kNoList) return;
    for (const auto& segment : snapshot_.segments) segment->Prefetch(photo_.lists[p]);
  }

  Status Scan(std::size_t p, const Ballot* ballot, std::vector<NearPosting>& found,
              std::uint32_t& length) {
    const auto words = static_cast<std::size_t>(photo_.code_words);
    for (const auto& segment : snapshot_.segments) {
      INLIER_ASSIGN_OR_RETURN(const PostingList list, segment->At(photo_.lists[p]));
      if (list.size == 0) continue;
      length += static_cast<std::uint32_t>(list.size);
      near_.clear();
      ScanCodes(list.codes, list.size, photo_.code_words, &photo_.codes[p * words], limit_bits_,
                near_);
      PostingReader reader(list.postings);
      for (const CodeMatch& match : near_) {
        const Posting posting = reader.At(match.index);
        if (posting.face >= counts_.size()) continue;
        __builtin_prefetch(&counts_[posting.face]);
        if (ballot != nullptr) ballot->Prefetch(posting.face);
        found.push_back({posting, static_cast<std::uint16_t>(match.distance),
                         static_cast<std::uint16_t>(p % probes_)});
      }
    }
    return {};
  }

  const Snapshot& snapshot_;
  const PhotoCodes& photo_;
  const std::size_t probes_;
  const int limit_bits_;
  std::span<const std::uint32_t> counts_;
  std::vector<CodeMatch> near_;
};

// Weighs what was found, and casts it.
class Caster {
 public:
  Caster(const PhotoCodes& photo, const DistanceWeights& weights, std::uint64_t postings,
         Ballot& ballot)
      : photo_(photo),
        weights_(weights),
        postings_(static_cast<double>(postings)),
        ballot_(ballot),
        idf_(static_cast<std::size_t>(photo.probes)) {}

  // `lengths` of the lists of the feature's probes, and `count` of the postings that are near to
  // it, are those of the whole catalogue.
  void Cast(std::size_t feature, std::span<const NearPosting> found,
            std::span<const std::uint32_t> lengths, std::uint32_t count) {
    if (found.empty()) return;
    // 1 is added so that a face which is alone in the database has a score as well.
    for (std::size_t i = 0; i < idf_.size(); ++i)
      idf_[i] = lengths[i] == 0 ? 0 : static_cast<float>(std::log(1.0 + postings_ / lengths[i]));
    const float share = 1.0f / std::sqrt(static_cast<float>(count));
    const int angle = photo_.angles[feature], scale = photo_.scales[feature];
    for (const NearPosting& near : found) {
      const Posting& p = near.posting;
      // From 1/16 of an octave to half octaves, rounded.
      const int octaves = (scale - p.scale + 4 + 128) / 8 - 128 / 8;
      ballot_.Cast({.face = p.face,
                    .pair = {static_cast<std::uint16_t>(feature), p.feature, near.distance_bits},
                    .angle = static_cast<std::uint8_t>(angle - p.angle),
                    .octaves = static_cast<std::int8_t>(std::clamp(octaves, -8, 7)),
                    .weight = weights_[near.distance_bits] * idf_[near.probe] * share});
    }
  }

 private:
  const PhotoCodes& photo_;
  const DistanceWeights& weights_;
  const double postings_;
  Ballot& ballot_;
  std::vector<float> idf_;  // of the feature's probes
};

// One for each thread: its memory grows with the faces, not with the votes.
Ballot& BallotOfThread() {
  thread_local Ballot ballot;
  return ballot;
}

}  // namespace

Result<std::vector<Candidate>> VoteForFaces(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            const FaceTable& faces) {
  Ballot& ballot = BallotOfThread();
  ballot.Open(faces.counts.size());
  const PhotoCodes codes = CodesOf(photo, *snapshot.vocabulary, options.probes);
  const DistanceWeights weights(options, *snapshot.vocabulary);
  Scanner scanner(snapshot, codes, weights.limit_bits(), faces.counts);
  Caster caster(codes, weights, snapshot.postings(), ballot);
  std::vector<NearPosting> found;
  std::vector<std::uint32_t> lengths(static_cast<std::size_t>(codes.probes));
  for (std::size_t feature = 0; feature < codes.size(); ++feature) {
    found.clear();
    INLIER_RETURN_IF_ERROR(scanner.Find(feature, &ballot, found, lengths));
    caster.Cast(feature, found, lengths, static_cast<std::uint32_t>(found.size()));
  }
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
  const Vocabulary& vocabulary = *snapshot->vocabulary;
  const auto lists = 2 * static_cast<std::uint32_t>(vocabulary.cells());
  const bool known = std::ranges::all_of(photo.lists, [lists](std::uint32_t list) {
    return list < lists || list == PhotoCodes::kNoList;
  });
  if (!known || photo.code_words != vocabulary.code_words())
    return Fail(ErrorCode::kInvalidArgument, "the photo's codes are of another vocabulary");
  PartialVotes votes;
  votes.options_ = options;
  votes.counts_ = std::move(counts);
  votes.totals_.postings = snapshot->postings();
  votes.totals_.lengths.resize(photo.lists.size());
  const DistanceWeights weights(options, vocabulary);
  Scanner scanner(*snapshot, photo, weights.limit_bits(), *votes.counts_);
  const auto probes = static_cast<std::size_t>(photo.probes);
  const std::span<std::uint32_t> lengths(votes.totals_.lengths);
  for (std::size_t feature = 0; feature < photo.size(); ++feature) {
    const std::size_t before = votes.found_.size();
    INLIER_RETURN_IF_ERROR(
        scanner.Find(feature, nullptr, votes.found_, lengths.subspan(feature * probes, probes)));
    votes.totals_.found.push_back(static_cast<std::uint32_t>(votes.found_.size() - before));
  }
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
  Caster caster(photo_, weights, of_all.postings, ballot);
  std::span<const NearPosting> rest(found_);
  for (std::size_t feature = 0; feature < photo_.size(); ++feature) {
    const std::size_t found = totals_.found[feature];
    caster.Cast(feature, rest.first(found),
                std::span(of_all.lengths).subspan(feature * probes, probes), of_all.found[feature]);
    rest = rest.subspan(found);
  }
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
  return found_.size() * sizeof(NearPosting) + photo_.codes.size() * sizeof(std::uint64_t) +
         totals_.lengths.size() * 2 * sizeof(std::uint32_t);
}

}  // namespace inlier
