#include "index/collection.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "index/live_index.h"
#include "index/store.h"
#include "index/voting.h"

namespace inlier {
namespace {

constexpr std::uint64_t kUntrainedItems = 32;  // fewer than any shortlist is long
constexpr int kReaderAttempts = 20;

}  // namespace

struct Collection::State {
  std::filesystem::path folder;
  OpenOptions options;
  std::unique_ptr<Store> store;
  std::unique_ptr<LiveIndex> index;
  mutable std::mutex writer;  // one change at a time
  std::atomic<std::uint64_t> revision{0};

  Status Writable() const {
    if (options.mode != OpenMode::kRead) return {};
    return Fail(ErrorCode::kInvalidArgument, folder.string() + " was opened for reading");
  }

  // A writer may publish and delete index files between a reader's look at the manifest and its
  // opening of them, which takes as long as the files before take to check; the next look sees the
  // new manifest.
  Status Load() {
    for (int attempt = 1;; ++attempt) {
      INLIER_ASSIGN_OR_RETURN(
          store, Store::Open(folder, options.mode, options.recipe, options.recipe_if_new));
      const bool again = options.mode == OpenMode::kRead && attempt < kReaderAttempts;
      index = std::make_unique<LiveIndex>(folder, *store,
                                          LiveIndex::Options{.threads = options.threads,
                                                             .memory_bytes = options.memory_bytes,
                                                             .look_again = again,
                                                             .notice = options.notice,
                                                             .step = options.step});
      Status loaded = index->Load();
      if (loaded || !again || loaded.error().code != ErrorCode::kNotFound) {
        if (const std::string lost = store->loss(); !lost.empty() && options.notice)
          options.notice(lost);
        return loaded;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
};

Collection::Collection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Collection::~Collection() = default;
const std::string& Collection::recipe() const { return state_->store->recipe(); }

Result<std::unique_ptr<Collection>> Collection::Open(const std::filesystem::path& folder,
                                                     OpenOptions options) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->options = std::move(options);
  INLIER_RETURN_IF_ERROR(state->Load());
  return std::unique_ptr<Collection>(new Collection(std::move(state)));
}

Status Collection::Add(std::vector<NewItem> items) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  const auto snapshot = state_->index->snapshot();
  for (const NewItem& item : items) {
    INLIER_RETURN_IF_ERROR(LiveIndex::CheckShape(*snapshot, item.features));
    if (item.record.feature_count != item.features.size()) {
      return Fail(ErrorCode::kInvalidArgument,
                  item.record.id + ": the record counts other features than there are");
    }
  }
  const bool embeddings =
      !items.empty() && items.front().features.kind == DescriptorKind::kEmbedding;
  const bool trained = snapshot->vocabulary || embeddings;
  INLIER_ASSIGN_OR_RETURN(const Store::Written written, state_->store->Add(items));
  state_->index->Add(items, written.added, written.replaced);
  ++state_->revision;
  // Up to here a search could return every item; beyond, it needs cells.
  return !trained && state_->store->counters().items > kUntrainedItems ? state_->index->Build({})
                                                                       : Status();
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
  state_->index->Drop(numbers);
  ++state_->revision;
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
  const auto snapshot = state_->index->snapshot();
  INLIER_RETURN_IF_ERROR(LiveIndex::CheckShape(*snapshot, photo));
  std::span<const std::uint32_t> counts = *snapshot->feature_counts;
  std::vector<std::uint32_t> filtered;
  if (!filter.empty()) {
    filtered.assign(counts.begin(), counts.end());
    for (std::size_t i = 0; i < filtered.size(); ++i) {
      if (i >= filter.size() || !filter[i]) filtered[i] = 0;
    }
    counts = filtered;
  }
  if (snapshot->embeddings.row_bytes() > 0)
    return snapshot->embeddings.Search(photo, count, counts);
  if (snapshot->vocabulary) return VoteForItems(*snapshot, photo, count, options, counts);
  // No vocabulary before the first checkpoint: every item is as likely as the next.
  std::vector<Candidate> equal;
  for (std::size_t number = 0;
       number < counts.size() && equal.size() < static_cast<std::size_t>(std::max(count, 0));
       ++number) {
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

bool Collection::CheckpointDue() const {
  return CheckpointPays(state_->index->unpublished_postings(),
                        state_->index->snapshot()->postings());
}

Status Collection::Checkpoint(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  if (state_->index->Outgrown()) {
    INLIER_RETURN_IF_ERROR(state_->index->Build(progress));
  } else {
    INLIER_ASSIGN_OR_RETURN(const bool published, state_->index->Published());
    if (published) return {};
  }
  if (progress) progress({"write", 0, 1});
  return state_->index->Publish(*state_->store);
}

Status Collection::Rebuild(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->Writable());
  std::lock_guard one_writer(state_->writer);
  INLIER_RETURN_IF_ERROR(state_->index->Build(progress));
  INLIER_RETURN_IF_ERROR(state_->index->FindDamage());
  return state_->index->Publish(*state_->store);
}

Result<CheckReport> Collection::Check() const {
  std::lock_guard no_writer(state_->writer);
  CheckReport report;
  const auto problem = [&report](const std::string& text) { report.problems.push_back(text); };
  INLIER_RETURN_IF_ERROR(state_->store->Verify(problem));
  INLIER_ASSIGN_OR_RETURN(const auto generations, state_->store->Generations());
  CheckSnapshots(state_->folder, generations, problem);
  const auto snapshot = state_->index->snapshot();
  const auto& counts = *snapshot->feature_counts;
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
  const auto snapshot = state_->index->snapshot();
  CollectionStats stats{.items = counters.items,
                        .features = counters.features,
                        .removed = state_->index->removed_postings(),
                        .postings = snapshot->postings(),
                        .segments = snapshot->segments.size(),
                        .index_bytes = snapshot->feature_counts->size() * sizeof(std::uint32_t),
                        .last_change = counters.last_change};
  if (snapshot->vocabulary) {
    stats.cells = static_cast<std::uint64_t>(snapshot->vocabulary->cells());
    stats.code_bits = static_cast<std::uint64_t>(snapshot->vocabulary->code_words()) * 64;
    stats.index_bytes += snapshot->vocabulary->bytes();
  }
  stats.embeddings = snapshot->embeddings.rows();
  stats.index_bytes += snapshot->embeddings.bytes();
  for (const auto& segment : snapshot->segments) {
    stats.index_bytes += segment->memory_bytes();
    stats.mapped_bytes += segment->mapped_bytes();
  }
  if (!generations.empty()) {
    stats.generation = generations.front().number;
    stats.covered_change = generations.front().covered_change;
  }
  std::error_code ec;
  for (std::filesystem::directory_iterator it(state_->folder, ec), end; !ec && it != end;
       it.increment(ec)) {
    std::error_code gone;  // a writer may delete while this counts
    const auto size = it->file_size(gone);
    if (!gone) stats.disk_bytes += size;
  }
  return stats;
}

}  // namespace inlier
