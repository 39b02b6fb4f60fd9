#include "inlier/engine.h"
#include "engine/recipe.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <mutex>
#include <unordered_set>

#include "core/blob.h"
#include "core/clock.h"
#include "core/parallel.h"
#include "deep/deep.h"
#include "engine/answer.h"
#include "engine/embedding_answer.h"
#include "engine/exact.h"
#include "engine/threads.h"

namespace inlier {
namespace {

constexpr std::size_t kItemsPerBatch = 64;

// What the stages of one query cost, by the wall clock and in CPU time.
class StageClock {
 public:
  void Lap(Answer& answer, double Timings::*stage) {
    const auto now = std::chrono::steady_clock::now();
    const double cpu_ms = ThreadCpu_ms();
    answer.timings.*stage = std::chrono::duration<double, std::milli>(now - last_).count();
    answer.cpu.*stage = cpu_ms - last_cpu_ms_;
    answer.timings.total_ms += answer.timings.*stage;
    answer.cpu.total_ms += answer.cpu.*stage;
    last_ = now;
    last_cpu_ms_ = cpu_ms;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double last_cpu_ms_ = ThreadCpu_ms();
};

}  // namespace

struct Engine::State {
  EngineOptions options;
  int threads = 1;
  std::unique_ptr<Extractor> extractor;
  std::unique_ptr<Collection> collection;
  Calibration calibration;  // of embeddings

  // The items that satisfy `where`, kept from one photo of a run to the next.
  struct WhereFilter {
    std::vector<std::pair<std::string, std::string>> where;
    std::uint64_t revision = 0;
    ItemFilter items;
  };
  mutable std::mutex mutex;
  mutable WhereFilter cached;

  Result<ItemFilter> FilterFor(const QueryOptions& query) const {
    ItemFilter filter;
    if (!query.where.empty()) {
      std::lock_guard lock(mutex);
      const std::uint64_t revision = collection->revision();
      if (cached.where != query.where || cached.revision != revision) {
        // Never empty: an empty filter lets all items pass.
        WhereFilter fresh{query.where, revision,
                          ItemFilter(std::max<ItemNumber>(collection->NumberLimit(), 1))};
        INLIER_RETURN_IF_ERROR(
            collection->ForEach([&](ItemNumber number, const ItemRecord& record) {
              if (number < fresh.items.size()) {
                fresh.items[number] = std::all_of(
                    query.where.begin(), query.where.end(), [&record](const auto& wanted) {
                      return std::find(record.metadata.begin(), record.metadata.end(), wanted) !=
                             record.metadata.end();
                    });
              }
              return true;
            }));
        cached = std::move(fresh);
      }
      filter = cached.items;
    }
    if (!query.without.empty() && filter.empty()) filter.assign(collection->NumberLimit(), true);
    for (const std::string& id : query.without) {
      const auto number = collection->NumberOf(id);
      if (!number && number.error().code != ErrorCode::kNotFound)
        return tl::unexpected(number.error());
      if (number && *number < filter.size()) filter[*number] = false;
    }
    return filter;
  }

  Result<std::vector<StoredItem>> Fetch(const std::vector<Candidate>& shortlist) const {
    std::vector<ItemNumber> numbers;
    for (const Candidate& candidate : shortlist) numbers.push_back(candidate.number);
    return collection->Fetch(numbers);
  }

  // Features and preview of a decoded image.
  NewItem Describe(ItemRecord record, const Image& image) const {
    NewItem item{.record = std::move(record), .features = extractor->ExtractItem(image)};
    item.record.feature_count = static_cast<std::uint32_t>(item.features.size());
    item.record.width_px = static_cast<std::uint32_t>(image.width_px);
    item.record.height_px = static_cast<std::uint32_t>(image.height_px);
    item.preview = MakePreview(image);
    return item;
  }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;
const EngineOptions& Engine::options() const { return state_->options; }

Result<std::unique_ptr<Engine>> Engine::Open(const std::filesystem::path& folder, OpenMode mode,
                                             OpenOptions open) {
  UseSingleThreadedLibraries();
  AddDeepMethod();
  auto state = std::make_unique<State>();
  state->threads = open.threads;
  if (open.options) {
    INLIER_RETURN_IF_ERROR(Validate(*open.options));
    state->options = *open.options;
  }
  Collection::OpenOptions collection{.mode = mode,
                                     .threads = open.threads,
                                     .memory_bytes = open.memory_bytes,
                                     .notice = std::move(open.notice),
                                     .step = std::move(open.step)};
  // A new database needs a recipe even when the caller leaves the choice to us; an old one has its
  // own.
  collection.recipe_if_new = Recipe(state->options.extract);
  if (open.options) collection.recipe = collection.recipe_if_new;
  INLIER_ASSIGN_OR_RETURN(state->collection, Collection::Open(folder, std::move(collection)));
  if (!open.options) {
    auto stored = OptionsFromRecipe(state->collection->recipe());
    if (!stored)
      return Fail(ErrorCode::kIncompatible, folder.string() + ": " + stored.error().message);
    state->options.extract = *stored;
  }
  INLIER_ASSIGN_OR_RETURN(state->extractor, Extractor::Create(state->options.extract));
  if (state->options.extract.method == "deep") {
    INLIER_ASSIGN_OR_RETURN(state->calibration, DeepCalibration(state->options.extract));
  }
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<IndexReport> Engine::IndexCatalogue(const Catalogue& catalogue,
                                           const IndexOptions& options) {
  enum class Outcome { kFailed, kUnchanged, kRecord, kAdded, kUpdated, kSkipped };
  struct Row {
    Outcome outcome = Outcome::kSkipped;
    Error error;
    NewItem item;
  };
  if (options.prune && !catalogue.rejected.empty()) {
    return Fail(ErrorCode::kInvalidArgument, std::to_string(catalogue.rejected.size()) +
                                                 " rows of the catalogue could not be read, and "
                                                 "pruning would remove their items: mend the "
                                                 "rows, or index without pruning");
  }
  const DecodeLimits limits;
  IndexReport report;
  std::mutex mutex;
  std::size_t done = 0;
  const auto cancelled = [&options] { return options.cancel && options.cancel->load(); };
  const auto prepare = [&](const CatalogueEntry& entry) -> Result<Row> {
    INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(entry.image, limits.max_file_bytes));
    ItemRecord record{.id = entry.id,
                      .image_path = entry.image.string(),
                      .content_hash = ContentHash(bytes),
                      .metadata = entry.metadata};
    INLIER_ASSIGN_OR_RETURN(const auto known, state_->collection->Find(entry.id));
    if (known && known->content_hash == record.content_hash) {
      if (known->metadata == record.metadata && known->image_path == record.image_path) {
        return Row{Outcome::kUnchanged};
      }
      Row row{Outcome::kRecord};
      row.item.record = *known;
      row.item.record.metadata = record.metadata;
      row.item.record.image_path = record.image_path;
      return row;
    }
    INLIER_ASSIGN_OR_RETURN(const Image image, DecodeImage(bytes, limits));
    Row row{known ? Outcome::kUpdated : Outcome::kAdded};
    row.item = state_->Describe(std::move(record), image);
    return row;
  };

  const auto report_stage = [&options](std::string_view stage, std::size_t at, std::size_t of) {
    if (options.progress) options.progress({stage, at, of});
  };
  const std::size_t total = catalogue.entries.size();
  for (std::size_t begin = 0; begin < total && !cancelled(); begin += kItemsPerBatch) {
    const std::size_t count = std::min(kItemsPerBatch, total - begin);
    std::vector<Row> rows(count);
    ParallelFor(count, options.threads, [&](std::size_t i) {
      if (cancelled()) return;
      auto row = prepare(catalogue.entries[begin + i]);
      rows[i] = row ? std::move(*row) : Row{Outcome::kFailed, row.error()};
      std::lock_guard lock(mutex);
      ++done;
      if (options.progress) options.progress({"extract", done, total});
    });
    std::vector<NewItem> items;
    for (std::size_t i = 0; i < count; ++i) {
      Row& row = rows[i];
      switch (row.outcome) {
        case Outcome::kFailed:
          ++report.failed;
          if (options.failed) options.failed(catalogue.entries[begin + i], row.error);
          break;
        case Outcome::kUnchanged:
          ++report.unchanged;
          break;
        case Outcome::kRecord:
          INLIER_RETURN_IF_ERROR(state_->collection->UpdateRecord(row.item.record));
          ++report.updated;
          break;
        case Outcome::kAdded:
          ++report.added;
          break;
        case Outcome::kUpdated:
          ++report.updated;
          break;
        case Outcome::kSkipped:
          break;
      }
      if (row.outcome == Outcome::kAdded || row.outcome == Outcome::kUpdated) {
        items.push_back(std::move(row.item));
      }
    }
    if (!items.empty()) INLIER_RETURN_IF_ERROR(state_->collection->Add(std::move(items)));
    if (state_->collection->CheckpointDue())
      INLIER_RETURN_IF_ERROR(state_->collection->Checkpoint(report_stage));
  }
  if (cancelled()) {
    return Fail(
        ErrorCode::kCancelled,
        "interrupted; " + std::to_string(report.added + report.updated) + " items were stored");
  }
  if (options.prune) {
    std::unordered_set<std::string> kept;
    for (const CatalogueEntry& entry : catalogue.entries) kept.insert(entry.id);
    std::vector<std::string> gone;
    INLIER_RETURN_IF_ERROR(state_->collection->ForEach([&](ItemNumber, const ItemRecord& record) {
      if (!kept.contains(record.id)) gone.push_back(record.id);
      return true;
    }));
    if (!gone.empty()) INLIER_RETURN_IF_ERROR(state_->collection->Remove(gone));
    report.removed = gone.size();
  }
  INLIER_RETURN_IF_ERROR(state_->collection->Checkpoint(report_stage));
  return report;
}

Status Engine::Add(const std::string& id, const std::filesystem::path& image,
                   const Metadata& metadata) {
  const DecodeLimits limits;
  auto bytes = ReadFileBytes(image, limits.max_file_bytes);
  if (!bytes) return Within(image.string(), bytes.error());
  auto decoded = DecodeImage(*bytes, limits);
  if (!decoded) return Within(image.string(), decoded.error());
  std::vector<NewItem> items;
  items.push_back(state_->Describe({.id = id,
                                    .image_path = std::filesystem::absolute(image).string(),
                                    .content_hash = ContentHash(*bytes),
                                    .metadata = metadata},
                                   *decoded));
  return state_->collection->Add(std::move(items));
}

Status Engine::Remove(const std::string& id) { return state_->collection->Remove({id}); }

Result<std::optional<ItemRecord>> Engine::Find(const std::string& id) const {
  return state_->collection->Find(id);
}

Status Engine::ForEach(const std::function<bool(const ItemRecord&)>& visit) const {
  return state_->collection->ForEach(
      [&visit](ItemNumber, const ItemRecord& record) { return visit(record); });
}

Result<Answer> Engine::Query(const std::filesystem::path& photo,
                             const QueryOptions& options) const {
  StageClock watch;
  INLIER_ASSIGN_OR_RETURN(const Image image, ReadImage(photo));
  Answer decoded;
  watch.Lap(decoded, &Timings::decode_ms);
  INLIER_ASSIGN_OR_RETURN(Answer answer, Query(image, options));
  for (Timings Answer::*clock : {&Answer::timings, &Answer::cpu}) {
    (answer.*clock).decode_ms = (decoded.*clock).decode_ms;
    (answer.*clock).total_ms += (decoded.*clock).decode_ms;
  }
  return answer;
}

Result<Answer> Engine::Query(const Image& photo, const QueryOptions& options) const {
  if (photo.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  StageClock watch;
  Answer answer;
  const Features features = state_->extractor->Extract(photo);
  answer.features = static_cast<int>(features.size());
  watch.Lap(answer, &Timings::extract_ms);

  INLIER_ASSIGN_OR_RETURN(const ItemFilter filter, state_->FilterFor(options));
  const int count = state_->options.decide.candidates;
  if (features.kind == DescriptorKind::kEmbedding) {
    INLIER_ASSIGN_OR_RETURN(
        const auto nearest,
        state_->collection->Search(features, count, state_->options.shortlist, filter));
    watch.Lap(answer, &Timings::shortlist_ms);
    INLIER_ASSIGN_OR_RETURN(const auto items, state_->Fetch(nearest));
    answer.hits =
        AnswerByEmbedding(features, items, nearest, state_->calibration, state_->options.decide);
    KeepRequested(answer.hits, options);
    watch.Lap(answer, &Timings::verify_ms);
    return answer;
  }
  const PhotoView view(photo, features, state_->options.match);
  INLIER_ASSIGN_OR_RETURN(
      const auto shortlist,
      options.exact
          ? ExactShortlist(*state_->collection, view.matcher, count, filter)
          : state_->collection->Search(features, count, state_->options.shortlist, filter));
  watch.Lap(answer, &Timings::shortlist_ms);

  INLIER_ASSIGN_OR_RETURN(auto items, state_->Fetch(shortlist));
  INLIER_ASSIGN_OR_RETURN(
      answer.hits,
      JudgeCandidates(view, std::move(items), shortlist, state_->options.decide,
                      [this](auto chosen) { return state_->collection->Complete(chosen); }));
  KeepRequested(answer.hits, options);
  watch.Lap(answer, &Timings::verify_ms);
  return answer;
}

Status Engine::Checkpoint(const ProgressFunction& progress) {
  return state_->collection->Checkpoint(progress);
}
Status Engine::Rebuild(const ProgressFunction& progress) {
  return state_->collection->Rebuild(progress);
}
Result<CheckReport> Engine::Check() const { return state_->collection->Check(); }
Result<CollectionStats> Engine::Stats() const { return state_->collection->Stats(); }

Result<std::optional<Hit>> MatchImages(const Image& photo, const Image& item,
                                       const EngineOptions& options) {
  if (photo.empty() || item.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  UseSingleThreadedLibraries();
  INLIER_RETURN_IF_ERROR(Validate(options));
  INLIER_ASSIGN_OR_RETURN(const auto extractor, Extractor::Create(options.extract));
  const Features features = extractor->Extract(photo);
  StoredItem stored{.features = extractor->ExtractItem(item), .preview = MakePreview(item)};
  if (features.kind == DescriptorKind::kEmbedding) {
    INLIER_ASSIGN_OR_RETURN(const Calibration calibration, DeepCalibration(options.extract));
    const std::vector<Candidate> nearest{CompareEmbeddings(features, stored.features)};
    return AnswerByEmbedding(features, {&stored, 1}, nearest, calibration, options.decide).front();
  }
  const PhotoView view(photo, features, options.match);
  std::vector<StoredItem> items;
  items.push_back(std::move(stored));
  const std::vector<Candidate> shortlist{{.number = 0, .votes = 1}};
  INLIER_ASSIGN_OR_RETURN(auto hits,
                          JudgeCandidates(view, std::move(items), shortlist, options.decide,
                                          [](auto) { return Status(); }));
  if (hits.empty() || !hits.front().polygon) return std::nullopt;
  return std::move(hits.front());
}

}  // namespace inlier
