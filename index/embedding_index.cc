#include "index/embedding_index.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "index/stored_features.h"

namespace inlier {
namespace {

// True for whole embeddings with rows of `row_bytes`. The first rows of an index, when `row_bytes`
// is still 0, set it.
bool Fits(const Features& features, int& row_bytes) {
  if (features.size() == 0) return true;
  if (row_bytes == 0) row_bytes = features.descriptor_bytes;
  return features.kind == DescriptorKind::kEmbedding && features.descriptor_bytes == row_bytes &&
         features.descriptors.size() == features.size() * features.descriptor_bytes;
}

}  // namespace

EmbeddingIndex::EmbeddingIndex(const Store& store, int threads, std::optional<std::size_t> global)
    : store_(store), threads_(threads), global_(global) {}

const Features* EmbeddingIndex::Searched(const Features& features) const {
  if (!global_) return &features;
  return *global_ < features.globals.size() ? &features.globals[*global_] : nullptr;
}

Result<std::optional<Features>> EmbeddingIndex::Read(FaceNumber number) const {
  if (!global_) return store_.FeaturesOf(number);
  INLIER_ASSIGN_OR_RETURN(auto globals, store_.GlobalsOf(number));
  if (!globals || *global_ >= globals->size())
    return Fail(ErrorCode::kCorrupt,
                fmt::format("face number {}: its global features are missing", number));
  return std::move((*globals)[*global_]);
}

std::uint64_t EmbeddingIndex::covered_change() const { return current_.Get()->covered_change; }

std::shared_ptr<const FeatureCounts> EmbeddingIndex::feature_counts() const {
  return current_.Get()->counts;
}

Status EmbeddingIndex::CheckShapes(std::span<const ItemUpdate> items) const {
  int row_bytes = current_.Get()->rows.row_bytes();
  const auto fits = [&](const Features& features) {
    const Features* const searched = Searched(features);
    return searched != nullptr && Fits(*searched, row_bytes);
  };
  return EveryFace(items, fits) ? Status() : WrongShape();
}

Result<std::vector<NearFace>> EmbeddingIndex::Nearest(const Features& photo, std::size_t, int count,
                                                      const FaceFilter& filter) const {
  const auto now = current_.Get();
  int row_bytes = now->rows.row_bytes();
  if (!Fits(photo, row_bytes)) return WrongShape();
  if (filter.empty()) return now->rows.Nearest(photo, count, {*now->counts, *now->keys});
  const FeatureCounts passing = Filtered(*now->counts, filter);
  return now->rows.Nearest(photo, count, {passing, *now->keys});
}

Status EmbeddingIndex::Change(std::span<const StoredFeatures> added,
                              std::span<const FaceNumber> dropped) {
  Held next = *current_.Get();
  FeatureCounts counts = *next.counts;
  FaceKeys keys = *next.keys;
  for (const FaceNumber number : dropped) ClearCount(counts, number);
  std::vector<EmbeddingRows::NewRows> rows;
  for (const StoredFeatures& face : added) {
    const Features* const searched = Searched(face.features);
    if (searched == nullptr) return WrongShape();
    SetCount(counts, face.number, searched->size());
    SetKey(keys, face.number, *searched);
    rows.push_back({face.number, searched});
  }
  next.rows = next.rows.With(rows, counts);
  next.counts = std::make_shared<const FeatureCounts>(std::move(counts));
  next.keys = std::make_shared<const FaceKeys>(std::move(keys));
  next.covered_change = store_.counters().last_change;
  current_.Replace(std::move(next));
  return {};
}

Status EmbeddingIndex::Load(std::optional<Snapshot>) { return Build({}); }

Status EmbeddingIndex::Build(const ProgressFunction& progress) {
  INLIER_ASSIGN_OR_RETURN(const auto numbers, AllNumbers(store_));
  Held fresh{.covered_change = store_.counters().last_change,
             .built_features = store_.counters().features};
  FeatureCounts counts(store_.counters().next_face, 0);
  FaceKeys keys;
  const auto append = [&](std::span<const StoredFeatures> block) -> Status {
    int row_bytes = fresh.rows.row_bytes();
    std::vector<EmbeddingRows::NewRows> rows;
    for (const StoredFeatures& face : block) {
      if (!Fits(face.features, row_bytes)) return WrongShape();
      SetCount(counts, face.number, face.features.size());
      SetKey(keys, face.number, face.features);
      rows.push_back({face.number, &face.features});
    }
    fresh.rows = fresh.rows.With(rows, counts);
    return {};
  };
  const auto read = [this](FaceNumber number) { return Read(number); };
  INLIER_RETURN_IF_ERROR(ForEachBlock(read, numbers, threads_, progress, append));
  fresh.counts = std::make_shared<const FeatureCounts>(std::move(counts));
  fresh.keys = std::make_shared<const FaceKeys>(std::move(keys));
  current_.Replace(std::move(fresh));
  return {};
}

Status EmbeddingIndex::Publish(GenerationFiles& files) {
  INLIER_ASSIGN_OR_RETURN(const std::uint64_t number, files.NextNumber());
  const auto now = current_.Get();
  return files.Publish({.feature_counts = now->counts,
                        .covered_change = now->covered_change,
                        .trained_features = now->built_features},
                       number);
}

void EmbeddingIndex::Describe(CollectionStats& stats) const {
  const auto now = current_.Get();
  const std::uint64_t live =
      std::accumulate(now->counts->begin(), now->counts->end(), std::uint64_t{0});
  stats.embeddings = now->rows.rows();
  stats.removed = stats.embeddings - std::min(live, stats.embeddings);
  stats.index_bytes =
      (now->counts->size() + now->keys->size()) * sizeof(std::uint32_t) + now->rows.bytes();
}

}  // namespace inlier
