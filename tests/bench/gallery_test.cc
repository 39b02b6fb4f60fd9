#include "bench/gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void WritePictures(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) WriteImage(folder / name, DrawTexture(1, 60, 40));
}

TEST(Gallery, OxfordsGroundTruthSaysGoodOkAndJunk) {
  const TempFolder folder;
  const auto set = folder / "buildings";
  WritePictures(set / "images",
                {"all_souls_01.png", "all_souls_02.png", "all_souls_03.png", "ashmolean_01.png"});
  WriteBytes(set / "gt" / "all_souls_1_query.txt", "oxc1_all_souls_01 10.4 5 49.6 35\n");
  WriteBytes(set / "gt" / "all_souls_1_good.txt", "all_souls_02\n");
  WriteBytes(set / "gt" / "all_souls_1_ok.txt", "all_souls_01\n");
  WriteBytes(set / "gt" / "all_souls_1_junk.txt", "all_souls_03\n");
  const auto dataset = ReadDataset(set);
  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->kind, DatasetKind::kOxford);
  EXPECT_EQ(dataset->catalogue.entries.size(), 4u);
  ASSERT_EQ(dataset->photos.size(), 1u);
  const BenchPhoto& photo = dataset->photos[0];
  EXPECT_THAT(photo.truth.relevant,
              ElementsAre("buildings/all_souls_02", "buildings/all_souls_01"));
  EXPECT_THAT(photo.truth.junk, ElementsAre("buildings/all_souls_03"));
  const auto part = photo.Read();
  ASSERT_TRUE(part);
  EXPECT_EQ(part->width_px, 40);
  EXPECT_EQ(part->height_px, 30);
  const Image whole = DrawTexture(1, 60, 40);
  EXPECT_EQ(part->pixels[0], whole.pixels[static_cast<std::size_t>((5 * 60 + 10) * 3)]);
}

TEST(Gallery, OxfordsMistakesNameTheFile) {
  const TempFolder folder;
  const auto set = folder / "buildings";
  WritePictures(set, {"a.png", "b.png"});
  WriteBytes(set / "gt" / "x_query.txt", "a 1 2 3\n");
  const auto cut = ReadDataset(set);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("x_query.txt"));
  WriteBytes(set / "gt" / "x_query.txt", "a 0 0 9 9\n");
  const auto no_list = ReadDataset(set);
  ASSERT_FALSE(no_list);
  EXPECT_THAT(no_list.error().message, HasSubstr("x_good.txt"));
  WriteBytes(set / "gt" / "x_good.txt", "c\n");
  WriteBytes(set / "gt" / "x_ok.txt", "");
  WriteBytes(set / "gt" / "x_junk.txt", "");
  const auto unknown = ReadDataset(set);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("'c' is not in the catalogue"));
}

TEST(Gallery, UkbenchComesInFours) {
  const TempFolder folder;
  const auto set = folder / "uk";
  WritePictures(set,
                {"ukbench00000.jpg", "ukbench00001.jpg", "ukbench00002.jpg", "ukbench00003.jpg",
                 "ukbench00004.jpg", "ukbench00005.jpg", "ukbench00006.jpg", "ukbench00007.jpg"});
  const auto dataset = ReadDataset(set);
  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->kind, DatasetKind::kUkbench);
  ASSERT_EQ(dataset->photos.size(), 8u);
  EXPECT_THAT(dataset->photos[5].truth.relevant, ElementsAre("uk/ukbench00004", "uk/ukbench00005",
                                                             "uk/ukbench00006", "uk/ukbench00007"));
  std::filesystem::remove(set / "ukbench00006.jpg");
  const auto torn = ReadDataset(set);
  ASSERT_FALSE(torn);
  EXPECT_THAT(torn.error().message, HasSubstr("missing"));
}

TEST(Gallery, CataloguesTogetherKeepTheirNames) {
  const TempFolder folder;
  for (const char* name : {"books", "records"}) {
    WritePictures(folder / name, {"1.png", "2.png"});
    WriteBytes(folder / name / "catalogue.csv", "id,image\n1,1.png\n2,2.png\n");
    WriteBytes(folder / name / "queries.csv", "image,id,tag\n1.png,1,\n2.png,,nothing\n");
  }
  const auto gallery = ReadGallery({folder / "books"}, {folder / "records"});
  ASSERT_TRUE(gallery);
  EXPECT_EQ(gallery->catalogue.entries.size(), 4u);
  EXPECT_EQ(gallery->datasets.size(), 1u);
  ASSERT_EQ(gallery->photos.size(), 2u);
  EXPECT_EQ(gallery->photos[0].own(), "books/1");
  EXPECT_EQ(gallery->photos[1].own(), "");
  const auto twice = ReadGallery({folder / "books"}, {folder / "books"});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("two folders named books"));
  WriteBytes(folder / "books" / "queries.csv", "image,id,tag\n1.png,9,\n");
  const auto stranger = ReadGallery({folder / "books"}, {});
  ASSERT_FALSE(stranger);
  EXPECT_THAT(stranger.error().message, HasSubstr("'9' is not in the catalogue"));
}

}  // namespace
}  // namespace inlier::test
