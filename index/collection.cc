#include "index/collection.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>
#include <numeric>
#include <random>
#include <shared_mutex>

#include <fmt/format.h>

#include "core/parallel.h"
#include "index/postings.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "index/vocabulary.h"

namespace inlier {
namespace {

constexpr std::uint32_t kSeed = 20;
// One cell for this many features keeps lists of about this length, whatever the catalogue's size.
constexpr std::uint64_t kFeaturesPerCell = 1024;
constexpr std::uint64_t kMinCells = 16;
constexpr std::uint64_t kMaxCells = 16'384;
constexpr std::uint64_t kTrainingRowsPerCell = 48;
// A vocabulary is retrained when the catalogue has this many times the features it was trained for.
constexpr std::uint64_t kOutgrown = 4;
constexpr std::size_t kItemsPerBlock = 64;
constexpr std::uint64_t kUntrainedItems = 32;  // fewer than any shortlist is long

std::uint64_t CellsFor(std::uint64_t features) {
  return std::clamp(std::bit_floor(features / kFeaturesPerCell + 1), kMinCells, kMaxCells);
}

}  // namespace

struct Collection::State {
  std::filesystem::path folder;
  OpenOptions options;
  std::unique_ptr<Store> store;
  mutable std::mutex writer;         // one change at a time
  mutable std::shared_mutex memory;  // guards `snapshot`
  Snapshot snapshot;
  std::uint64_t removed_postings = 0;
  std::vector<std::uint64_t> damaged;  // generations whose files were not usable; the next checkpoint drops them
  std::atomic<std::uint64_t> revision{0};

  Status Writable() const {
    if (options.mode != OpenMode::kRead) return {};
    return Fail(ErrorCode::kInvalidArgument, folder.string() + " was opened for reading");
  }

  // Features without an item's shape would be read past their end.
  static Status CheckShape(const Snapshot& against, const Features& features) {
    const bool fits = against.postings ? against.postings->vocabulary().Fits(features)
                                       : features.descriptors.size() == features.size() * features.descriptor_bytes;
    if (features.size() == 0 || fits) return {};
    return Fail(ErrorCode::kInvalidArgument, "features of another kind or row size than the database has");
  }

  void Notice(const std::string& line) const {
    if (options.notice) options.notice(line);
  }

  // ---- memory ----

  static void Append(Snapshot& to, ItemNumber number, const Features& features, const CellCodes* codes) {
    if (to.feature_counts.size() <= number) to.feature_counts.resize(number + 1, 0);
    to.feature_counts[number] = static_cast<std::uint32_t>(features.size());
    if (codes) to.postings->Add(number, features, *codes);
  }

  void Drop(ItemNumber number) {
    if (number < snapshot.feature_counts.size()) {
      removed_postings += snapshot.feature_counts[number];
      snapshot.feature_counts[number] = 0;
    }
  }

  bool Outgrown() const {
    const std::uint64_t features = store->counters().features;
    if (!snapshot.postings) return features > 0;
    return features > kOutgrown * snapshot.trained_features ||
           removed_postings > features / 2 + kFeaturesPerCell;
  }

  // Reads the features of `numbers` block by block, assigns them in parallel and appends them in
  // order: the same postings for any number of threads.
  Status AppendStored(Snapshot& to, const std::vector<ItemNumber>& numbers, const ProgressFunction& progress) const {
    for (std::size_t begin = 0; begin < numbers.size(); begin += kItemsPerBlock) {
      const std::size_t count = std::min(kItemsPerBlock, numbers.size() - begin);
      if (progress) progress("index", begin, numbers.size());
      std::vector<Result<std::optional<Features>>> features(count, std::nullopt);
      std::vector<CellCodes> codes(count);
      ParallelFor(count, options.threads, [&](std::size_t i) {
        features[i] = store->FeaturesOf(numbers[begin + i]);
        if (features[i] && *features[i] && to.postings && CheckShape(to, **features[i])) {
          codes[i] = to.postings->vocabulary().Assign(**features[i], 1);
        }
      });
      for (std::size_t i = 0; i < count; ++i) {
        if (!features[i]) return tl::unexpected(features[i].error());
        if (!*features[i]) continue;  // removed by a later change
        INLIER_RETURN_IF_ERROR(CheckShape(to, **features[i]));
        Append(to, numbers[begin + i], **features[i], to.postings ? &codes[i] : nullptr);
      }
    }
    return {};
  }

  // A sample of rows that depends on the items alone: whole items in a seeded order.
  Result<std::unique_ptr<Vocabulary>> TrainVocabulary(const std::vector<ItemNumber>& numbers) const {
    const std::uint64_t total = store->counters().features;
    const std::uint64_t cells = CellsFor(total);
    const std::uint64_t wanted = cells * kTrainingRowsPerCell;
    // Half a catalogue or more is read for a small one; for a large one, as many items as hold twice
    // the rows, every second of which is taken, so that one item does not make a cell of its own.
    std::vector<ItemNumber> order = numbers;
    std::shuffle(order.begin(), order.end(), std::mt19937(kSeed));
    std::vector<std::uint8_t> rows;
    DescriptorKind kind = DescriptorKind::kBytes;
    std::size_t row_bytes = 0;
    const std::size_t stride = total > 2 * wanted ? 2 : 1;
    for (const ItemNumber number : order) {
      INLIER_ASSIGN_OR_RETURN(const auto features, store->FeaturesOf(number));
      if (!features || features->size() == 0) continue;
      kind = features->kind;
      row_bytes = features->descriptor_bytes;
      for (std::size_t i = 0; i < features->size(); i += stride) {
        const auto row = features->row(i);
        rows.insert(rows.end(), row.begin(), row.end());
      }
      if (rows.size() / row_bytes >= wanted) break;
    }
    if (rows.empty()) return std::unique_ptr<Vocabulary>();
    return Vocabulary::Train(rows, kind, static_cast<int>(row_bytes), static_cast<int>(cells), kSeed,
                             options.threads);
  }

  // The whole index from the store. Searches go on with the old one meanwhile.
  Result<Snapshot> Build(const ProgressFunction& progress) const {
    std::vector<ItemNumber> numbers;
    INLIER_RETURN_IF_ERROR(store->ForEach([&](ItemNumber number, const ItemRecord&) {
      numbers.push_back(number);
      return true;
    }));
    Snapshot fresh;
    fresh.covered_change = store->counters().last_change;
    fresh.trained_features = store->counters().features;
    if (progress) progress("train", 0, 1);
    INLIER_ASSIGN_OR_RETURN(auto vocabulary, TrainVocabulary(numbers));
    if (vocabulary) fresh.postings = std::make_unique<Postings>(std::move(vocabulary));
    INLIER_RETURN_IF_ERROR(AppendStored(fresh, numbers, progress));
    fresh.feature_counts.resize(store->counters().next_number, 0);
    return fresh;
  }

  Status Retrain(const ProgressFunction& progress) {
    INLIER_ASSIGN_OR_RETURN(Snapshot fresh, Build(progress));
    std::unique_lock lock(memory);
    snapshot = std::move(fresh);
    removed_postings = 0;
    return {};
  }

  // ---- disk ----

  Status Replay() {
    std::vector<ItemNumber> added;
    INLIER_RETURN_IF_ERROR(store->ForEachChange(snapshot.covered_change, [&](const Change& change) {
      if (change.kind == Change::Kind::kAdd) {
        added.push_back(change.number);  // if it was removed again, its features are gone
      } else {
        Drop(change.number);
      }
    }));
    INLIER_RETURN_IF_ERROR(AppendStored(snapshot, added, {}));
    snapshot.feature_counts.resize(std::max<std::size_t>(snapshot.feature_counts.size(), store->counters().next_number), 0);
    const std::uint64_t live = std::accumulate(snapshot.feature_counts.begin(), snapshot.feature_counts.end(), std::uint64_t{0});
    if (snapshot.postings) removed_postings = snapshot.postings->size() - std::min(live, snapshot.postings->size());
    snapshot.covered_change = store->counters().last_change;
    return {};
  }

  // The put of the manifest is the commit point: before it the older generations answer, after it
  // the new one does. One older generation stays.
  Status Publish() {
    const auto step = [this](std::string_view name) {
      if (options.step) options.step(name);
    };
    INLIER_ASSIGN_OR_RETURN(auto generations, store->Generations());
    const std::uint64_t number = generations.empty() ? 1 : generations.front().number + 1;
    INLIER_ASSIGN_OR_RETURN(auto written,
                            WriteSnapshot(folder, snapshot, number, store->recipe(), options.step));
    std::erase_if(generations, [this](const Generation& g) {
      return std::find(damaged.begin(), damaged.end(), g.number) != damaged.end();
    });
    generations.insert(generations.begin(), std::move(written));
    if (generations.size() > 2) generations.resize(2);
    step("manifest");
    INLIER_RETURN_IF_ERROR(store->PutGenerations(generations));
    step("clean");
    RemoveStaleSnapshots(folder, generations);
    damaged.clear();
    step("done");
    return {};
  }

  Status Load() {
    INLIER_ASSIGN_OR_RETURN(const auto generations, store->Generations());
    for (std::size_t i = 0; i < generations.size(); ++i) {
      auto loaded = ReadSnapshot(folder, generations[i]);
      if (loaded) {
        snapshot = std::move(*loaded);
        INLIER_RETURN_IF_ERROR(Replay());
        return !snapshot.postings && store->counters().features > 0 ? Retrain({}) : Status();
      }
      damaged.push_back(generations[i].number);
      const bool last = i + 1 == generations.size();
      Notice(fmt::format("{}; {}", loaded.error().message,
                         last ? "rebuilding the index from the stored features"
                              : "using the generation before it"));
    }
    if (store->counters().features == 0) return {};
    if (generations.empty()) Notice("there is no index file yet; building the index in memory");
    return Retrain({});
  }
};

Collection::Collection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Collection::~Collection() = default;
const std::string& Collection::recipe() const { return state_->store->recipe(); }

Result<std::unique_ptr<Collection>> Collection::Open(const std::filesystem::path& folder,
                                                     OpenOptions options) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  INLIER_ASSIGN_OR_RETURN(state->store, Store::Open(folder, options.mode, options.recipe, options.recipe_if_new));
  state->options = std::move(options);
  INLIER_RETURN_IF_ERROR(state->Load());
  return std::unique_ptr<Collection>(new Collection(std::move(state)));
}

Status Collection::Add(std::vector<NewItem> items) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  Snapshot& snapshot = state_->snapshot;
  for (const NewItem& item : items) {
    INLIER_RETURN_IF_ERROR(State::CheckShape(snapshot, item.features));
    if (item.record.feature_count != item.features.size()) {
      return Fail(ErrorCode::kInvalidArgument, item.record.id + ": the record counts other features than there are");
    }
  }
  const bool trained = snapshot.postings != nullptr;
  std::vector<CellCodes> codes(items.size());
  if (trained) {
    ParallelFor(items.size(), state_->options.threads, [&](std::size_t i) {
      codes[i] = snapshot.postings->vocabulary().Assign(items[i].features, 1);
    });
  }
  INLIER_ASSIGN_OR_RETURN(const Store::Written written, state_->store->Add(items));
  {
    std::unique_lock lock(state_->memory);
    for (const ItemNumber number : written.replaced) state_->Drop(number);
    for (std::size_t i = 0; i < items.size(); ++i) {
      State::Append(snapshot, written.added[i], items[i].features, trained ? &codes[i] : nullptr);
    }
    snapshot.covered_change = state_->store->counters().last_change;
  }
  ++state_->revision;
  // Up to here a search could return every item; beyond, it needs cells.
  return !trained && state_->store->counters().items > kUntrainedItems ? state_->Retrain({}) : Status();
}

Status Collection::UpdateRecord(const ItemRecord& record) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  const Status updated = state_->store->UpdateRecord(record);
  // After the write: what was read before it must not pass for the new state.
  ++state_->revision;
  return updated;
}

Status Collection::Remove(const std::vector<std::string>& ids) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  INLIER_ASSIGN_OR_RETURN(const auto numbers, state_->store->Remove(ids));
  ++state_->revision;
  std::unique_lock lock(state_->memory);
  for (const ItemNumber number : numbers) state_->Drop(number);
  state_->snapshot.covered_change = state_->store->counters().last_change;
  return {};
}

Result<std::optional<ItemRecord>> Collection::Find(const std::string& id) const {
  INLIER_ASSIGN_OR_RETURN(const auto number, state_->store->NumberOf(id));
  if (!number) return std::nullopt;
  return state_->store->Record(*number);
}

Result<ItemNumber> Collection::NumberOf(const std::string& id) const {
  INLIER_ASSIGN_OR_RETURN(const auto number, state_->store->NumberOf(id));
  if (!number) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
  return *number;
}

Status Collection::ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const {
  return state_->store->ForEach(visit);
}

std::uint64_t Collection::revision() const { return state_->revision.load(); }

ItemNumber Collection::NumberLimit() const { return state_->store->counters().next_number; }

Result<std::vector<Candidate>> Collection::Search(const Features& photo, int count,
                                                  const ShortlistOptions& options,
                                                  const ItemFilter& filter) const {
  std::shared_lock lock(state_->memory);
  const Snapshot& snapshot = state_->snapshot;
  INLIER_RETURN_IF_ERROR(State::CheckShape(snapshot, photo));
  std::span<const std::uint32_t> counts = snapshot.feature_counts;
  std::vector<std::uint32_t> filtered;
  if (!filter.empty()) {
    filtered.assign(counts.begin(), counts.end());
    for (std::size_t i = 0; i < filtered.size(); ++i) {
      if (i >= filter.size() || !filter[i]) filtered[i] = 0;
    }
    counts = filtered;
  }
  if (snapshot.postings) return snapshot.postings->Vote(photo, count, options, counts);
  // No vocabulary before the first checkpoint: every item is as likely as the next.
  std::vector<Candidate> equal;
  for (std::size_t number = 0; number < counts.size() && equal.size() < static_cast<std::size_t>(std::max(count, 0)); ++number) {
    if (counts[number] > 0) equal.push_back({static_cast<ItemNumber>(number), 1.0f, {}});
  }
  return equal;
}

Result<std::vector<StoredItem>> Collection::Fetch(std::span<const ItemNumber> numbers) const {
  return state_->store->Fetch(numbers);
}

Status Collection::Complete(std::span<StoredItem* const> items) const {
  return state_->store->Complete(items);
}

Status Collection::Checkpoint(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  if (state_->Outgrown()) {
    INLIER_RETURN_IF_ERROR(state_->Retrain(progress));
    return state_->Publish();
  }
  INLIER_ASSIGN_OR_RETURN(const auto generations, state_->store->Generations());
  const bool covered = !generations.empty() && state_->damaged.empty() &&
                       generations.front().covered_change == state_->snapshot.covered_change;
  return covered ? Status() : state_->Publish();
}

Status Collection::Rebuild(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  INLIER_RETURN_IF_ERROR(state_->Retrain(progress));
  return state_->Publish();
}

Result<CheckReport> Collection::Check() const {
  std::lock_guard no_writer(state_->writer);
  CheckReport report;
  const auto problem = [&report](const std::string& text) { report.problems.push_back(text); };
  INLIER_RETURN_IF_ERROR(state_->store->Verify(problem));
  INLIER_ASSIGN_OR_RETURN(const auto generations, state_->store->Generations());
  for (const Generation& generation : generations) {
    const auto loaded = ReadSnapshot(state_->folder, generation);
    if (!loaded) problem(loaded.error().message);
  }
  std::shared_lock lock(state_->memory);
  const auto& counts = state_->snapshot.feature_counts;
  std::uint64_t indexed = 0;
  const Status scan = state_->store->ForEach([&](ItemNumber number, const ItemRecord& record) {
    report.items_checked += 1;
    indexed += record.feature_count;
    if (number >= counts.size() || counts[number] != record.feature_count) {
      problem("item '" + record.id + "' is not in the index");
    }
    return true;
  });
  if (!scan) problem(scan.error().message);
  const std::uint64_t in_memory = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (in_memory != indexed) {
    problem(fmt::format("the index holds {} features of items, the store {}", in_memory, indexed));
  }
  return report;
}

Result<CollectionStats> Collection::Stats() const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, state_->store->Generations());
  const Counters counters = state_->store->counters();
  std::shared_lock lock(state_->memory);
  CollectionStats stats{.items = counters.items,
                        .features = counters.features,
                        .removed = state_->removed_postings,
                        .last_change = counters.last_change};
  if (const Postings* postings = state_->snapshot.postings.get()) {
    stats.cells = static_cast<std::uint64_t>(postings->vocabulary().cells());
    stats.postings = postings->size();
    stats.index_bytes = postings->bytes();
  }
  if (!generations.empty()) {
    stats.generation = generations.front().number;
    stats.covered_change = generations.front().covered_change;
  }
  std::error_code ec;
  for (std::filesystem::directory_iterator it(state_->folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code gone;  // a writer may delete while this counts
    const auto size = it->file_size(gone);
    if (!gone) stats.disk_bytes += size;
  }
  return stats;
}

}  // namespace inlier
