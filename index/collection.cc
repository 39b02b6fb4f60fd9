#include "index/collection.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "index/database_copy.h"
#include "index/embedding_index.h"
#include "index/generation_files.h"
#include "index/hybrid_index.h"
#include "index/item_index.h"
#include "index/local_index.h"
#include "index/store.h"
#include "index/vocabulary_file.h"

namespace inlier {
namespace {

constexpr int kReaderAttempts = 20;
constexpr auto kBetweenAttempts = std::chrono::milliseconds(20);

}  // namespace

struct Collection::State {
  std::filesystem::path folder;
  OpenOptions options;
  std::unique_ptr<Store> store;
  std::unique_ptr<GenerationFiles> files;
  std::unique_ptr<ItemIndex> index;
  mutable std::mutex writer;  // one change at a time
  std::mutex copying;         // one copy at a time
  std::atomic<std::uint64_t> revision{0};

  Status CheckWritable() const {
    if (options.mode != OpenMode::kRead) return {};
    return Fail(ErrorCode::kInvalidArgument, folder.string() + " was opened for reading");
  }

  // The vocabulary that the database was given; null if it trains its own.
  Result<std::shared_ptr<const Vocabulary>> GivenVocabulary() const {
    INLIER_ASSIGN_OR_RETURN(const auto bytes, store->GivenVocabulary());
    if (!options.vocabulary.empty() && bytes != options.vocabulary) {
      return Fail(ErrorCode::kIncompatible,
                  folder.string() + (bytes ? ": made with another vocabulary"
                                           : ": made without a given vocabulary"));
    }
    if (!bytes) return std::shared_ptr<const Vocabulary>();
    return DecodeVocabulary(*bytes, folder.string() + ": vocabulary");
  }

  Result<std::unique_ptr<ItemIndex>> MakeIndex() const {
    INLIER_ASSIGN_OR_RETURN(auto given, GivenVocabulary());
    const FeatureSpaces spaces =
        options.spaces_of ? options.spaces_of(store->recipe()) : FeatureSpaces{};
    if (!spaces.local) return std::make_unique<EmbeddingIndex>(*store, options.threads);
    const LocalIndex::Options local{.threads = options.threads,
                                    .memory_bytes = options.memory_bytes,
                                    .given = std::move(given)};
    if (spaces.globals > 0) return std::make_unique<HybridIndex>(*store, local, spaces.globals);
    return std::make_unique<LocalIndex>(*store, local);
  }

  // Changes the store, and then the index. The revision grows after the write, also after one that
  // failed, since it may have taken place all the same: what was read before the write must not
  // pass for the state after it.
  template <class Write>
  Status Change(const Write& write) {
    const Result<FaceChanges> written = write(*store);
    ++revision;
    if (!written) return tl::unexpected(written.error());
    return index->Change(written->added, written->dropped);
  }

  // Opens the store and loads the index that belongs to it.
  Status TryToLoad(bool look_again) {
    INLIER_ASSIGN_OR_RETURN(store, Store::Open(folder, options.mode, options.recipe,
                                               options.recipe_if_new, options.vocabulary));
    files = std::make_unique<GenerationFiles>(
        folder, *store, GenerationFiles::Hooks{.notice = options.notice, .step = options.step});
    INLIER_ASSIGN_OR_RETURN(index, MakeIndex());
    INLIER_ASSIGN_OR_RETURN(auto newest, files->LoadNewest(options.memory_bytes, look_again));
    return index->Load(std::move(newest));
  }

  // While a reader opens the files that the manifest names, a writer may publish others and delete
  // these. Reading the store again then shows the new manifest.
  Status Load() {
    for (int attempt = 1;; ++attempt) {
      const bool look_again = options.mode == OpenMode::kRead && attempt < kReaderAttempts;
      Status loaded = TryToLoad(look_again);
      if (loaded || !look_again || !store || loaded.error().code != ErrorCode::kNotFound) {
        if (const std::string loss = store ? store->loss() : ""; !loss.empty() && options.notice)
          options.notice(loss);
        if (store && store->folder_sync_refused() && options.notice)
          options.notice(folder.string() +
                         ": its file system does not sync folders, so whether new files survive a "
                         "power cut is up to it");
        return loaded;
      }
      std::this_thread::sleep_for(kBetweenAttempts);
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

Status Collection::CheckWritable() const { return state_->CheckWritable(); }

Status Collection::Put(const std::vector<ItemUpdate>& items) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  INLIER_RETURN_IF_ERROR(state_->index->CheckShapes(items));
  for (const ItemUpdate& item : items) {
    for (const NewPicture& picture : item.pictures) {
      if (picture.face && picture.record.feature_count != CountAll(picture.face->features)) {
        return Fail(ErrorCode::kInvalidArgument,
                    item.id + ": the record gives another number of features than there are");
      }
    }
  }
  return state_->Change([&](Store& store) { return store.Put(items); });
}

Status Collection::Remove(const std::vector<std::string>& ids) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  return state_->Change([&](Store& store) { return store.Remove(ids); });
}

Status Collection::RemovePicture(const std::string& id, const std::string& picture) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  return state_->Change([&](Store& store) { return store.RemovePicture(id, picture); });
}

FaceNumber Collection::twins_sought() const { return state_->store->counters().twins_sought; }

Status Collection::PutTwins(std::span<const TwinFaces> twins, FaceNumber sought) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  return state_->store->PutTwins(twins, sought);
}

Result<std::optional<ItemRecord>> Collection::Find(const std::string& id) const {
  INLIER_ASSIGN_OR_RETURN(const auto number, state_->store->NumberOf(id));
  if (!number) return std::nullopt;
  return state_->store->Record(*number);
}

Result<std::optional<ItemRecord>> Collection::Record(ItemNumber number) const {
  return state_->store->Record(number);
}

Result<std::optional<FaceRecord>> Collection::Face(FaceNumber number) const {
  return state_->store->Face(number);
}

Result<std::optional<FaceNumber>> Collection::FaceOfPixels(const std::string& pixel_hash) const {
  return state_->store->FaceOfPixels(pixel_hash);
}

Result<bool> Collection::HasField(std::string_view column) const {
  return state_->store->HasField(column);
}

Result<std::vector<std::string>> Collection::FieldNames(std::size_t most) const {
  return state_->store->FieldNames(most);
}

Status Collection::VisitWhere(
    std::span<const Condition> all_of,
    const std::function<void(ItemNumber, std::span<const FaceNumber>)>& visit) const {
  return state_->store->VisitWhere(all_of, visit);
}

Result<ItemNumber> Collection::NumberOf(const std::string& id) const {
  INLIER_ASSIGN_OR_RETURN(const auto number, state_->store->NumberOf(id));
  if (!number) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
  return *number;
}

Status Collection::ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const {
  return state_->store->ForEach(visit);
}

Status Collection::ForEachId(
    const std::string& after,
    const std::function<bool(const std::string&, ItemNumber)>& visit) const {
  return state_->store->ForEachId(after, visit);
}

Result<std::optional<std::string>> Collection::Preview(FaceNumber number) const {
  return state_->store->Preview(number);
}

Status Collection::ForEachFace(const std::function<bool(FaceNumber, const FaceRecord&)>& visit,
                               FaceNumber begin) const {
  return state_->store->ForEachFace(visit, begin);
}

std::uint64_t Collection::revision() const { return state_->revision.load(); }

ItemNumber Collection::ItemLimit() const { return state_->store->counters().next_item; }

FaceNumber Collection::FaceLimit() const { return state_->store->counters().next_face; }

Result<std::vector<Candidate>> Collection::Search(const Features& photo, int count,
                                                  const ShortlistOptions& options,
                                                  const FaceFilter& filter) const {
  return state_->index->Search(photo, count, options, filter);
}

Result<std::vector<NearFace>> Collection::Nearest(const Features& photo, std::size_t space,
                                                  int count, const FaceFilter& filter) const {
  return state_->index->Nearest(photo, space, count, filter);
}

Result<std::vector<FaceKeypoints>> Collection::FetchKeypoints(
    std::span<const FaceNumber> numbers) const {
  return state_->store->FetchKeypoints(numbers);
}

Result<std::vector<std::optional<StoredFace>>> Collection::FetchDescriptors(
    std::vector<FaceKeypoints> faces) const {
  return state_->store->FetchDescriptors(std::move(faces));
}

Result<std::vector<std::optional<FaceBytes>>> Collection::KeypointBytes(
    std::span<const FaceNumber> numbers) const {
  return state_->store->KeypointBytes(numbers);
}

Result<std::vector<std::optional<FaceBytes>>> Collection::DescriptorBytes(
    std::span<const FaceNumber> numbers) const {
  return state_->store->DescriptorBytes(numbers);
}

Result<PartialVotes> Collection::FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                           const FaceFilter& filter) const {
  return state_->index->FindVotes(std::move(photo), options, filter);
}

Result<std::string> Collection::GivenVocabulary() const {
  INLIER_ASSIGN_OR_RETURN(auto bytes, state_->store->GivenVocabulary());
  return std::move(bytes).value_or("");
}

Status Collection::WriteVocabulary(const std::filesystem::path& file) const {
  const auto vocabulary = state_->index->vocabulary();
  if (vocabulary) return inlier::WriteVocabulary(file, *vocabulary);
  return Fail(ErrorCode::kNotFound, state_->folder.string() +
                                        ": it has no vocabulary: the features are embeddings, or "
                                        "there are too few pictures to train one");
}

bool Collection::CheckpointDue() const { return state_->index->PublishingPays(); }

Status Collection::Checkpoint(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  if (state_->index->Outgrown()) {
    INLIER_RETURN_IF_ERROR(state_->index->Build(progress));
  } else {
    INLIER_ASSIGN_OR_RETURN(const bool published,
                            state_->files->Cover(state_->index->covered_change()));
    if (published) return {};
  }
  if (progress) progress({"write", 0, 1});
  return state_->index->Publish(*state_->files);
}

Status Collection::Rebuild(const ProgressFunction& progress) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_writer(state_->writer);
  INLIER_RETURN_IF_ERROR(state_->index->Build(progress));
  INLIER_RETURN_IF_ERROR(state_->files->FindDamage());
  return state_->index->Publish(*state_->files);
}

Status Collection::Snapshot(const std::filesystem::path& destination) {
  INLIER_RETURN_IF_ERROR(state_->CheckWritable());
  std::lock_guard one_copy(state_->copying);
  return CopyDatabase(*state_->store, *state_->files, destination);
}

bool Collection::Behind() const { return state_->store->Behind(); }

std::uint64_t Collection::last_change() const { return state_->index->covered_change(); }

std::uint64_t Collection::generation() const { return state_->files->newest(); }

Result<CheckReport> Collection::Check() const {
  std::lock_guard no_writer(state_->writer);
  CheckReport report;
  const auto problem = [&report](const std::string& text) { report.problems.push_back(text); };
  INLIER_RETURN_IF_ERROR(state_->store->Verify(problem));
  INLIER_RETURN_IF_ERROR(state_->files->Check(problem));
  const auto counts = state_->index->feature_counts();
  std::uint64_t expected = 0;
  const Status scan = state_->store->ForEachFace([&](FaceNumber number, const FaceRecord& record) {
    const std::uint32_t held = state_->index->HeldOf(record.feature_count);
    expected += held;
    if (number >= counts->size() || (*counts)[number] != held) {
      problem(fmt::format("face number {} is not in the index", number));
    }
    return true;
  });
  report.items_checked = state_->store->counters().items;
  if (!scan) problem(scan.error().message);
  const std::uint64_t indexed = std::accumulate(counts->begin(), counts->end(), std::uint64_t{0});
  if (indexed != expected) {
    problem(fmt::format("the index holds {} features where it should hold {}", indexed, expected));
  }
  return report;
}

Result<CollectionStats> Collection::Stats() const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, state_->store->Generations());
  const Counters counters = state_->store->counters();
  CollectionStats stats{.items = counters.items,
                        .items_without_features = counters.items_without_features,
                        .pictures = counters.pictures,
                        .faces = counters.faces,
                        .features = counters.features,
                        .last_change = counters.last_change,
                        .write_stalls = state_->store->write_stalls()};
  state_->index->Describe(stats);
  if (!generations.empty()) {
    stats.generation = generations.front().number;
    stats.covered_change = generations.front().covered_change;
  }
  std::error_code ec;
  for (std::filesystem::directory_iterator it(state_->folder, ec), end; !ec && it != end;
       it.increment(ec)) {
    std::error_code gone;  // a writer may delete files while they are counted
    const auto size = it->file_size(gone);
    if (!gone) stats.disk_bytes += size;
  }
  return stats;
}

}  // namespace inlier
