#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/features.h"
#include "inlier/item.h"

namespace inlier {

/// The number of an item within its database, in the order in which the items were first added. A
/// number is never given a second time, so that one which is kept can only ever mean the same item.
using ItemNumber = std::uint32_t;

/// The number of a face within its database. A face is what a search finds: the features of one
/// picture, or of several pictures whose pixels are equal. Numbers are never given a second time.
using FaceNumber = std::uint32_t;

/// This many features of a face vote: the first ones, which are the strongest. Rows of bits are
/// less distinctive than rows of bytes, so more of them are needed; more than these do not make
/// better shortlists (docs/evaluation/history.md). Matching in full takes all features.
constexpr std::size_t MostVoters(DescriptorKind kind) {
  return kind == DescriptorKind::kBits ? 1000 : 600;
}

/// A face that is to be added: its features, and a small picture of it which later checks compare
/// with the photo.
struct NewFace {
  std::string pixel_hash;  // of the decoded picture; equal hashes are one face
  Features features;
  std::string preview;  // encoded by the engine; opaque here
};

/// A picture that is to be written. Without a face it is one that the item has already, and
/// `record.face` says which face it has.
struct NewPicture {
  PictureRecord record;
  std::optional<NewFace> face;
};

/// True for two records of one picture of an item: they have the same name or the same content.
bool IsSamePicture(const PictureRecord& a, const PictureRecord& b);

/// An item that is to be written: a new one, or changes of one that is there.
struct ItemUpdate {
  /// What becomes of the pictures that the item has and `pictures` does not name. A picture with
  /// the name or the content of one of `pictures` is replaced by it in any case.
  enum class Others { kAreDropped, kFollow, kPrecede };

  std::string id;
  std::optional<Metadata> metadata;  // absent: stays as it is
  std::vector<NewPicture> pictures;
  Others others = Others::kAreDropped;
};

/// Another face, from which the pictures of this one cannot be told apart by features and pixels.
struct TwinFace {
  FaceNumber face = 0;
  float likeness = 0;  // in [0, 1]
};

/// What is stored about a face besides its features.
struct FaceRecord {
  std::string pixel_hash;
  std::uint32_t feature_count = 0;
  std::vector<ItemNumber> owners;  // the items with pictures of this face, ascending
  std::vector<TwinFace> twins;     // by number
};

/// The features of a face, as they are stored.
struct StoredFeatures {
  FaceNumber number = 0;
  Features features;
};

/// What one change of the store means to an index.
struct FaceChanges {
  std::vector<StoredFeatures> added;  // in the order of their numbers
  std::vector<FaceNumber> dropped;    // faces that no item has any more
};

/// Two faces that are twins of each other.
struct TwinFaces {
  FaceNumber first = 0, second = 0;
  float likeness = 0;  // in [0, 1]
};

/// What ranking by pose needs of a face. It is an eighth of the face's bytes, and it is read for
/// every face in a shortlist.
struct FaceKeypoints {
  FaceNumber number = 0;
  FaceRecord record;
  Features features;  // everything but the descriptors
};

/// A whole face, as it is stored.
struct StoredFace {
  FaceNumber number = 0;
  FaceRecord record;
  Features features;
  std::string preview;
};

/// The faces of an item's pictures, each once, ascending.
std::vector<FaceNumber> FacesOf(const ItemRecord& item);

/// By face number: true for the faces that a search may return. Faces beyond its end are held back;
/// an empty filter lets every face pass.
using FaceFilter = std::vector<bool>;

}  // namespace inlier
