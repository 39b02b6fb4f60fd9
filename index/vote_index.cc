#include "index/vote_index.h"

#include <algorithm>
#include <utility>

#include "core/blob.h"
#include "core/file.h"
#include "core/image.h"
#include "index/cell_space.h"
#include "index/item_index.h"
#include "index/local_build.h"
#include "index/posting_batch.h"
#include "index/vocabulary_train.h"
#include "index/voting.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INVO";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMostFeatures = 65'535;  // that a face may have
constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;

}  // namespace

bool AreLocalFeatures(const Features& features) {
  const std::size_t row = features.descriptor_bytes;
  // A row of bytes has a number for each axis of the cells at least; a row of bits is whole words.
  const bool fits = features.kind == DescriptorKind::kBytes  ? row >= kCellDims && row % 4 == 0
                    : features.kind == DescriptorKind::kBits ? row >= 8 && row % 8 == 0
                                                             : false;
  return fits && features.size() <= kMostFeatures &&
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

Status WriteVocabulary(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  BlobWriter writer;
  vocabulary.Write(writer);
  return PublishFile(path, writer.Seal(kMagic, kVersion));
}

Result<std::shared_ptr<const Vocabulary>> ReadVocabulary(const std::filesystem::path& path) {
  INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(path, kMostBytes));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(text, kMagic, kVersion, path.string()));
  INLIER_ASSIGN_OR_RETURN(std::unique_ptr<Vocabulary> vocabulary, Vocabulary::Read(reader));
  if (!reader.Complete())
    return Fail(ErrorCode::kCorrupt, path.string() + ": it has more than a vocabulary");
  return std::shared_ptr<const Vocabulary>(std::move(vocabulary));
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
  return VoteForFaces(snapshot_, photo, count, options, counts_);
}

}  // namespace inlier
