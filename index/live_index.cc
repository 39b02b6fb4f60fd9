#include "index/live_index.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <fmt/format.h>

#include "core/parallel.h"

namespace inlier {
namespace {

constexpr std::uint32_t kSeed = 20;
constexpr std::size_t kItemsPerBlock = 64;
constexpr std::size_t kPostingsPerSegment = 1 << 20;  // of a build from the store
constexpr std::uint64_t kFewestPostingsDue = 4'000'000;
constexpr std::uint64_t kLargestMerge = 1 << 25;  // postings of segments that are merged in memory

void Append(PostingBatch& batch, ItemNumber item, const Features& features,
            const CellCodes& codes) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    batch.lists.push_back(ListOf(codes.cells[i], features.keypoints[i]));
    batch.postings.push_back(Pack(MakePosting(item, i, features.keypoints[i])));
  }
  batch.codes.insert(batch.codes.end(), codes.codes.begin(), codes.codes.end());
}

// Puts a batch behind the segments and merges those in memory that are of like size. Merging in
// memory cannot fail: only mapped lists have checks left.
void Push(Snapshot& to, const PostingBatch& batch, std::span<const std::uint32_t> live) {
  if (batch.postings.empty()) return;
  auto& segments = to.segments;
  segments.push_back(Segment::FromBatch(
      batch, 2 * static_cast<std::uint32_t>(to.vocabulary->cells()), to.vocabulary->code_words()));
  while (segments.size() > 1) {
    const std::span<const std::shared_ptr<const Segment>> last = std::span(segments).last(2);
    const bool older_has_file = !last[0]->file().file.empty();
    if (older_has_file || last[0]->size() >= 2 * last[1]->size() ||
        last[0]->size() + last[1]->size() > kLargestMerge)
      break;
    auto merged = Segment::Merge(last, live);
    if (!merged) break;
    segments.resize(segments.size() - 2);
    segments.push_back(std::move(*merged));
  }
}

void SetCount(std::vector<std::uint32_t>& counts, ItemNumber number, std::size_t features) {
  if (counts.size() <= number) counts.resize(number + std::size_t{1}, 0);
  counts[number] = static_cast<std::uint32_t>(features);
}

bool IsEmbedding(const Features& features) { return features.kind == DescriptorKind::kEmbedding; }

bool Fits(const Snapshot& snapshot, const Features& features) {
  const bool whole = features.descriptors.size() == features.size() * features.descriptor_bytes;
  if (const int row_bytes = snapshot.embeddings.row_bytes(); row_bytes > 0) {
    return IsEmbedding(features) && features.descriptor_bytes == row_bytes && whole;
  }
  return snapshot.vocabulary ? snapshot.vocabulary->Fits(features) : whole;
}

}  // namespace

bool CheckpointPays(std::uint64_t unpublished, std::uint64_t postings) {
  return unpublished >= kFewestPostingsDue && 2 * unpublished >= postings;
}

LiveIndex::LiveIndex(std::filesystem::path folder, const Store& store, Options options)
    : folder_(std::move(folder)),
      store_(store),
      options_(std::move(options)),
      current_(std::make_shared<const Snapshot>()) {}

std::shared_ptr<const Snapshot> LiveIndex::snapshot() const {
  std::lock_guard lock(mutex_);
  return current_;
}

void LiveIndex::Show(Snapshot next) {
  auto shared = std::make_shared<const Snapshot>(std::move(next));
  std::lock_guard lock(mutex_);
  current_.swap(
      shared);  // the old one is freed outside of the lock, or by the last search that has it
}

Status LiveIndex::CheckShape(const Snapshot& snapshot, const Features& features) {
  if (features.size() == 0 || Fits(snapshot, features)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "features of another kind or row size than the database has");
}

void LiveIndex::Add(std::span<const NewItem> items, std::span<const ItemNumber> numbers,
                    std::span<const ItemNumber> replaced) {
  Snapshot next = Copy();
  std::vector<CellCodes> codes(items.size());
  if (next.vocabulary) {
    ParallelFor(items.size(), options_.threads,
                [&](std::size_t i) { codes[i] = next.vocabulary->Assign(items[i].features, 1); });
  }
  std::vector<std::uint32_t> counts = *next.feature_counts;
  for (const ItemNumber number : replaced) counts[number] = 0;
  PostingBatch batch;
  for (std::size_t i = 0; i < items.size(); ++i) {
    SetCount(counts, numbers[i], items[i].features.size());
    if (next.vocabulary) Append(batch, numbers[i], items[i].features, codes[i]);
  }
  Push(next, batch, counts);
  std::vector<EmbeddingIndex::NewRows> rows;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (IsEmbedding(items[i].features)) rows.push_back({numbers[i], &items[i].features});
  }
  next.embeddings = next.embeddings.With(rows, counts);
  next.feature_counts = std::make_shared<const std::vector<std::uint32_t>>(std::move(counts));
  next.covered_change = store_.counters().last_change;
  Show(std::move(next));
  CountRemoved();  // merging in memory may have dropped some
}

void LiveIndex::Drop(std::span<const ItemNumber> numbers) {
  Snapshot next = Copy();
  std::vector<std::uint32_t> counts = *next.feature_counts;
  for (const ItemNumber number : numbers) {
    if (number < counts.size()) counts[number] = 0;
  }
  next.embeddings = next.embeddings.With({}, counts);
  next.feature_counts = std::make_shared<const std::vector<std::uint32_t>>(std::move(counts));
  next.covered_change = store_.counters().last_change;
  Show(std::move(next));
  CountRemoved();
}

// Reads the features of `numbers` block by block, assigns them in parallel and appends them in
// order: the same segments for any number of threads.
Status LiveIndex::AppendStored(Snapshot& to, std::vector<std::uint32_t>& counts,
                               std::span<const ItemNumber> numbers,
                               const ProgressFunction& progress) const {
  PostingBatch batch;
  for (std::size_t begin = 0; begin < numbers.size(); begin += kItemsPerBlock) {
    const std::size_t count = std::min(kItemsPerBlock, numbers.size() - begin);
    if (progress) progress({"index", begin, numbers.size()});
    std::vector<Result<std::optional<Features>>> features(count, std::nullopt);
    std::vector<CellCodes> codes(count);
    ParallelFor(count, options_.threads, [&](std::size_t i) {
      features[i] = store_.FeaturesOf(numbers[begin + i]);
      if (features[i] && *features[i] && to.vocabulary && Fits(to, **features[i])) {
        codes[i] = to.vocabulary->Assign(**features[i], 1);
      }
    });
    std::vector<EmbeddingIndex::NewRows> rows;
    for (std::size_t i = 0; i < count; ++i) {
      if (!features[i]) return tl::unexpected(features[i].error());
      if (!*features[i]) continue;  // removed by a later change
      INLIER_RETURN_IF_ERROR(CheckShape(to, **features[i]));
      SetCount(counts, numbers[begin + i], (*features[i])->size());
      if (to.vocabulary) Append(batch, numbers[begin + i], **features[i], codes[i]);
      if (IsEmbedding(**features[i])) rows.push_back({numbers[begin + i], &**features[i]});
    }
    to.embeddings = to.embeddings.With(rows, counts);
    if (batch.postings.size() >= kPostingsPerSegment) {
      Push(to, batch, counts);
      batch = {};
    }
  }
  Push(to, batch, counts);
  return {};
}

// A sample of rows that depends on the items alone: whole items in a seeded order.
Result<std::shared_ptr<const Vocabulary>> LiveIndex::TrainVocabulary(
    const std::vector<ItemNumber>& numbers) const {
  const std::uint64_t total = store_.counters().features;
  const int cells = CellsFor(total);
  const std::uint64_t wanted = static_cast<std::uint64_t>(cells) * kTrainingRowsPerCell;
  // Half a catalogue or more is read for a small one; for a large one, as many items as hold twice
  // the rows, every second of which is taken, so that one item does not make a cell of its own.
  std::vector<ItemNumber> order = numbers;
  std::shuffle(order.begin(), order.end(), std::mt19937(kSeed));
  std::vector<std::uint8_t> rows;
  DescriptorKind kind = DescriptorKind::kBytes;
  std::size_t row_bytes = 0;
  const std::size_t stride = total > 2 * wanted ? 2 : 1;
  for (const ItemNumber number : order) {
    INLIER_ASSIGN_OR_RETURN(const auto features, store_.FeaturesOf(number));
    if (!features || features->size() == 0) continue;
    if (IsEmbedding(*features)) break;  // compared in full, without cells
    kind = features->kind;
    row_bytes = features->descriptor_bytes;
    for (std::size_t i = 0; i < features->size(); i += stride) {
      const auto row = features->row(i);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    if (rows.size() / row_bytes >= wanted) break;
  }
  if (rows.empty()) return std::shared_ptr<const Vocabulary>();
  return std::shared_ptr<const Vocabulary>(
      Vocabulary::Train(rows, kind, static_cast<int>(row_bytes), cells, kSeed, options_.threads));
}

Status LiveIndex::Build(const ProgressFunction& progress) {
  std::vector<ItemNumber> numbers;
  INLIER_RETURN_IF_ERROR(store_.ForEach([&](ItemNumber number, const ItemRecord&) {
    numbers.push_back(number);
    return true;
  }));
  Snapshot fresh;
  fresh.covered_change = store_.counters().last_change;
  fresh.trained_features = store_.counters().features;
  if (progress) progress({"train", 0, 1});
  INLIER_ASSIGN_OR_RETURN(fresh.vocabulary, TrainVocabulary(numbers));
  std::vector<std::uint32_t> counts(store_.counters().next_number, 0);
  INLIER_RETURN_IF_ERROR(AppendStored(fresh, counts, numbers, progress));
  fresh.feature_counts = std::make_shared<const std::vector<std::uint32_t>>(std::move(counts));
  Show(std::move(fresh));
  removed_postings_ = 0;
  return {};
}

// A vocabulary is trained anew when the catalogue would get more cells, which happens once in a
// doubling and never again beyond the largest number of cells. Removed items do not shrink it.
bool LiveIndex::Outgrown() const {
  const std::uint64_t features = store_.counters().features;
  const auto now = snapshot();
  if (now->embeddings.row_bytes() > 0) return false;
  return now->vocabulary ? CellsFor(features) > CellsFor(now->trained_features) : features > 0;
}

std::uint64_t LiveIndex::unpublished_postings() const {
  std::uint64_t sum = 0;
  for (const auto& segment : snapshot()->segments)
    sum += segment->file().file.empty() ? segment->size() : 0;
  return sum;
}

void LiveIndex::CountRemoved() {
  const auto now = snapshot();
  const auto& counts = *now->feature_counts;
  const std::uint64_t live = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const std::uint64_t embeddings = now->embeddings.rows();
  const std::uint64_t postings = now->vocabulary  ? now->postings()
                                 : embeddings > 0 ? embeddings
                                                  : live;
  removed_postings_ = postings - std::min(live, postings);
}

Status LiveIndex::Replay() {
  Snapshot next = Copy();
  std::vector<std::uint32_t> counts = *next.feature_counts;
  std::vector<ItemNumber> added;
  INLIER_RETURN_IF_ERROR(store_.ForEachChange(next.covered_change, [&](const Change& change) {
    if (change.kind == Change::Kind::kAdd) {
      added.push_back(change.number);  // if it was removed again, its features are gone
    } else if (change.number < counts.size()) {
      counts[change.number] = 0;
    }
  }));
  INLIER_RETURN_IF_ERROR(AppendStored(next, counts, added, {}));
  counts.resize(std::max<std::size_t>(counts.size(), store_.counters().next_number), 0);
  next.feature_counts = std::make_shared<const std::vector<std::uint32_t>>(std::move(counts));
  next.covered_change = store_.counters().last_change;
  Show(std::move(next));
  CountRemoved();
  return {};
}

Status LiveIndex::Load() {
  const auto notice = [this](const std::string& line) {
    if (options_.notice) options_.notice(line);
  };
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  for (std::size_t i = 0; i < generations.size(); ++i) {
    auto loaded = ReadSnapshot(folder_, generations[i], options_.memory_bytes);
    if (loaded) {
      Show(std::move(*loaded));
      INLIER_RETURN_IF_ERROR(Replay());
      // Embeddings are in no file; the store has them.
      return !snapshot()->vocabulary && store_.counters().features > 0 ? Build({}) : Status();
    }
    if (i == 0 && options_.look_again && loaded.error().code == ErrorCode::kNotFound)
      return tl::unexpected(loaded.error());
    damaged_.push_back(generations[i].number);
    const bool last = i + 1 == generations.size();
    notice(fmt::format(
        "{}; {}", loaded.error().message,
        last ? "rebuilding the index from the stored features" : "using the generation before it"));
  }
  if (store_.counters().last_change == 0) return {};
  // Items without features have numbers too.
  if (generations.empty() && store_.counters().features > 0)
    notice("there is no index file yet; building the index in memory");
  return Build({});
}

Status LiveIndex::FindDamage() {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  for (const Generation& generation : generations) {
    CheckSnapshots(folder_, {&generation, 1},
                   [&](const std::string&) { damaged_.push_back(generation.number); });
  }
  return {};
}

Result<bool> LiveIndex::Published() const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  return !generations.empty() && damaged_.empty() &&
         generations.front().covered_change == snapshot()->covered_change;
}

Status LiveIndex::Publish(Store& store) {
  const auto step = [this](std::string_view name) {
    if (options_.step) options_.step(name);
  };
  INLIER_ASSIGN_OR_RETURN(auto generations, store.Generations());
  const std::uint64_t number = generations.empty() ? 1 : generations.front().number + 1;
  Snapshot next = Copy();
  auto& segments = next.segments;
  // Of the files those stay that are at least twice as large as what is written behind them; all
  // are written anew when much of them is of removed items.
  std::uint64_t fresh = 0;
  std::size_t keep = segments.size();
  const bool compact = removed_postings_ > next.postings() / 3;
  for (; keep > 0; --keep) {
    const Segment& segment = *segments[keep - 1];
    if (!compact && !segment.file().file.empty() && segment.size() >= 2 * fresh) break;
    fresh += segment.size();
  }
  if (keep < segments.size()) {
    const auto behind = std::span<const std::shared_ptr<const Segment>>(segments).subspan(keep);
    INLIER_ASSIGN_OR_RETURN(const ListsFile file,
                            Segment::MergeToFile(behind, *next.feature_counts, folder_,
                                                 ListsFileName(number), options_.step));
    std::uint64_t on_disk = file.bytes;
    for (std::size_t i = 0; i < keep; ++i) on_disk += segments[i]->file().bytes;
    INLIER_ASSIGN_OR_RETURN(auto written,
                            Segment::Open(folder_, file, on_disk > options_.memory_bytes));
    segments.resize(keep);
    segments.push_back(std::move(written));
  }
  INLIER_ASSIGN_OR_RETURN(auto generation,
                          WriteSnapshot(folder_, next, number, store.recipe(), options_.step));
  std::erase_if(generations, [this](const Generation& g) {
    return std::find(damaged_.begin(), damaged_.end(), g.number) != damaged_.end();
  });
  generations.insert(generations.begin(), std::move(generation));
  if (generations.size() > 2) generations.resize(2);
  step("manifest");
  INLIER_RETURN_IF_ERROR(store.PutGenerations(generations));
  Show(std::move(next));
  CountRemoved();
  step("clean");
  RemoveStaleSnapshots(folder_, generations);
  damaged_.clear();
  step("done");
  return {};
}

}  // namespace inlier
