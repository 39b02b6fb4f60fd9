// The facade. It opens a database, puts the rooms of the engine together (extractor, collection,
// retrieval), and hands every call to one of them.
#include "inlier/engine.h"

#include <array>
#include <atomic>
#include <utility>

#include "core/image.h"
#include "deep/deep.h"
#include "engine/cancelled.h"
#include "engine/catalogue_indexer.h"
#include "engine/compare.h"
#include "engine/database_view.h"
#include "engine/found_items.h"
#include "engine/full_match.h"
#include "engine/indexer.h"
#include "engine/item_filter.h"
#include "engine/item_list.h"
#include "engine/recipe.h"
#include "engine/retrievals.h"
#include "engine/shift.h"
#include "engine/stage_clock.h"
#include "engine/threads.h"
#include "engine/twin_groups.h"
#include "engine/twins.h"
#include "extractor/methods.h"
#include "index/collection.h"
#include "index/vocabulary_file.h"

namespace inlier {
namespace {

// A collection as it was opened, with the filters that were made for it. Refreshing puts another
// one in its place; who works with this one keeps it until the work is done.
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

// Part of an image that is in memory.
Status CheckWithin(const Image& photo, const PixelRegion& region) {
  if (photo.full_width_px == 0 && IsWithin(region, photo.width_px, photo.height_px)) return {};
  return Fail(ErrorCode::kInvalidArgument, "the region lies outside the picture");
}

}  // namespace

struct Engine::State {
  std::filesystem::path folder;
  EngineOptions options;
  DecodeLimits limits;
  Collection::OpenOptions open;  // to open the collection again
  std::unique_ptr<Extractor> extractor;
  std::unique_ptr<Retrieval> retrieval;
  std::atomic<std::shared_ptr<OpenedCollection>> current;

  std::shared_ptr<Collection> collection() const {
    auto opened = current.load();
    return {opened, opened->collection.get()};
  }
  // `clock` and `answer` go on from the stages before.
  Result<Answer> Ask(const Image& photo, const ReadRegion& read, const QueryOptions& query,
                     StageClock clock, Answer answer) const;
  // `clock` was started before the file was read.
  Result<Answer> AskFile(std::span<const std::uint8_t> file, const QueryOptions& query,
                         StageClock clock) const;
  DecodeOptions decode_options(const std::optional<PixelRegion>& region) const {
    return {.limits = limits, .least_side_px = extractor->least_side_px(), .region = region};
  }
  Indexer indexer() const { return {*extractor, *collection(), options, limits}; }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;
const EngineOptions& Engine::options() const { return state_->options; }

Result<std::unique_ptr<Engine>> Engine::Open(const std::filesystem::path& folder, OpenMode mode,
                                             OpenOptions open) {
  UseSingleThreadedLibraries();
  AddDeepMethod();
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->limits = open.limits;
  if (open.options) {
    INLIER_RETURN_IF_ERROR(Validate(*open.options));
    state->options = *open.options;
  }
  state->open = {.mode = mode,
                 .threads = open.threads,
                 .memory_bytes = open.memory_bytes,
                 .notice = std::move(open.notice),
                 .step = std::move(open.step)};
  // A new database needs a recipe even when the caller leaves the choice to us; an old one has its
  // own.
  state->open.is_embedding = IsEmbeddingRecipe;
  if (!open.vocabulary.empty()) {
    INLIER_ASSIGN_OR_RETURN(const auto vocabulary, ReadVocabulary(open.vocabulary));
    state->open.vocabulary = EncodeVocabulary(*vocabulary);
  }
  state->open.recipe_if_new = Recipe(state->options.extract);
  if (open.options) state->open.recipe = state->open.recipe_if_new;
  INLIER_ASSIGN_OR_RETURN(const auto opened, OpenCollection(folder, state->open));
  if (!open.options) {
    auto stored = OptionsFromRecipe(opened->collection->recipe());
    if (!stored) {
      return Fail(ErrorCode::kIncompatible, folder.string() + ": " + stored.error().message);
    }
    state->options.extract = *stored;
  }
  state->current = opened;
  INLIER_ASSIGN_OR_RETURN(state->extractor, CreateExtractor(state->options.extract));
  INLIER_ASSIGN_OR_RETURN(state->retrieval, MakeRetrieval(state->options));
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<IndexReport> Engine::IndexCatalogue(const Catalogue& catalogue,
                                           const IndexOptions& options) {
  return CatalogueIndexer(*state_->extractor, *state_->collection(), state_->options,
                          state_->limits)
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
                          DecodePicture(photo, state_->decode_options(region)));
  INLIER_ASSIGN_OR_RETURN(
      Comparison comparison,
      CompareWithFace(*state_->extractor, *state_->retrieval, decoded.image, *face));
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

Result<Answer> Engine::State::Ask(const Image& photo, const ReadRegion& read,
                                  const QueryOptions& query, StageClock clock,
                                  Answer answer) const {
  if (photo.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  INLIER_RETURN_IF_ERROR(CheckCancelled(query));
  const auto opened = current.load();
  answer.last_change = opened->collection->last_change();
  answer.generation = opened->collection->generation();
  answer.photo_width_px = FullWidth_px(photo);
  answer.photo_height_px = FullHeight_px(photo);
  const Features features = extractor->Extract(photo);
  answer.features = static_cast<int>(features.size());
  clock.Lap(answer, &Timings::extract_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(query));

  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                          opened->filters.For(query, *opened->collection));
  answer.where_matched = filter.where_matched;
  INLIER_RETURN_IF_ERROR(retrieval->Find(
      DatabaseView(*opened->collection, filter),
      {.photo = photo, .features = features, .query = query, .extractor = *extractor, .read = read},
      clock, answer));
  return answer;
}

Result<Answer> Engine::State::AskFile(std::span<const std::uint8_t> file, const QueryOptions& query,
                                      StageClock clock) const {
  INLIER_ASSIGN_OR_RETURN(DecodedPicture photo, DecodePicture(file, decode_options(query.region)));
  Answer answer{.warnings = std::move(photo.warnings)};
  clock.Lap(answer, &Timings::decode_ms);
  // Where the photo was reduced while it was decoded, its bytes have more to show.
  const bool is_whole = photo.image.full_width_px == 0;
  const auto read = [&](PixelRegion region, int least_side_px) -> Result<Image> {
    if (is_whole) return Cut(photo.image, region);
    if (query.region) {
      region.left_px += query.region->left_px;
      region.top_px += query.region->top_px;
    }
    const DecodeOptions closer{.limits = limits, .least_side_px = least_side_px, .region = region};
    INLIER_ASSIGN_OR_RETURN(DecodedPicture part, DecodePicture(file, closer));
    return std::move(part.image);
  };
  INLIER_ASSIGN_OR_RETURN(answer, Ask(photo.image, read, query, clock, std::move(answer)));
  if (query.region)
    for (Hit& hit : answer.hits) Shift(*query.region, hit);
  return answer;
}

Result<Answer> Engine::Query(const std::filesystem::path& photo, const QueryOptions& query) const {
  const StageClock clock;
  INLIER_ASSIGN_OR_RETURN(const auto file, ReadFileBytes(photo, state_->limits.max_file_bytes));
  return state_->AskFile(file, query, clock);
}

Result<Answer> Engine::Query(std::span<const std::uint8_t> file, const QueryOptions& query) const {
  return state_->AskFile(file, query, {});
}

Result<Answer> Engine::Query(const Image& photo, const QueryOptions& query) const {
  if (query.region) {
    const PixelRegion& region = *query.region;
    INLIER_RETURN_IF_ERROR(CheckWithin(photo, region));
    QueryOptions of_part = query;
    of_part.region.reset();
    INLIER_ASSIGN_OR_RETURN(Answer answer, Query(Cut(photo, region), of_part));
    for (Hit& hit : answer.hits) Shift(region, hit);
    return answer;
  }
  const auto read = [&photo](const PixelRegion& region, int) -> Result<Image> {
    if (photo.full_width_px != 0)
      return Fail(ErrorCode::kBadImage, "the image has been reduced, and nobody has it in full");
    return Cut(photo, region);
  };
  return state_->Ask(photo, read, query, {}, {});
}

Result<std::vector<ItemVotes>> Engine::Shortlist(const Features& photo,
                                                 const QueryOptions& query) const {
  const auto opened = state_->current.load();
  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                          opened->filters.For(query, *opened->collection));
  return VotedItems(DatabaseView(*opened->collection, filter), photo, query.top,
                    state_->options.shortlist);
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
