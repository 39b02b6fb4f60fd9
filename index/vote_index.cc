#include "index/vote_index.h"

#include <algorithm>
#include <utility>

#include "index/cell_space.h"
#include "index/item_index.h"
#include "index/local_build.h"
#include "index/posting_batch.h"
#include "index/vocabulary_train.h"
#include "index/voting.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxFeatures = 65'535;  // that a face may have

}  // namespace

bool AreLocalFeatures(const Features& features) {
  const std::size_t row = features.descriptor_bytes;
  // A row of bytes has a number for each axis of the cells at least; a row of bits is whole words.
  const bool fits = features.kind == DescriptorKind::kBytes  ? row >= kCellDims && row % 4 == 0
                    : features.kind == DescriptorKind::kBits ? row >= 8 && row % 8 == 0
                                                             : false;
  return fits && features.size() <= kMaxFeatures &&
         features.descriptors.size() == features.size() * row;
}

Result<std::shared_ptr<const Vocabulary>> TrainOn(std::span<const Features* const> features,
                                                  int cells, std::uint32_t seed, int threads) {
  std::vector<std::uint8_t> rows;
  const Features* first = nullptr;
  for (const Features* one : features) {
    if (one->size() == 0) continue;
    if (!AreLocalFeatures(*one)) return WrongShape();
    if (first == nullptr) first = one;
    if (one->kind != first->kind || one->descriptor_bytes != first->descriptor_bytes)
      return Fail(ErrorCode::kInvalidArgument, "the features have descriptors of different shapes");
    rows.insert(rows.end(), one->descriptors.begin(), one->descriptors.end());
  }
  if (first == nullptr)
    return Fail(ErrorCode::kInvalidArgument, "there are no features to train a vocabulary on");
  if (cells < 1) return Fail(ErrorCode::kInvalidArgument, "a vocabulary has at least one cell");
  return std::shared_ptr<const Vocabulary>(
      TrainVocabulary(rows, first->kind, first->descriptor_bytes, cells, seed, threads));
}

VoteIndex::VoteIndex(std::shared_ptr<const Vocabulary> vocabulary) {
  snapshot_.vocabulary = std::move(vocabulary);
}

Result<FaceNumber> VoteIndex::Add(const Features& features) {
  const auto number = static_cast<FaceNumber>(counts_.size());
  if (features.size() > 0) {
    if (!AreLocalFeatures(features) || !snapshot_.vocabulary->Fits(features)) return WrongShape();
    PostingBatch batch;
    batch.Append(number, features,
                 snapshot_.vocabulary->Assign(features, 1, MostVoters(features.kind)));
    SetCount(counts_, number, VotersOf(features));
    SetKey(keys_, number, features);
    AppendSegment(snapshot_, batch, counts_);
  } else {
    SetCount(counts_, number, 0);
  }
  return number;
}

Result<std::vector<Candidate>> VoteIndex::Search(const Features& photo, int count,
                                                 const ShortlistOptions& options) const {
  if (photo.size() == 0) return std::vector<Candidate>();
  if (!AreLocalFeatures(photo) || !snapshot_.vocabulary->Fits(photo)) return WrongShape();
  return VoteForFaces(snapshot_, photo, count, options, {counts_, keys_});
}

}  // namespace inlier
