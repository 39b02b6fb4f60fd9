#include "index/local_build.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "index/item_index.h"
#include "index/stored_features.h"
#include "index/vocabulary_train.h"

namespace inlier {
namespace {

constexpr std::uint32_t kSeed = 20;
constexpr std::size_t kPostingsPerSegment = 1 << 20;  // of a build from the store
constexpr std::uint64_t kMaxMerge = 1 << 25;          // postings that are merged in memory

}  // namespace

Result<std::shared_ptr<const Vocabulary>> TrainOnStored(const Store& store,
                                                        std::span<const FaceNumber> numbers,
                                                        int threads) {
  const std::uint64_t total = store.counters().features;
  const int cells = CellsFor(total);
  const std::uint64_t wanted = static_cast<std::uint64_t>(cells) * kTrainingRowsPerCell;
  // The voters of faces are read in a shuffled order until there are enough rows. In a small
  // catalogue that is half of it or more; of a large one twice the rows are read and every second
  // one is taken, so that no face makes a cell of its own.
  const std::size_t stride = total > 2 * wanted ? 2 : 1;
  std::vector<FaceNumber> order(numbers.begin(), numbers.end());
  std::shuffle(order.begin(), order.end(), std::mt19937(kSeed));
  std::vector<std::uint8_t> rows;
  DescriptorKind kind = DescriptorKind::kBytes;
  std::size_t row_bytes = 0;
  for (const FaceNumber number : order) {
    INLIER_ASSIGN_OR_RETURN(const auto features, store.FeaturesOf(number));
    if (!features || features->size() == 0) continue;
    kind = features->kind;
    row_bytes = features->descriptor_bytes;
    for (std::size_t i = 0; i < VotersOf(*features); i += stride) {
      const auto row = features->row(i);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    if (rows.size() / row_bytes >= wanted) break;
  }
  if (rows.empty()) return std::shared_ptr<const Vocabulary>();
  if (kind == DescriptorKind::kEmbedding) return WrongShape();
  return std::shared_ptr<const Vocabulary>(
      TrainVocabulary(rows, kind, static_cast<int>(row_bytes), cells, kSeed, threads));
}

std::size_t VotersOf(const Features& features) {
  return std::min(features.size(), MostVoters(features.kind));
}

void AppendPostings(const Vocabulary& vocabulary, std::span<const StoredFeatures> faces,
                    int threads, PostingBatch& batch) {
  std::vector<CellCodes> codes(faces.size());
  ParallelFor(faces.size(), threads, [&](std::size_t i) {
    const Features& features = faces[i].features;
    codes[i] = vocabulary.Assign(features, 1, MostVoters(features.kind));
  });
  for (std::size_t i = 0; i < faces.size(); ++i)
    batch.Append(faces[i].number, faces[i].features, codes[i]);
}

bool Fits(const Snapshot& snapshot, const Features& features) {
  if (features.size() == 0) return true;
  if (snapshot.vocabulary) return snapshot.vocabulary->Fits(features);
  return features.kind != DescriptorKind::kEmbedding &&
         features.descriptors.size() == features.size() * features.descriptor_bytes;
}

void AppendSegment(Snapshot& to, const PostingBatch& batch, std::span<const std::uint32_t> live) {
  if (batch.postings.empty()) return;
  auto& segments = to.segments;
  segments.push_back(Segment::FromBatch(
      batch, 2 * static_cast<std::uint32_t>(to.vocabulary->cells()), to.vocabulary->code_words()));
  while (segments.size() > 1) {
    const std::span<const std::shared_ptr<const Segment>> last = std::span(segments).last(2);
    const bool older_has_file = !last[0]->file().file.empty();
    if (older_has_file || last[0]->size() >= 2 * last[1]->size() ||
        last[0]->size() + last[1]->size() > kMaxMerge)
      break;
    // Only lists that are mapped from a file can fail a checksum, and these two are in memory.
    auto merged = Segment::Merge(last, live);
    if (!merged) break;
    segments.resize(segments.size() - 2);
    segments.push_back(std::move(*merged));
  }
}

Status AppendStored(const Store& store, std::span<const FaceNumber> numbers, int threads,
                    const ProgressFunction& progress, Snapshot& to, FeatureCounts& counts,
                    FaceKeys& keys) {
  PostingBatch batch;
  const auto append = [&](std::span<const StoredFeatures> block) -> Status {
    for (const StoredFeatures& face : block) {
      if (!Fits(to, face.features)) return WrongShape();
      SetCount(counts, face.number, VotersOf(face.features));
      SetKey(keys, face.number, face.features);
    }
    if (!to.vocabulary) return {};
    AppendPostings(*to.vocabulary, block, threads, batch);
    if (batch.postings.size() >= kPostingsPerSegment) {
      AppendSegment(to, batch, counts);
      batch = {};
    }
    return {};
  };
  const auto read = [&store](FaceNumber number) { return store.FeaturesOf(number); };
  INLIER_RETURN_IF_ERROR(ForEachBlock(read, numbers, threads, progress, append));
  AppendSegment(to, batch, counts);
  return {};
}

}  // namespace inlier
