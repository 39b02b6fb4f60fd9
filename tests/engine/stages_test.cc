#include "inlier/stages.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

Image ItemOf(unsigned seed) { return DrawTexture(seed, 300, 220); }
Image PhotoOf(unsigned seed) {
  return Warp(ItemOf(seed), Similarity(300, 220, 0.9, 0.4, {240, 180}), 480, 360, 90);
}

Features FeaturesOf(const Image& image, const ExtractorOptions& options = {}) {
  auto features = ExtractFeatures(image, options);
  EXPECT_TRUE(features) << features.error().message;
  return features ? *features : Features();
}

TEST(Stages, FindWhatAQueryFinds) {
  const Features item = FeaturesOf(ItemOf(1)), photo = FeaturesOf(PhotoOf(1));
  const auto matches = MatchFeatures(photo, item);
  ASSERT_TRUE(matches);
  const auto geometry = VerifyMatches(photo, item, *matches);
  ASSERT_TRUE(geometry && *geometry);
  const auto hit = MatchImages(PhotoOf(1), ItemOf(1));
  ASSERT_TRUE(hit && *hit && (*hit)->polygon);
  EXPECT_EQ((*geometry)->inliers.size(), static_cast<std::size_t>((*hit)->inliers));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR((*geometry)->polygon[i].x_px, (*(*hit)->polygon)[i].x_px, 0.01);
    EXPECT_NEAR((*geometry)->polygon[i].y_px, (*(*hit)->polygon)[i].y_px, 0.01);
  }
  const auto other = MatchFeatures(photo, FeaturesOf(ItemOf(2)));
  ASSERT_TRUE(other);
  const auto nothing = VerifyMatches(photo, FeaturesOf(ItemOf(2)), *other);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
}

TEST(Stages, RefuseWhatDoesNotFit) {
  const Features sift = FeaturesOf(ItemOf(1)), orb = FeaturesOf(ItemOf(1), {.method = "orb"});
  EXPECT_EQ(MatchFeatures(sift, orb).error().code, ErrorCode::kInvalidArgument);
  Features torn = sift;
  torn.descriptors.pop_back();
  EXPECT_EQ(MatchFeatures(torn, sift).error().code, ErrorCode::kInvalidArgument);
  const std::vector<FeatureMatch> outside = {
      {.photo = static_cast<std::uint32_t>(sift.size()), .item = 0}};
  EXPECT_EQ(VerifyMatches(sift, sift, outside).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ExtractFeatures({}, {}).error().code, ErrorCode::kBadImage);
  EXPECT_EQ(ExtractFeatures(ItemOf(1), {.method = "magic"}).error().code,
            ErrorCode::kInvalidArgument);
  const Features* mixed[] = {&sift, &orb};
  EXPECT_EQ(FeatureVocabulary::Train(mixed, 8).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(FeatureVocabulary::Train({}, 8).error().code, ErrorCode::kInvalidArgument);
}

TEST(Stages, AShortlistInMemoryFindsTheItem) {
  std::vector<Features> items;
  std::vector<const Features*> all;
  for (unsigned seed = 1; seed <= 8; ++seed) items.push_back(FeaturesOf(ItemOf(seed)));
  for (const Features& item : items) all.push_back(&item);
  const auto vocabulary = FeatureVocabulary::Train(all, 32);
  ASSERT_TRUE(vocabulary);
  const TempFolder folder;
  ASSERT_TRUE(vocabulary->Save(folder / "words"));
  const auto loaded = FeatureVocabulary::Load(folder / "words");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded->Assign(items[0], 2), *vocabulary->Assign(items[0], 2));
  FeatureIndex index(*loaded);
  for (const Features& item : items) ASSERT_TRUE(index.Add(item));
  const auto found = index.Search(FeaturesOf(PhotoOf(6)), 3);
  ASSERT_TRUE(found);
  ASSERT_FALSE(found->empty());
  EXPECT_EQ(found->front().face, 5u);
  WriteBytes(folder / "words", "damaged");
  EXPECT_EQ(FeatureVocabulary::Load(folder / "words").error().code, ErrorCode::kCorrupt);
}

TEST(Stages, TheShortlistOfADatabaseKeepsToItsConditions) {
  const TempFolder folder;
  const auto engine = Engine::Open(folder / "db", OpenMode::kCreate);
  ASSERT_TRUE(engine);
  std::vector<ItemToAdd> items;
  for (unsigned seed = 1; seed <= 40; ++seed) {  // so many that votes decide
    items.push_back({.id = std::to_string(seed),
                     .pictures = {ItemOf(seed)},
                     .metadata = {{"half", std::to_string(seed % 2)}}});
  }
  ASSERT_TRUE((*engine)->AddBatch(items, 2));
  const Features photo = FeaturesOf(PhotoOf(6));
  const auto listed = (*engine)->Shortlist(photo, {.top = 5});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 5u);
  EXPECT_EQ(listed->front().id, "6");
  EXPECT_GE(listed->front().votes, listed->back().votes);
  const auto others = (*engine)->Shortlist(photo, {.top = 50, .where = {{"half", "1"}}});
  ASSERT_TRUE(others);
  EXPECT_TRUE(std::ranges::none_of(*others, [](const ItemVotes& item) { return item.id == "6"; }));
  EXPECT_EQ((*engine)->Shortlist(FeaturesOf(PhotoOf(6), {.method = "orb"})).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Stages, PixelsHaveOneHashWhateverTheirFileIs) {
  const Image image = ItemOf(1);
  const auto png = EncodePng(image);
  ASSERT_TRUE(png);
  const auto of_pixels = PixelHashOf(image), of_file = PixelHashOf(*png);
  ASSERT_TRUE(of_pixels && of_file);
  EXPECT_EQ(*of_pixels, *of_file);
  EXPECT_NE(*of_pixels, *PixelHashOf(ItemOf(2)));
  // And pictures with one hash share a face.
  const TempFolder folder;
  const auto engine = Engine::Open(folder.path() / "shop.db", OpenMode::kCreate);
  ASSERT_TRUE(engine);
  for (const auto& [id, picture] : {std::pair<std::string, Picture>{"a", image}, {"b", *png}})
    ASSERT_TRUE((*engine)->Add(id, std::span(&picture, 1)));
  EXPECT_EQ((*engine)->Stats()->faces, 1u);
}

TEST(Stages, APictureThatCannotBeReadHasNoPixelHash) {
  EXPECT_EQ(PixelHashOf(Image()).error().code, ErrorCode::kBadImage);
  EXPECT_EQ(PixelHashOf(std::vector<std::uint8_t>{1, 2, 3}).error().code, ErrorCode::kBadImage);
  EXPECT_EQ(PixelHashOf(std::filesystem::path("none.jpg")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(PixelHashOf(ItemOf(1), {.method = "none"}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace inlier::test
