// Items with several pictures, and pictures that several items share.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kWidth = 320, kHeight = 240;

Image Shot(unsigned i) { return test::DrawTexture(900 + i, kWidth, kHeight); }

Image PhotoOf(unsigned i) {
  const Homography map = test::Similarity(kWidth, kHeight, 1.3, 0.3, {400, 300});
  return test::AddNoise(test::Warp(Shot(i), map, 800, 600, 77), 3, i);
}

// Two pictures beside each other.
Image PhotoOfBoth(unsigned left, unsigned right) {
  Image photo{.width_px = 800, .height_px = 300, .channels = 3};
  photo.pixels.assign(std::size_t{800} * 300 * 3, 128);
  const auto paste = [&photo](const Image& image, int x) {
    for (int row = 0; row < kHeight; ++row) {
      std::copy_n(image.pixels.begin() + std::ptrdiff_t{row} * kWidth * 3, kWidth * 3,
                  photo.pixels.begin() + ((row + 30) * std::ptrdiff_t{800} + x) * 3);
    }
  };
  paste(Shot(left), 40);
  paste(Shot(right), 440);
  return photo;
}

class Pictures : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::Open(folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  std::string File(unsigned i) {
    const fs::path path = folder_ / (std::to_string(i) + ".png");
    if (!fs::exists(path)) test::WriteImage(path, Shot(i));
    return path.string();
  }
  void Add(const std::string& id, const std::vector<unsigned>& shots,
           const Metadata& metadata = {}) {
    std::vector<Picture> pictures;
    for (const unsigned shot : shots) pictures.emplace_back(fs::path(File(shot)));
    const Status added = engine_->Add(id, pictures, metadata);
    ASSERT_TRUE(added) << added.error().message;
  }
  void AddOthers() {
    for (unsigned i = 100; i < 140; ++i) Add("other" + std::to_string(i), {i});
  }
  std::vector<Hit> Hits(const Image& photo, const QueryOptions& options = {}) {
    const auto answer = engine_->Query(photo, options);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->hits : std::vector<Hit>{};
  }
  Catalogue CatalogueOf(const std::vector<std::pair<std::string, std::vector<unsigned>>>& items) {
    Catalogue catalogue;
    for (const auto& [id, shots] : items) {
      CatalogueEntry entry{.id = id, .images = {}, .metadata = {}};
      for (const unsigned shot : shots) entry.images.emplace_back(File(shot));
      catalogue.entries.push_back(std::move(entry));
    }
    return catalogue;
  }
  void ExpectSound() {
    const auto check = engine_->Check();
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_THAT(check->problems, IsEmpty());
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Pictures, TheHitNamesThePictureAndPlacesItsOutline) {
  AddOthers();
  Add("box", {1, 2, 3});
  for (const bool exact : {false, true}) {
    for (const unsigned shot : {1u, 2u, 3u}) {
      const auto hits = Hits(PhotoOf(shot), {.exact = exact});
      ASSERT_THAT(hits, SizeIs(1)) << shot;
      EXPECT_EQ(hits[0].id, "box");
      EXPECT_EQ(NameOf(hits[0].picture), File(shot));
      const Homography map = test::Similarity(kWidth, kHeight, 1.3, 0.3, {400, 300});
      const Point truth = Transform(map, {kWidth - 1, kHeight - 1});
      EXPECT_NEAR(hits[0].polygon->at(2).x_px, truth.x_px, 3);
      EXPECT_NEAR(hits[0].polygon->at(2).y_px, truth.y_px, 3);
      EXPECT_THAT(hits[0].twins, IsEmpty());
    }
  }
}

TEST_F(Pictures, ManyPicturesDoNotOutrankByNumber) {
  AddOthers();
  Add("one", {1});
  Add("ten", {10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  const auto hits = Hits(PhotoOf(1), {.all = true});
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].id, "one");
  EXPECT_TRUE(hits[0].accepted);
  EXPECT_LE(std::ranges::count(hits, "ten", &Hit::id), 1);
}

TEST_F(Pictures, AreAddedAndRemovedOneByOne) {
  Add("box", {1});
  ASSERT_TRUE(engine_->AddPicture("box", fs::path(File(2))));
  EXPECT_THAT(Hits(PhotoOf(2)), SizeIs(1));
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(2));
  ASSERT_TRUE(engine_->AddPicture("box", fs::path(File(2))));  // once more: nothing changes
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(2));
  ASSERT_TRUE(engine_->AddPicture("box", Shot(3)));  // pixels are called by their hash
  const std::string name = NameOf((*engine_->Find("box"))->pictures[2]);
  EXPECT_EQ(name, (*engine_->Find("box"))->pictures[2].content_hash);
  ASSERT_TRUE(engine_->RemovePicture("box", name));
  ASSERT_TRUE(engine_->RemovePicture("box", File(1)));
  EXPECT_THAT(Hits(PhotoOf(1)), IsEmpty());
  EXPECT_THAT(Hits(PhotoOf(2)), SizeIs(1));
  EXPECT_EQ(engine_->RemovePicture("box", File(2)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine_->RemovePicture("box", "no such").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine_->AddPicture("bag", fs::path(File(2))).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine_->AddPicture("box", fs::path("none.jpg")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine_->Add("empty", std::span<const Picture>{}).error().code,
            ErrorCode::kInvalidArgument);
  ExpectSound();
}

TEST_F(Pictures, CopiesAreOneHitAndLeaveRoomForOtherItems) {
  AddOthers();
  unsigned copies = 0;
  for (const unsigned wanted : {12u, 60u, 200u}) {
    for (; copies < wanted; ++copies) Add("copy" + std::to_string(copies), {1});
    if (wanted == 12) Add("beside", {2});
    for (const bool exact : {false, true}) {
      const auto hits = Hits(PhotoOfBoth(1, 2), {.exact = exact});
      ASSERT_THAT(hits, SizeIs(2)) << wanted << exact;
      const auto copy = std::ranges::find(hits, "copy0", &Hit::id);
      ASSERT_NE(copy, hits.end());
      EXPECT_THAT(copy->twins, SizeIs(wanted - 1));
      EXPECT_EQ(copy->twins.front(), "copy1");
      EXPECT_NE(std::ranges::find(hits, "beside", &Hit::id), hits.end());
    }
  }
  EXPECT_EQ(engine_->Stats()->faces, 42u);
  ExpectSound();
}

TEST_F(Pictures, AFilterChoosesWhichCopyStands) {
  AddOthers();
  Add("a", {1}, {{"colour", "red"}});
  Add("b", {1}, {{"colour", "blue"}});
  Add("c", {1}, {{"colour", "blue"}});
  EXPECT_EQ(Hits(PhotoOf(1)).at(0).id, "a");
  const auto blue = Hits(PhotoOf(1), {.where = {{"colour", "blue"}}});
  ASSERT_THAT(blue, SizeIs(1));
  EXPECT_EQ(blue[0].id, "b");
  EXPECT_THAT(blue[0].twins, ElementsAre("c"));
  EXPECT_EQ(blue[0].metadata, (Metadata{{"colour", "blue"}}));
  const auto without = Hits(PhotoOf(1), {.without = {"a", "b"}});
  ASSERT_THAT(without, SizeIs(1));
  EXPECT_EQ(without[0].id, "c");
  EXPECT_THAT(Hits(PhotoOf(1), {.without = {"a", "b", "c"}}), IsEmpty());
  ASSERT_TRUE(engine_->Remove("a"));
  EXPECT_EQ(Hits(PhotoOf(1)).at(0).id, "b");
}

TEST_F(Pictures, IndexingTouchesOnlyThePicturesThatChanged) {
  auto catalogue = CatalogueOf({{"box", {1, 2}}, {"bag", {3}}});
  std::vector<PictureOutcome::Kind> kinds;
  const IndexOptions options{.outcome = [&kinds](const CatalogueEntry&, const PictureOutcome& p) {
    kinds.push_back(p.kind);
  }};
  using Kind = PictureOutcome::Kind;
  EXPECT_EQ(engine_->IndexCatalogue(catalogue, options)->added, 2u);
  EXPECT_THAT(kinds, ElementsAre(Kind::kAdded, Kind::kAdded, Kind::kAdded));
  const auto before = (*engine_->Find("box"))->pictures;
  test::WriteImage(File(2), Shot(20));
  kinds.clear();
  const auto report = engine_->IndexCatalogue(catalogue, options);
  EXPECT_EQ(report->updated, 1u);
  EXPECT_EQ(report->unchanged, 1u);
  EXPECT_THAT(kinds, ElementsAre(Kind::kUnchanged, Kind::kUpdated, Kind::kUnchanged));
  EXPECT_EQ((*engine_->Find("box"))->pictures[0], before[0]);
  EXPECT_THAT(Hits(PhotoOf(20)), SizeIs(1));
  EXPECT_THAT(Hits(PhotoOf(2)), IsEmpty());
  ExpectSound();
}

TEST_F(Pictures, PruningRemovesPicturesToo) {
  ASSERT_TRUE(engine_->IndexCatalogue(CatalogueOf({{"box", {1, 2}}, {"bag", {3}}}), {}));
  const auto smaller = CatalogueOf({{"box", {2, 4}}});
  auto report = engine_->IndexCatalogue(smaller, {});
  EXPECT_EQ(report->stale_pictures, 1u);
  EXPECT_EQ(report->removed_pictures, 0u);
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(3));
  EXPECT_EQ((*engine_->Find("box"))->pictures[0].path, File(2));  // the order of the catalogue
  report = engine_->IndexCatalogue(smaller, {.prune = true});
  EXPECT_EQ(report->removed_pictures, 1u);
  EXPECT_EQ(report->removed, 1u);
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(2));
  EXPECT_THAT(Hits(PhotoOf(1)), IsEmpty());
  EXPECT_EQ(engine_->IndexCatalogue(smaller, {.prune = true})->unchanged, 1u);
  ExpectSound();
}

TEST_F(Pictures, AnItemIsAddedWithThePicturesThatCanBeRead) {
  auto catalogue = CatalogueOf({{"box", {1, 2}}, {"bag", {3}}});
  fs::remove(File(2));
  catalogue.entries[0].images[1] = folder_ / "2.png";
  test::WriteBytes(folder_ / "3.png", "no picture");
  const auto report = engine_->IndexCatalogue(catalogue, {});
  EXPECT_EQ(report->added, 1u);
  EXPECT_EQ(report->failed, 2u);
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(1));
  EXPECT_FALSE(*engine_->Find("bag"));  // all of its pictures failed
}

TEST_F(Pictures, APictureThatIsGoneKeepsWhatIsKnownOfIt) {
  const auto catalogue = CatalogueOf({{"box", {1, 2}}});
  ASSERT_TRUE(engine_->IndexCatalogue(catalogue, {}));
  fs::remove(catalogue.entries[0].images[1]);
  const auto report = engine_->IndexCatalogue(catalogue, {.prune = true});
  EXPECT_EQ(report->failed, 1u);
  EXPECT_EQ(report->removed_pictures, 0u);
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(2));
  fs::remove(catalogue.entries[0].images[0]);
  EXPECT_EQ(engine_->IndexCatalogue(catalogue, {.prune = true})->failed, 2u);
  EXPECT_THAT((*engine_->Find("box"))->pictures, SizeIs(2));
}

}  // namespace
}  // namespace inlier
