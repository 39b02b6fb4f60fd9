#include "engine/indexer.h"

#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "core/parallel.h"
#include "engine/twins.h"

namespace inlier {

Result<ItemUpdate> Indexer::Describe(const ItemToAdd& item) const {
  ItemUpdate update{.id = item.id, .metadata = item.metadata, .pictures = {}};
  for (const Picture& picture : item.pictures) {
    INLIER_ASSIGN_OR_RETURN(PictureMaker::Made made, maker_.Make(picture));
    update.pictures.push_back(std::move(made.picture));
  }
  return update;
}

Status Indexer::Put(const std::vector<ItemUpdate>& updates, int threads) {
  // Of these faces only: after a run that was interrupted, those of a whole catalogue may be left,
  // and a caller who adds one item cannot wait for them.
  const FaceNumber begin = collection_.FaceLimit();
  INLIER_RETURN_IF_ERROR(collection_.Put(updates));
  return SeekTwins(collection_, begin, options_, threads);
}

Status Indexer::Add(const ItemToAdd& item) {
  INLIER_ASSIGN_OR_RETURN(ItemUpdate update, Describe(item));
  std::vector<ItemUpdate> updates;
  updates.push_back(std::move(update));
  return Put(updates, 1);
}

Status Indexer::AddPicture(const std::string& id, const Picture& picture) {
  INLIER_RETURN_IF_ERROR(collection_.NumberOf(id));  // before the work of describing the picture
  INLIER_ASSIGN_OR_RETURN(PictureMaker::Made made, maker_.Make(picture));
  ItemUpdate update{.id = id, .others = ItemUpdate::Others::kPrecede};
  update.pictures.push_back(std::move(made.picture));
  std::vector<ItemUpdate> updates;
  updates.push_back(std::move(update));
  return Put(updates, 1);
}

Result<std::vector<Status>> Indexer::AddBatch(std::span<const ItemToAdd> items, int threads) {
  std::unordered_set<std::string_view> ids;
  for (const ItemToAdd& item : items) {
    if (item.id.empty()) return Fail(ErrorCode::kInvalidArgument, "an item without an id");
    if (item.pictures.empty())
      return Fail(ErrorCode::kInvalidArgument, item.id + ": an item without a picture");
    if (!ids.insert(item.id).second) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("the id '{}' is there twice", item.id));
    }
  }
  std::vector<Result<ItemUpdate>> described(items.size(), ItemUpdate{});
  ParallelFor(items.size(), threads, [&](std::size_t i) { described[i] = Describe(items[i]); });
  std::vector<Status> outcomes(items.size());
  std::vector<ItemUpdate> usable;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (described[i]) {
      usable.push_back(std::move(*described[i]));
    } else {
      outcomes[i] = tl::unexpected(described[i].error());
    }
  }
  if (!usable.empty()) INLIER_RETURN_IF_ERROR(Put(usable, threads));
  return outcomes;
}

}  // namespace inlier
