#include "index/local_index.h"

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "index/local_build.h"
#include "index/stored_features.h"
#include "index/voting.h"

namespace inlier {
namespace {

constexpr std::uint64_t kUntrainedFaces = 32;  // fewer than any shortlist is long
constexpr std::uint64_t kMinPostingsDue = 4'000'000;

// For the counts and for the keys of faces.
std::shared_ptr<const std::vector<std::uint32_t>> Shared(std::vector<std::uint32_t> numbers) {
  return std::make_shared<const std::vector<std::uint32_t>>(std::move(numbers));
}

// Without a vocabulary every face is as likely as the next.
std::vector<Candidate> AllAlike(const FeatureCounts& counts, int count) {
  std::vector<Candidate> equal;
  const auto most = static_cast<std::size_t>(std::max(count, 0));
  for (std::size_t number = 0; number < counts.size() && equal.size() < most; ++number) {
    if (counts[number] > 0) equal.push_back({static_cast<FaceNumber>(number), 1.0f, {}});
  }
  return equal;
}

// How many of the segments stay in the files that they have: up to the last one with a file that is
// at least twice as large as everything that is written after it. When many of the postings are of
// removed faces, none stays.
std::size_t KeptSegments(const Snapshot& snapshot) {
  const bool compact = snapshot.removed_postings() > snapshot.postings() / 3;
  std::uint64_t written = 0;
  std::size_t kept = snapshot.segments.size();
  for (; kept > 0; --kept) {
    const Segment& segment = *snapshot.segments[kept - 1];
    if (!compact && !segment.file().file.empty() && segment.size() >= 2 * written) break;
    written += segment.size();
  }
  return kept;
}

}  // namespace

bool CheckpointPays(std::uint64_t unpublished, std::uint64_t postings) {
  return unpublished >= kMinPostingsDue && 2 * unpublished >= postings;
}

LocalIndex::LocalIndex(const Store& store, Options options)
    : store_(store), options_(std::move(options)) {
  if (options_.given) current_.Replace({.vocabulary = options_.given});
}

std::shared_ptr<const FeatureCounts> LocalIndex::feature_counts() const {
  return snapshot()->feature_counts;
}

Status LocalIndex::CheckShapes(std::span<const ItemUpdate> items) const {
  const auto now = snapshot();
  return EveryFace(items, [&](const Features& features) { return Fits(*now, features); })
             ? Status()
             : WrongShape();
}

Result<std::vector<Candidate>> LocalIndex::Search(const Features& photo, int count,
                                                  const ShortlistOptions& options,
                                                  const FaceFilter& filter) const {
  const auto now = snapshot();
  if (!Fits(*now, photo)) return WrongShape();
  std::shared_ptr<const FeatureCounts> counts = now->feature_counts;
  if (!filter.empty()) counts = Shared(Filtered(*counts, filter));
  if (!now->vocabulary) return AllAlike(*counts, count);
  return VoteForFaces(*now, photo, count, options, {*counts, *now->face_keys});
}

Result<PartialVotes> LocalIndex::FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                           const FaceFilter& filter) const {
  if (!options_.given)
    return Fail(ErrorCode::kIncompatible,
                "the database was not given a vocabulary, so it is no part of a larger catalogue");
  auto now = snapshot();
  auto counts = now->feature_counts;
  if (!filter.empty()) counts = Shared(Filtered(*counts, filter));
  return PartialVotes::Find(std::move(now), std::move(counts), std::move(photo), options);
}

Status LocalIndex::Change(std::span<const StoredFeatures> added,
                          std::span<const FaceNumber> dropped) {
  Snapshot next = *snapshot();
  FeatureCounts counts = *next.feature_counts;
  FaceKeys keys = *next.face_keys;
  for (const FaceNumber number : dropped) ClearCount(counts, number);
  for (const StoredFeatures& face : added) {
    SetCount(counts, face.number, VotersOf(face.features));
    SetKey(keys, face.number, face.features);
  }
  if (next.vocabulary && !added.empty()) {
    PostingBatch batch;
    AppendPostings(*next.vocabulary, added, options_.threads, batch);
    AppendSegment(next, batch, counts);
  }
  next.feature_counts = Shared(std::move(counts));
  next.face_keys = Shared(std::move(keys));
  next.covered_change = store_.counters().last_change;
  const bool trained = next.vocabulary != nullptr;
  current_.Replace(std::move(next));
  return !trained && store_.counters().faces > kUntrainedFaces ? Build({}) : Status();
}

Status LocalIndex::Load(std::optional<Snapshot> newest) {
  if (!newest) return store_.counters().last_change > 0 ? Build({}) : Status();
  if (options_.given) newest->vocabulary = options_.given;  // it is in memory already
  const bool trained = newest->vocabulary != nullptr;
  INLIER_RETURN_IF_ERROR(Replay(std::move(*newest)));
  return !trained && store_.counters().features > 0 ? Build({}) : Status();
}

Status LocalIndex::Replay(Snapshot next) {
  FeatureCounts counts = *next.feature_counts;
  FaceKeys keys = *next.face_keys;
  std::vector<FaceNumber> added;
  INLIER_RETURN_IF_ERROR(
      store_.ForEachChange(next.covered_change, [&](const inlier::Change& change) {
        if (change.kind == inlier::Change::Kind::kAdd) {
          added.push_back(change.face);  // if a later change removes it, its features are gone
        } else {
          ClearCount(counts, change.face);
        }
      }));
  INLIER_RETURN_IF_ERROR(AppendStored(store_, added, options_.threads, {}, next, counts, keys));
  counts.resize(std::max<std::size_t>(counts.size(), store_.counters().next_face), 0);
  next.feature_counts = Shared(std::move(counts));
  next.face_keys = Shared(std::move(keys));
  next.covered_change = store_.counters().last_change;
  current_.Replace(std::move(next));
  return {};
}

Status LocalIndex::Build(const ProgressFunction& progress) {
  INLIER_ASSIGN_OR_RETURN(const auto numbers, AllNumbers(store_));
  Snapshot fresh;
  fresh.covered_change = store_.counters().last_change;
  fresh.trained_features = store_.counters().features;
  if (progress) progress({"train", 0, 1});
  if (options_.given) {
    fresh.vocabulary = options_.given;
  } else {
    INLIER_ASSIGN_OR_RETURN(fresh.vocabulary, TrainOnStored(store_, numbers, options_.threads));
  }
  FeatureCounts counts(store_.counters().next_face, 0);
  FaceKeys keys;
  INLIER_RETURN_IF_ERROR(
      AppendStored(store_, numbers, options_.threads, progress, fresh, counts, keys));
  fresh.feature_counts = Shared(std::move(counts));
  fresh.face_keys = Shared(std::move(keys));
  current_.Replace(std::move(fresh));
  return {};
}

// A new vocabulary is trained when the catalogue would get more cells. That happens once in a
// doubling, and never again once it has the largest number of cells. Removals do not shrink it.
bool LocalIndex::Outgrown() const {
  if (options_.given) return false;
  const std::uint64_t features = store_.counters().features;
  const auto now = snapshot();
  return now->vocabulary ? CellsFor(features) > CellsFor(now->trained_features) : features > 0;
}

std::uint64_t LocalIndex::unpublished_postings() const {
  std::uint64_t sum = 0;
  for (const auto& segment : snapshot()->segments)
    sum += segment->file().file.empty() ? segment->size() : 0;
  return sum;
}

bool LocalIndex::PublishingPays() const {
  return CheckpointPays(unpublished_postings(), snapshot()->postings());
}

Status LocalIndex::Publish(GenerationFiles& files) {
  INLIER_ASSIGN_OR_RETURN(const std::uint64_t number, files.NextNumber());
  Snapshot next = *snapshot();
  auto& segments = next.segments;
  const std::size_t kept = KeptSegments(next);
  if (kept < segments.size()) {
    const auto behind = std::span<const std::shared_ptr<const Segment>>(segments).subspan(kept);
    INLIER_ASSIGN_OR_RETURN(const ListsFile file,
                            Segment::MergeToFile(behind, *next.feature_counts, files.folder(),
                                                 ListsFileName(number), files.step()));
    std::uint64_t on_disk = file.bytes;
    for (std::size_t i = 0; i < kept; ++i) on_disk += segments[i]->file().bytes;
    INLIER_ASSIGN_OR_RETURN(auto written,
                            Segment::Open(files.folder(), file, on_disk > options_.memory_bytes));
    segments.resize(kept);
    segments.push_back(std::move(written));
  }
  INLIER_RETURN_IF_ERROR(files.Publish(next, number));
  current_.Replace(std::move(next));
  return {};
}

std::uint32_t LocalIndex::HeldOf(std::uint32_t features) const {
  const auto now = snapshot();
  // Until there is a vocabulary, only the counts tell the kinds apart, and only where it matters.
  const bool bits = now->vocabulary ? !now->vocabulary->embeds()
                                    : std::ranges::any_of(*now->feature_counts, [](auto count) {
                                        return count > MostVoters(DescriptorKind::kBytes);
                                      });
  const std::size_t most = MostVoters(bits ? DescriptorKind::kBits : DescriptorKind::kBytes);
  return std::min(features, static_cast<std::uint32_t>(most));
}

void LocalIndex::Describe(CollectionStats& stats) const {
  const auto now = snapshot();
  stats.postings = now->postings();
  stats.removed = now->removed_postings();
  stats.segments = now->segments.size();
  stats.index_bytes =
      (now->feature_counts->size() + now->face_keys->size()) * sizeof(std::uint32_t);
  if (now->vocabulary) {
    stats.cells = static_cast<std::uint64_t>(now->vocabulary->cells());
    stats.code_bits = static_cast<std::uint64_t>(now->vocabulary->code_words()) * 64;
    stats.index_bytes += now->vocabulary->bytes();
  }
  for (const auto& segment : now->segments) {
    stats.index_bytes += segment->memory_bytes();
    stats.mapped_bytes += segment->mapped_bytes();
  }
}

}  // namespace inlier
