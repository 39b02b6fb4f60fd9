// Items with several pictures, pictures of several items, and twins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using Others = ItemUpdate::Others;
using testing::ElementsAre;
using testing::IsEmpty;

// A picture of the item that MakeItem makes of this number, under a path of its own.
NewPicture Shot(unsigned number) {
  ItemUpdate item = test::MakeItem(number);
  NewPicture picture = test::PictureOf(item);
  picture.record.path = "/" + std::to_string(number) + ".jpg";
  return picture;
}

class FacesTest : public testing::Test {
 protected:
  Status Put(const std::string& id, const std::vector<unsigned>& shots,
             Others others = Others::kAreDropped) {
    ItemUpdate update{.id = id, .pictures = {}, .others = others};
    for (const unsigned shot : shots) update.pictures.push_back(Shot(shot));
    return collection_->Put({update});
  }
  std::vector<std::string> Paths(const std::string& id) const {
    std::vector<std::string> paths;
    const auto item = collection_->Find(id);
    if (!item || !*item) return {"no such item"};
    for (const PictureRecord& picture : (*item)->pictures) paths.push_back(picture.path);
    return paths;
  }
  FaceNumber FaceOf(const std::string& id, std::size_t picture = 0) const {
    return collection_->Find(id).value()->pictures.at(picture).face;
  }
  std::vector<FaceNumber> Found(unsigned shot) const {
    std::vector<FaceNumber> faces;
    const auto found = collection_->Search(test::MakePhoto(test::MakeItem(shot), 8, 1), 50, {}, {});
    for (const Candidate& candidate : *found) faces.push_back(candidate.number);
    return faces;
  }
  void ExpectSound() const {
    const auto check = collection_->Check();
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_THAT(check->problems, IsEmpty());
  }

  test::TempFolder folder_;
  std::unique_ptr<Collection> collection_ = test::OpenForWriting(folder_ / "db");
};

TEST_F(FacesTest, EveryPictureOfAnItemIsFound) {
  ASSERT_TRUE(collection_->Put(test::MakeItems(0, 40)));
  ASSERT_TRUE(Put("mug", {50, 51, 52}));
  for (const unsigned shot : {50u, 51u, 52u}) {
    EXPECT_EQ(Found(shot).front(), FaceOf("mug", shot - 50));
    EXPECT_EQ(test::IdOf(*collection_, Found(shot).front()), "mug");
  }
  const auto stats = *collection_->Stats();
  EXPECT_EQ(stats.items, 41u);
  EXPECT_EQ(stats.pictures, 43u);
  EXPECT_EQ(stats.faces, 43u);
  ExpectSound();
}

TEST_F(FacesTest, CopiesShareAFaceUntilTheLastOneGoes) {
  ASSERT_TRUE(collection_->Put(test::MakeItems(0, 40)));
  for (int copy = 0; copy < 60; ++copy) ASSERT_TRUE(Put("copy" + std::to_string(copy), {77}));
  EXPECT_EQ(collection_->Stats()->items, 100u);
  EXPECT_EQ(collection_->Stats()->faces, 41u);
  EXPECT_EQ(collection_->Stats()->features, 41u * 60);
  const FaceNumber face = FaceOf("copy0");
  EXPECT_EQ(test::IdOf(*collection_, face), "copy0");
  ASSERT_TRUE(collection_->Remove({"copy0", "copy1"}));
  EXPECT_EQ(test::IdOf(*collection_, face), "copy2");  // the first that is left
  EXPECT_EQ(Found(77).front(), face);
  ExpectSound();
  std::vector<std::string> rest;
  for (int copy = 2; copy < 60; ++copy) rest.push_back("copy" + std::to_string(copy));
  ASSERT_TRUE(collection_->Remove(rest));
  EXPECT_FALSE(*collection_->Face(face));
  EXPECT_NE(Found(77).front(), face);
  EXPECT_EQ(collection_->Stats()->faces, 40u);
  ExpectSound();
}

TEST_F(FacesTest, AFaceThatOneItemDropsAndAnotherTakesInTheSameWriteStays) {
  ASSERT_TRUE(Put("a", {1}) && Put("b", {2}));
  const FaceNumber first = FaceOf("a");
  ItemUpdate a{.id = "a", .pictures = {Shot(3)}}, b{.id = "b", .pictures = {Shot(1)}};
  ASSERT_TRUE(collection_->Put({a, b}));
  EXPECT_EQ(FaceOf("b"), first);
  EXPECT_EQ(collection_->Stats()->faces, 2u);
  EXPECT_EQ(collection_->Stats()->features, 120u);
  ExpectSound();
}

TEST_F(FacesTest, OtherPicturesAreDroppedOrFollowOrPrecede) {
  ASSERT_TRUE(Put("a", {1, 2}));
  ASSERT_TRUE(Put("a", {3}, Others::kFollow));
  EXPECT_THAT(Paths("a"), ElementsAre("/3.jpg", "/1.jpg", "/2.jpg"));
  ASSERT_TRUE(Put("a", {4}, Others::kPrecede));
  EXPECT_THAT(Paths("a"), ElementsAre("/3.jpg", "/1.jpg", "/2.jpg", "/4.jpg"));
  ASSERT_TRUE(Put("a", {2}));
  EXPECT_THAT(Paths("a"), ElementsAre("/2.jpg"));
  EXPECT_EQ(collection_->Stats()->faces, 1u);
  ExpectSound();
}

TEST_F(FacesTest, APictureOfTheSameNameOrContentIsReplaced) {
  ASSERT_TRUE(Put("a", {1, 2}));
  NewPicture renamed = Shot(1), changed = Shot(5);
  renamed.record.path = "/moved.jpg";
  changed.record.path = "/2.jpg";
  ASSERT_TRUE(collection_->Put({{.id = "a", .pictures = {renamed}, .others = Others::kPrecede}}));
  EXPECT_THAT(Paths("a"), ElementsAre("/2.jpg", "/moved.jpg"));
  const FaceNumber before = FaceOf("a");
  ASSERT_TRUE(collection_->Put({{.id = "a", .pictures = {changed}, .others = Others::kPrecede}}));
  EXPECT_THAT(Paths("a"), ElementsAre("/moved.jpg", "/2.jpg"));
  EXPECT_FALSE(*collection_->Face(before));
  ExpectSound();
}

TEST_F(FacesTest, RemovesOnePicture) {
  ASSERT_TRUE(Put("a", {1, 2}) && Put("b", {2}));
  ASSERT_TRUE(collection_->RemovePicture("a", "/2.jpg"));
  EXPECT_THAT(Paths("a"), ElementsAre("/1.jpg"));
  EXPECT_EQ(test::IdOf(*collection_, FaceOf("b")), "b");
  EXPECT_EQ(collection_->RemovePicture("a", "/2.jpg").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(collection_->RemovePicture("c", "/2.jpg").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(collection_->RemovePicture("a", "/1.jpg").error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(Paths("a"), ElementsAre("/1.jpg"));
  ExpectSound();
}

TEST_F(FacesTest, RefusesItemsWithoutPicturesAndFacesOfOthers) {
  ASSERT_TRUE(Put("a", {1}));
  EXPECT_EQ(Put("b", {}).error().code, ErrorCode::kInvalidArgument);
  NewPicture borrowed = Shot(1);
  borrowed.face.reset();
  borrowed.record.face = FaceOf("a");
  EXPECT_EQ(collection_->Put({{.id = "b", .pictures = {borrowed}}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(collection_->Stats()->items, 1u);
  ExpectSound();
}

TEST_F(FacesTest, TwinsKnowEachOtherUntilOneGoes) {
  ASSERT_TRUE(Put("a", {1}) && Put("b", {2}) && Put("c", {3}));
  EXPECT_EQ(collection_->twins_sought(), 0u);
  ASSERT_TRUE(collection_->PutTwins(std::vector<TwinFaces>{{FaceOf("a"), FaceOf("b"), 0.5f},
                                                           {FaceOf("a"), FaceOf("c"), 0.75f},
                                                           {FaceOf("a"), 99, 1}},
                                    3));
  const auto twins_of = [this](const std::string& id) {
    std::vector<std::string> ids;
    const auto face = collection_->Face(FaceOf(id));
    for (const TwinFace& twin : (*face)->twins) ids.push_back(test::IdOf(*collection_, twin.face));
    return ids;
  };
  EXPECT_THAT(twins_of("a"), ElementsAre("b", "c"));
  EXPECT_THAT(twins_of("c"), ElementsAre("a"));
  ExpectSound();
  ASSERT_TRUE(collection_->Remove({"a"}));
  EXPECT_THAT(twins_of("b"), IsEmpty());
  EXPECT_THAT(twins_of("c"), IsEmpty());
  ExpectSound();
  collection_.reset();
  collection_ = test::OpenForWriting(folder_ / "db");
  EXPECT_EQ(collection_->twins_sought(), 3u);
}

TEST_F(FacesTest, MetadataChangesWithoutItsPictures) {
  ASSERT_TRUE(Put("a", {1, 2}));
  const std::uint64_t before = collection_->last_change();
  ASSERT_TRUE(collection_->Put({{.id = "a",
                                 .metadata = Metadata{{"price", "3"}},
                                 .pictures = {},
                                 .others = Others::kFollow}}));
  EXPECT_EQ(collection_->Find("a").value()->metadata, (Metadata{{"price", "3"}}));
  EXPECT_THAT(Paths("a"), ElementsAre("/1.jpg", "/2.jpg"));
  EXPECT_EQ(collection_->last_change(), before);  // nothing that a search can find has changed
  ExpectSound();
}

TEST_F(FacesTest, CountsItemsWithoutFeatures) {
  ItemUpdate blank = test::MakeItem(1, 0);
  blank.id = "a";
  ASSERT_TRUE(collection_->Put({blank}));
  EXPECT_EQ(collection_->Stats()->items_without_features, 1u);
  ASSERT_TRUE(Put("a", {1}, Others::kFollow));
  EXPECT_EQ(collection_->Stats()->items_without_features, 0u);
  ASSERT_TRUE(collection_->Put({blank}));
  ASSERT_TRUE(collection_->Remove({"a"}));
  EXPECT_EQ(collection_->Stats()->items_without_features, 0u);
  ExpectSound();
}

}  // namespace
}  // namespace inlier
