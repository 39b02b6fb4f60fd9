// The facade. It opens a database, puts the parts of the engine together (extractor, collection,
// retrieval), and hands every call to one of them.
#include "inlier/engine.h"

#include <array>
#include <atomic>
#include <utility>

#include "core/image.h"
#include "engine/all_methods.h"
#include "engine/catalogue_indexer.h"
#include "engine/compare.h"
#include "engine/database_view.h"
#include "engine/found_items.h"
#include "engine/full_match.h"
#include "engine/indexer.h"
#include "engine/item_filter.h"
#include "engine/item_list.h"
#include "engine/photo_asker.h"
#include "engine/recipe.h"
#include "engine/shards/shard.h"
#include "engine/shift.h"
#include "engine/stage_clock.h"
#include "engine/threads.h"
#include "engine/twin_groups.h"
#include "engine/twins.h"
#include "index/collection.h"
#include "index/vocabulary_file.h"

namespace inlier {
namespace {

// A collection as it was opened, with the filters that were made for it. Refreshing puts another
// one in its place; whoever works with this one keeps it until the work is done.
struct OpenedCollection {
  std::unique_ptr<Collection> collection;
  ItemFilters filters;
};

Result<std::shared_ptr<OpenedCollection>> OpenCollection(const std::filesystem::path& folder,
                                                         const Collection::OpenOptions& options) {
  auto opened = std::make_shared<OpenedCollection>();
  INLIER_ASSIGN_OR_RETURN(opened->collection, Collection::Open(folder, options));
  return opened;
}

tl::unexpected<Error> Removed(const std::string& id) {
  return Fail(ErrorCode::kNotFound, id + ": the picture has been removed");
}

// The face of an item's picture. Errors: kNotFound, kCorrupt, kIo.
Result<FaceNumber> FaceOf(const Collection& collection, const std::string& id,
                          std::size_t picture) {
  INLIER_ASSIGN_OR_RETURN(const auto item, collection.Find(id));
  if (!item) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
  if (picture >= item->pictures.size())
    return Fail(ErrorCode::kNotFound, id + ": it has no picture of this number");
  return item->pictures[picture].face;
}

}  // namespace

struct Engine::State {
  std::filesystem::path folder;
  Collection::OpenOptions open;  // to open the collection again
  std::optional<PhotoAsker> asker;
  std::atomic<std::shared_ptr<OpenedCollection>> current;
  shards::ShardMemory shard;

  const EngineOptions& options() const { return asker->options(); }
  std::shared_ptr<Collection> collection() const {
    auto opened = current.load();
    return {opened, opened->collection.get()};
  }
  // Shows a query the database as it is at that moment.
  PhotoAsker::WithView ViewFor(const QueryOptions& query) const {
    return [this, &query](Answer& answer, const auto& use) -> Status {
      const auto opened = current.load();
      answer.last_change = opened->collection->last_change();
      answer.generation = opened->collection->generation();
      INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                              opened->filters.For(query, *opened->collection));
      answer.where_matched = filter.where_matched;
      return use(DatabaseView(*opened->collection, filter));
    };
  }
  Indexer indexer() const {
    return {asker->extractor(), *collection(), options(), asker->limits()};
  }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;
const EngineOptions& Engine::options() const { return state_->options(); }

Result<std::unique_ptr<Engine>> Engine::Open(const std::filesystem::path& folder, OpenMode mode,
                                             OpenOptions open) {
  UseSingleThreadedLibraries();
  AddAllMethods();
  auto state = std::make_unique<State>();
  state->folder = folder;
  EngineOptions options;
  if (open.options) {
    INLIER_RETURN_IF_ERROR(Validate(*open.options));
    options = *open.options;
  }
  state->open = {.mode = mode,
                 .threads = open.threads,
                 .memory_bytes = open.memory_bytes,
                 .notice = std::move(open.notice),
                 .step = std::move(open.step)};
  // A new database needs a recipe even when the caller leaves the choice to us; an old one has its
  // own.
  state->open.spaces_of = SpacesOfRecipe;
  if (!open.vocabulary.empty()) {
    INLIER_ASSIGN_OR_RETURN(const auto vocabulary, ReadVocabulary(open.vocabulary));
    state->open.vocabulary = EncodeVocabulary(*vocabulary);
  }
  state->open.recipe_if_new = Recipe(options.extract);
  if (open.options) state->open.recipe = state->open.recipe_if_new;
  INLIER_ASSIGN_OR_RETURN(const auto opened, OpenCollection(folder, state->open));
  if (!open.options) {
    auto stored = OptionsFromRecipe(opened->collection->recipe());
    if (!stored) {
      return Fail(ErrorCode::kIncompatible, folder.string() + ": " + stored.error().message);
    }
    options.extract = *stored;
  }
  state->current = opened;
  INLIER_ASSIGN_OR_RETURN(state->asker, PhotoAsker::Make(options, open.limits));
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<IndexReport> Engine::IndexCatalogue(const Catalogue& catalogue,
                                           const IndexOptions& options) {
  return CatalogueIndexer(state_->asker->extractor(), *state_->collection(), state_->options(),
                          state_->asker->limits())
      .Run(catalogue, options);
}

Status Engine::Add(const std::string& id, std::span<const Picture> pictures,
                   const Metadata& metadata) {
  return state_->indexer().Add(
      {.id = id, .pictures = {pictures.begin(), pictures.end()}, .metadata = metadata});
}

Status Engine::Add(const std::string& id, const std::filesystem::path& image,
                   const Metadata& metadata) {
  const Picture picture = image;
  return Add(id, {&picture, 1}, metadata);
}

Status Engine::AddPicture(const std::string& id, const Picture& picture) {
  return state_->indexer().AddPicture(id, picture);
}

Status Engine::RemovePicture(const std::string& id, const std::string& picture) {
  return state_->collection()->RemovePicture(id, picture);
}

Result<std::vector<Status>> Engine::AddBatch(std::span<const ItemToAdd> items, int threads) {
  return state_->indexer().AddBatch(items, threads);
}

Status Engine::SetMetadata(const std::string& id, const Metadata& metadata) {
  const auto collection = state_->collection();
  INLIER_RETURN_IF_ERROR(collection->NumberOf(id));
  return collection->Put(
      {{.id = id, .metadata = metadata, .pictures = {}, .others = ItemUpdate::Others::kPrecede}});
}

Status Engine::Remove(const std::string& id) { return state_->collection()->Remove({id}); }

Status Engine::Remove(const std::vector<std::string>& ids) {
  return state_->collection()->Remove(ids);
}

Result<std::optional<ItemRecord>> Engine::Find(const std::string& id) const {
  return state_->collection()->Find(id);
}

Status Engine::ForEach(const std::function<bool(const ItemRecord&)>& visit) const {
  return state_->collection()->ForEach(
      [&visit](ItemNumber, const ItemRecord& record) { return visit(record); });
}

Result<ItemPage> Engine::List(const ListOptions& options) const {
  const auto opened = state_->current.load();
  return ListItems(options, opened->filters, *opened->collection);
}

Result<std::string> Engine::Preview(const std::string& id, std::size_t picture) const {
  const auto collection = state_->collection();
  INLIER_ASSIGN_OR_RETURN(const FaceNumber face, FaceOf(*collection, id, picture));
  INLIER_ASSIGN_OR_RETURN(auto preview, collection->Preview(face));
  if (!preview) return Removed(id);
  return std::move(*preview);
}

Result<std::vector<FeaturePoint>> Engine::FeaturesOf(const std::string& id,
                                                     std::size_t picture) const {
  const auto collection = state_->collection();
  INLIER_ASSIGN_OR_RETURN(const FaceNumber number, FaceOf(*collection, id, picture));
  INLIER_ASSIGN_OR_RETURN(const auto faces, collection->FetchKeypoints(std::array{number}));
  if (faces.empty()) return Removed(id);
  std::vector<FeaturePoint> points;
  for (const Keypoint& keypoint : faces.front().features.keypoints)
    points.push_back({keypoint.point, keypoint.size_px, keypoint.angle_rad});
  return points;
}

Result<Comparison> Engine::Compare(std::span<const std::uint8_t> photo, const std::string& id,
                                   std::size_t picture,
                                   const std::optional<PixelRegion>& region) const {
  const auto collection = state_->collection();
  INLIER_ASSIGN_OR_RETURN(const FaceNumber number, FaceOf(*collection, id, picture));
  INLIER_ASSIGN_OR_RETURN(const auto face, FetchWholeFace(DatabaseView(*collection), number));
  if (!face) return Removed(id);
  INLIER_ASSIGN_OR_RETURN(const DecodedPicture decoded,
                          DecodePicture(photo, state_->asker->decode_options(region)));
  INLIER_ASSIGN_OR_RETURN(Comparison comparison,
                          CompareWithFace(state_->asker->extractor(), state_->asker->retrieval(),
                                          decoded.image, *face));
  if (region) {
    if (comparison.hit) Shift(*region, *comparison.hit);
    Shift(*region, comparison.others);
  }
  return comparison;
}

Result<std::uint64_t> Engine::CountWhere(
    const std::vector<std::pair<std::string, std::string>>& where) const {
  const auto opened = state_->current.load();
  if (where.empty()) {
    INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, opened->collection->Stats());
    return stats.items;
  }
  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                          opened->filters.For({.where = where}, *opened->collection));
  return filter.where_matched.value_or(0);
}

Result<Answer> Engine::Query(const std::filesystem::path& photo, const QueryOptions& query) const {
  const StageClock clock;
  const PhotoAsker& asker = *state_->asker;
  INLIER_ASSIGN_OR_RETURN(const auto file, ReadFileBytes(photo, asker.limits().max_file_bytes));
  return asker.AskFile(file, query, clock, state_->ViewFor(query));
}

Result<Answer> Engine::Query(std::span<const std::uint8_t> file, const QueryOptions& query) const {
  return state_->asker->AskFile(file, query, {}, state_->ViewFor(query));
}

Result<Answer> Engine::Query(const Image& photo, const QueryOptions& query) const {
  return state_->asker->AskImage(photo, query, state_->ViewFor(query));
}

std::string Engine::AnswerRound(std::string_view request, const QueryOptions& limits) const {
  const auto opened = state_->current.load();
  return shards::AnswerRound(request, limits, *opened->collection, opened->filters, state_->shard);
}

Result<std::vector<ItemVotes>> Engine::Shortlist(const Features& photo,
                                                 const QueryOptions& query) const {
  const auto opened = state_->current.load();
  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                          opened->filters.For(query, *opened->collection));
  return VotedItems(DatabaseView(*opened->collection, filter), photo, query.top,
                    state_->options().shortlist);
}

Status Engine::Checkpoint(const ProgressFunction& progress) {
  return state_->collection()->Checkpoint(progress);
}
Status Engine::Rebuild(const ProgressFunction& progress) {
  return state_->collection()->Rebuild(progress);
}
Status Engine::WriteVocabulary(const std::filesystem::path& file) const {
  return state_->collection()->WriteVocabulary(file);
}
bool Engine::CheckpointDue() const { return state_->collection()->CheckpointDue(); }
std::uint64_t Engine::last_change() const { return state_->collection()->last_change(); }
std::uint64_t Engine::generation() const { return state_->collection()->generation(); }
Result<CheckReport> Engine::Check() const { return state_->collection()->Check(); }
Result<CollectionStats> Engine::Stats() const { return state_->collection()->Stats(); }

Result<std::vector<TwinGroup>> Engine::Twins() const { return TwinGroups(*state_->collection()); }

Result<bool> Engine::Refresh() {
  if (!state_->collection()->Behind()) return false;
  INLIER_ASSIGN_OR_RETURN(const auto opened, OpenCollection(state_->folder, state_->open));
  state_->current = opened;
  return true;
}

Status Engine::Snapshot(const std::filesystem::path& folder) {
  return state_->collection()->Snapshot(folder);
}

}  // namespace inlier
