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
#include "index/voting.h"

#include <algorithm>
#include <cmath>

#include "index/ballot.h"
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

// Takes the votes of one photo, feature by feature.
class PhotoVotes {
 public:
  PhotoVotes(const Snapshot& snapshot, const Features& photo, const ShortlistOptions& options,
             std::span<const std::uint32_t> feature_counts, Ballot& ballot)
      : snapshot_(snapshot),
        photo_(photo),
        query_(snapshot.vocabulary->Assign(photo, options.probes)),
        probes_(static_cast<std::size_t>(query_.probes)),
        weights_(options, *snapshot.vocabulary),
        postings_(static_cast<double>(snapshot.postings())),
        feature_counts_(feature_counts),
        ballot_(ballot) {}

  Status TakeAll() {
    for (std::size_t feature = 0; feature < photo_.size(); ++feature) {
      found_.clear();
      for (std::size_t p = feature * probes_; p < (feature + 1) * probes_; ++p) {
        AskAhead(p + kListsAhead);
        if (query_.cells[p] >= 0) INLIER_RETURN_IF_ERROR(Scan(p));
      }
      std::erase_if(found_, [&](const Found& f) { return feature_counts_[f.posting.face] == 0; });
      Cast(feature);
    }
    return {};
  }

 private:
  struct Found {
    Posting posting;
    float weight = 0;
    std::uint16_t distance_bits = 0;
  };

  std::uint32_t ListOfProbe(std::size_t p) const {
    return ListOf(query_.cells[p], photo_.keypoints[p / probes_]);
  }

  // Lists lie anywhere in memory, so the processor is asked for them some time before.
  void AskAhead(std::size_t p) const {
    if (p >= query_.cells.size() || query_.cells[p] < 0) return;
    for (const auto& segment : snapshot_.segments) segment->Prefetch(ListOfProbe(p));
  }

  // Finds the postings with near codes in the list of one probe. Errors: kCorrupt, kIo.
  Status Scan(std::size_t p) {
    lists_.clear();
    std::size_t length = 0;
    for (const auto& segment : snapshot_.segments) {
      INLIER_ASSIGN_OR_RETURN(const PostingList list, segment->At(ListOfProbe(p)));
      if (list.size > 0) lists_.push_back(list);
      length += list.size;
    }
    if (length == 0) return {};
    // 1 is added so that a face which is alone in the database has a score as well.
    const float idf = static_cast<float>(std::log(1.0 + postings_ / static_cast<double>(length)));
    const auto words = static_cast<std::size_t>(query_.code_words);
    for (const PostingList& list : lists_) {
      near_.clear();
      ScanCodes(list.codes, list.size, query_.code_words, &query_.codes[p * words],
                weights_.limit_bits(), near_);
      PostingReader reader(list.postings);
      for (const CodeMatch& match : near_) {
        const Posting posting = reader.At(match.index);
        const FaceNumber face = posting.face;
        if (face >= feature_counts_.size()) continue;
        __builtin_prefetch(&feature_counts_[face]);
        ballot_.Prefetch(face);
        found_.push_back(
            {posting, weights_[match.distance] * idf, static_cast<std::uint16_t>(match.distance)});
      }
    }
    return {};
  }

  void Cast(std::size_t feature) {
    const float share = 1.0f / std::sqrt(static_cast<float>(found_.size()));
    const int angle = QuantiseAngle(photo_.keypoints[feature].angle_rad);
    const int scale = QuantiseScale(photo_.keypoints[feature].size_px);
    for (const Found& f : found_) {
      const Posting& p = f.posting;
      // From 1/16 of an octave to half octaves, rounded.
      const int octaves = (scale - p.scale + 4 + 128) / 8 - 128 / 8;
      ballot_.Cast({.face = p.face,
                    .pair = {static_cast<std::uint16_t>(feature), p.feature, f.distance_bits},
                    .angle = static_cast<std::uint8_t>(angle - p.angle),
                    .octaves = static_cast<std::int8_t>(std::clamp(octaves, -8, 7)),
                    .weight = f.weight * share});
    }
  }

  const Snapshot& snapshot_;
  const Features& photo_;
  const CellCodes query_;
  const std::size_t probes_;
  const DistanceWeights weights_;
  const double postings_;
  std::span<const std::uint32_t> feature_counts_;
  Ballot& ballot_;
  std::vector<Found> found_;  // by the present feature
  std::vector<CodeMatch> near_;
  std::vector<PostingList> lists_;
};

}  // namespace

Result<std::vector<Candidate>> VoteForFaces(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            std::span<const std::uint32_t> feature_counts) {
  // One for each thread: its memory grows with the faces, not with the votes.
  thread_local Ballot ballot;
  ballot.Open(feature_counts.size());
  INLIER_RETURN_IF_ERROR(PhotoVotes(snapshot, photo, options, feature_counts, ballot).TakeAll());
  return ballot.Close(count, feature_counts);
}

}  // namespace inlier
