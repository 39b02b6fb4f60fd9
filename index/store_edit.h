#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/write_batch.h>

#include "core/result.h"
#include "index/item.h"
#include "index/store_state.h"

namespace inlier {

/// One atomic change of a store. It collects what becomes of items and faces, reading what is there
/// when it is first needed, and writes everything in one batch: a face stays for as long as an item
/// has it, is taken over by an item whose picture has the same pixels, and takes its twins' entries
/// with it when it goes.
class StoreEdit {
 public:
  explicit StoreEdit(const StoreState& state) : state_(state), after_(state.Current()) {}

  /// Errors: kInvalidArgument (a limit, a picture that the item does not have, no picture).
  Status Put(const ItemUpdate& update);
  /// These two: kNotFound.
  Status Remove(const std::string& id);
  Status RemovePicture(const std::string& id, const std::string& picture);
  /// Makes the two faces twins of each other. Nothing happens when one of them is gone.
  Status PutTwins(FaceNumber a, FaceNumber b, float likeness);
  /// The number never gets smaller: of two searches that run at once, one finishes last.
  void SetTwinsSought(FaceNumber before) {
    after_.twins_sought = std::max(after_.twins_sought, before);
  }

  /// Writes everything, synced. The edit is done then.
  Result<FaceChanges> Commit(StoreState& state) &&;

 private:
  Result<std::optional<ItemNumber>> NumberOf(const std::string& id);
  Result<ItemRecord*> Item(ItemNumber number);
  // Null when there is no such face.
  Result<FaceRecord*> Face(FaceNumber number);
  // The face of these pixels: the one that is there, or a new one.
  Result<FaceNumber> FaceOf(const NewFace& face);
  Status WriteItem(ItemNumber number, ItemRecord record);
  // Makes the item an owner of the faces of its pictures.
  Status Own(ItemNumber number, const std::vector<PictureRecord>& pictures);
  // The opposite of WriteItem: the item is no owner any more and is not counted.
  Status TakeAway(ItemNumber number, const ItemRecord& record);
  void Count(const ItemRecord& record, int sign);
  // Stages the item's value and the entries of its metadata.
  void WriteOut(ItemNumber number, const std::optional<ItemRecord>& item);
  Status DropFace(FaceNumber number, const FaceRecord& face);

  const StoreState& state_;
  Counters after_;
  rocksdb::WriteBatch batch_;
  FaceChanges written_;
  std::map<std::string, std::optional<ItemNumber>> numbers_;  // by id, as they will be
  std::map<std::string, FaceNumber> pixels_;               // new faces, by the hash of the pixels
  std::map<ItemNumber, std::optional<ItemRecord>> items_;  // absent: removed
  std::map<ItemNumber, Metadata> metadata_;                // of `items_`, as it is stored
  std::map<FaceNumber, std::optional<FaceRecord>> faces_;  // absent: not there
};

}  // namespace inlier
