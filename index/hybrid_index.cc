#include "index/hybrid_index.h"

#include <utility>

namespace inlier {

HybridIndex::HybridIndex(const Store& store, const LocalIndex::Options& options, std::size_t spaces)
    : local_(store, options) {
  for (std::size_t space = 0; space < spaces; ++space)
    spaces_.push_back(std::make_unique<EmbeddingIndex>(store, options.threads, space));
}

Status HybridIndex::CheckShapes(std::span<const ItemUpdate> items) const {
  INLIER_RETURN_IF_ERROR(local_.CheckShapes(items));
  for (const auto& space : spaces_) INLIER_RETURN_IF_ERROR(space->CheckShapes(items));
  return {};
}

Result<std::vector<Candidate>> HybridIndex::Search(const Features& photo, int count,
                                                   const ShortlistOptions& options,
                                                   const FaceFilter& filter) const {
  return local_.Search(photo, count, options, filter);
}

Result<std::vector<NearFace>> HybridIndex::Nearest(const Features& photo, std::size_t space,
                                                   int count, const FaceFilter& filter) const {
  if (space >= spaces_.size()) return WrongShape();
  return spaces_[space]->Nearest(photo, 0, count, filter);
}

Result<PartialVotes> HybridIndex::FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                            const FaceFilter& filter) const {
  return local_.FindVotes(std::move(photo), options, filter);
}

Status HybridIndex::Change(std::span<const StoredFeatures> added,
                           std::span<const FaceNumber> dropped) {
  // The local index comes last, since it is the one that tells how much a search sees.
  for (const auto& space : spaces_) INLIER_RETURN_IF_ERROR(space->Change(added, dropped));
  return local_.Change(added, dropped);
}

Status HybridIndex::Load(std::optional<Snapshot> newest) {
  INLIER_RETURN_IF_ERROR(local_.Load(std::move(newest)));
  for (const auto& space : spaces_) INLIER_RETURN_IF_ERROR(space->Load({}));
  return {};
}

Status HybridIndex::Build(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(local_.Build(progress));
  for (const auto& space : spaces_) INLIER_RETURN_IF_ERROR(space->Build(progress));
  return {};
}

void HybridIndex::Describe(CollectionStats& stats) const {
  local_.Describe(stats);
  for (const auto& space : spaces_) {
    CollectionStats of_space;
    space->Describe(of_space);
    stats.embeddings += of_space.embeddings;
    stats.index_bytes += of_space.index_bytes;
  }
}

}  // namespace inlier
