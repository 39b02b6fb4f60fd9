// Which item stands for a face, also when items change between the search and the answer.
#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/database_view.h"
#include "engine/found_items.h"
#include "tests/index/collections.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class FoundItems : public testing::Test {
 protected:
  // An item with the picture that MakeItem makes of this number.
  void Put(const std::string& id, unsigned picture) {
    std::vector<ItemUpdate> items = test::MakeItems(picture, picture + 1);
    items[0].id = id;
    ASSERT_TRUE(collection_->Put(items));
  }
  FaceNumber FaceOf(const std::string& id) const {
    return collection_->Find(id).value()->pictures.at(0).face;
  }
  // What a search that has found the face knows by now.
  Hypothesis Found(FaceNumber face) const {
    const auto keypoints = collection_->FetchKeypoints(std::array{face});
    return HypothesisOf(keypoints->at(0).number, keypoints->at(0).record);
  }
  std::vector<Hit> Named(Hypothesis hypothesis) const {
    std::vector<Hypothesis> hypotheses;
    hypotheses.push_back(std::move(hypothesis));
    const auto hits = NameItems(DatabaseView(*collection_), std::move(hypotheses));
    EXPECT_TRUE(hits) << hits.error().message;
    return hits.value_or(std::vector<Hit>{});
  }

  test::TempFolder folder_;
  std::unique_ptr<Collection> collection_ = test::OpenForWriting(folder_ / "db");
};

TEST_F(FoundItems, TheNextItemStandsForAFaceWhenTheFirstIsRemovedMeanwhile) {
  for (const char* id : {"a", "b", "c"}) Put(id, 1);
  const Hypothesis found = Found(FaceOf("a"));
  ASSERT_TRUE(collection_->Remove({"a"}));
  const auto hits = Named(found);
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_EQ(hits[0].id, "b");
  EXPECT_EQ(hits[0].picture.face, found.face);
  EXPECT_THAT(hits[0].twins, ElementsAre("c"));
}

TEST_F(FoundItems, AnItemThatHasAnotherPictureByNowDoesNotStandForTheFace) {
  Put("a", 1);
  Put("b", 1);
  const Hypothesis found = Found(FaceOf("a"));
  Put("a", 2);
  const auto hits = Named(found);
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_EQ(hits[0].id, "b");
  EXPECT_EQ(hits[0].picture.face, found.face);
}

TEST_F(FoundItems, NoItemStandsForTwoFaces) {
  Put("a", 1);
  Put("b", 1);
  const Hypothesis first = Found(FaceOf("a"));
  std::vector<ItemUpdate> both = test::MakeItems(1, 3);
  ItemUpdate item{.id = "b", .pictures = {}};
  for (ItemUpdate& update : both) item.pictures.push_back(test::PictureOf(update));
  ASSERT_TRUE(collection_->Put({item}));
  const Hypothesis second = Found(collection_->Find("b").value()->pictures.at(1).face);
  ASSERT_TRUE(collection_->Remove({"a"}));
  const auto hits = NameItems(DatabaseView(*collection_), {first, second});
  ASSERT_TRUE(hits) << hits.error().message;
  ASSERT_THAT(*hits, SizeIs(1));
  EXPECT_EQ(hits->at(0).id, "b");
}

TEST_F(FoundItems, AFaceThatNoItemHasAnyMoreIsNoHit) {
  Put("a", 1);
  const Hypothesis found = Found(FaceOf("a"));
  ASSERT_TRUE(collection_->Remove({"a"}));
  EXPECT_THAT(Named(found), IsEmpty());
}

TEST(AreTheSame, LooksAtEachItemOnceWhenThousandsShareAFace) {
  Hypothesis even{.face = 1}, odd{.face = 2};
  for (ItemNumber i = 0; i < 400'000; i += 2) {
    even.items.push_back(i);
    odd.items.push_back(i + 1);
  }
  EXPECT_FALSE(AreTheSame(even, odd));
  odd.items.push_back(400'000);
  even.items.push_back(400'000);
  EXPECT_TRUE(AreTheSame(even, odd));
}

}  // namespace
}  // namespace inlier
