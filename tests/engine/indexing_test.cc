// What indexing a catalogue reports of each picture, and what pruning leaves alone.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using Kind = PictureOutcome::Kind;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr int kWidth = 320, kHeight = 240;

Image Item(unsigned i) { return test::DrawTexture(100 + i, kWidth, kHeight); }

// A picture on which nothing can be found.
Image Plain() {
  Image image{.width_px = 64, .height_px = 64, .channels = 3};
  image.pixels.assign(3 * 64 * 64, 255);
  return image;
}

std::unique_ptr<Engine> Open(const fs::path& folder) {
  auto engine = Engine::Open(folder, OpenMode::kCreate);
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(*engine);
}

class Indexing : public testing::Test {
 protected:
  void Write(const std::string& name, const test::FileBytes& bytes) {
    test::WriteBytes(Items() / name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void WriteItem(const std::string& name, unsigned i, const std::string& ending = ".jpg") {
    Write(name, test::Encode(Item(i), ending));
  }
  fs::path Items() const { return folder_ / "items"; }

  // Indexes the folder of items, and keeps what was said of each picture.
  IndexReport Index(Engine& engine, bool prune = false) {
    outcomes_.clear();
    spared_.clear();
    const auto catalogue = ReadCatalogue(Items());
    EXPECT_TRUE(catalogue) << catalogue.error().message;
    const auto report = engine.IndexCatalogue(
        *catalogue,
        {.threads = 2,
         .prune = prune,
         .outcome = [this](const auto& entry, const auto& done) { outcomes_[entry.id] = done; },
         .spared = [this](const auto& id, const auto& file) { spared_[id] = file; }});
    EXPECT_TRUE(report) << report.error().message;
    return *report;
  }

  const test::TempFolder folder_;
  std::map<std::string, PictureOutcome> outcomes_;
  std::map<std::string, std::string> spared_;
};

TEST_F(Indexing, IndexTouchesOnlyWhatChanged) {
  Catalogue catalogue;
  for (unsigned i = 0; i < 4; ++i) {
    const auto path = folder_ / (std::to_string(i) + ".png");
    test::WriteImage(path, Item(i));
    catalogue.entries.push_back({std::to_string(i), {path}, {}});
  }
  const auto engine = Open(folder_ / "db");
  EXPECT_EQ(engine->IndexCatalogue(catalogue, {})->added, 4u);
  EXPECT_EQ(engine->IndexCatalogue(catalogue, {})->unchanged, 4u);
  test::WriteImage(catalogue.entries[1].images.front(), Item(50));        // another picture
  catalogue.entries[2].metadata = {{"colour", "red"}};                    // other metadata
  catalogue.entries.push_back({"absent", {folder_ / "absent.png"}, {}});  // no such file
  std::vector<std::string> failed;
  const auto report = engine->IndexCatalogue(
      catalogue, {.outcome = [&](const CatalogueEntry& entry, const PictureOutcome& outcome) {
        if (outcome.kind == PictureOutcome::Kind::kFailed) failed.push_back(entry.id);
      }});
  EXPECT_EQ(report->updated, 2u);
  EXPECT_EQ(report->unchanged, 2u);
  EXPECT_EQ(failed, std::vector<std::string>{"absent"});
  EXPECT_EQ((*engine->Find("2"))->metadata, (Metadata{{"colour", "red"}}));
  const auto map = test::Similarity(kWidth, kHeight, 1, 0, {400, 300});
  EXPECT_EQ(engine->Query(test::Warp(Item(50), map, 800, 600, 55))->hits.front().id, "1");
  EXPECT_TRUE(engine->Query(test::Warp(Item(1), map, 800, 600, 55))->hits.empty());
  catalogue.entries.resize(1);
  EXPECT_EQ(engine->IndexCatalogue(catalogue, {.prune = true})->removed, 3u);
  EXPECT_EQ(engine->Stats()->items, 1u);
}

TEST_F(Indexing, EachPictureHasItsOutcome) {
  const auto engine = Open(folder_ / "db");
  WriteItem("a.jpg", 1);
  WriteItem("b.jpg", 2);
  Index(*engine);
  EXPECT_EQ(outcomes_["a"].kind, Kind::kAdded);
  EXPECT_EQ(outcomes_["a"].features, FeatureCount(**engine->Find("a")));
  EXPECT_GT(outcomes_["a"].features, 100u);
  WriteItem("b.jpg", 3);
  WriteItem("c.jpg", 4);
  test::WriteBytes(Items() / "d.jpg", "no picture");
  const IndexReport report = Index(*engine);
  EXPECT_EQ(outcomes_["a"].kind, Kind::kUnchanged);
  EXPECT_EQ(outcomes_["a"].features, FeatureCount(**engine->Find("a")));
  EXPECT_EQ(outcomes_["b"].kind, Kind::kUpdated);
  EXPECT_EQ(outcomes_["c"].kind, Kind::kAdded);
  EXPECT_EQ(outcomes_["d"].kind, Kind::kFailed);
  EXPECT_EQ(outcomes_["d"].features, 0u);
  EXPECT_NE(outcomes_["d"].error.message, "");
  EXPECT_EQ(report.added + report.updated + report.unchanged + report.failed, 4u);
}

TEST_F(Indexing, FailuresAreCountedByCause) {
  test::FileBytes cut = test::Encode(Item(1), ".jpg");
  cut.resize(cut.size() / 2);
  Write("cut.jpg", cut);
  cut.resize(cut.size() / 2);
  Write("cut again.jpg", cut);
  Write("huge.png", test::Png(40'000, 40'000, 8, 2, {0}));
  Write("empty.jpg", {});
  test::WriteBytes(Items() / "text.jpg", "no picture");
  test::WriteBytes(Items() / "big.jpg", "\xFF\xD8\xFF");
  fs::resize_file(Items() / "big.jpg", DecodeLimits{}.max_file_bytes + 1);
  fs::create_symlink(folder_ / "nowhere", Items() / "gone.jpg");
  fs::create_symlink("/dev/null", Items() / "device.jpg");
  const IndexReport report = Index(*Open(folder_ / "db"));
  EXPECT_EQ(report.failed, 8u);
  EXPECT_THAT(report.causes, UnorderedElementsAre(Pair("damaged", 2), Pair("too large", 2),
                                                  Pair("not a picture", 2), Pair("not there", 1),
                                                  Pair("cannot be read", 1)));
  EXPECT_EQ(CauseOf(outcomes_["huge"].error), "too large");
}

TEST_F(Indexing, ItemsWithoutFeaturesAreCounted) {
  const auto engine = Open(folder_ / "db");
  WriteItem("a.jpg", 1);
  Write("plain.png", test::Encode(Plain(), ".png"));
  EXPECT_EQ(Index(*engine).without_features, 1u);
  EXPECT_EQ(outcomes_["plain"].kind, Kind::kAdded);
  EXPECT_EQ(outcomes_["plain"].features, 0u);
  EXPECT_EQ(Index(*engine).without_features, 1u);  // it still is, though nothing changed
  EXPECT_EQ(engine->Stats()->items_without_features, 1u);
  ASSERT_TRUE(engine->Remove("a"));
  EXPECT_EQ(engine->Stats()->items_without_features, 1u);
  WriteItem("plain.png", 2, ".png");
  EXPECT_EQ(Index(*engine).without_features, 0u);
  EXPECT_EQ(engine->Stats()->items_without_features, 0u);
}

TEST_F(Indexing, PruningRemovesWhatIsGone) {
  const auto engine = Open(folder_ / "db");
  for (const char* name : {"a.jpg", "b.jpg"}) WriteItem(name, 1);
  Index(*engine);
  fs::remove(Items() / "b.jpg");
  test::WriteBytes(Items() / "c.txt", "a text of another name");
  EXPECT_EQ(Index(*engine, true).removed, 1u);
  EXPECT_FALSE(*engine->Find("b"));
}

TEST_F(Indexing, PruningKeepsAnItemWhosePictureHasAnotherName) {
  const auto engine = Open(folder_ / "db");
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) WriteItem(name, 1);
  Index(*engine);
  fs::rename(Items() / "a.jpg", Items() / "a.jfif");
  fs::rename(Items() / "b.jpg", Items() / "b");
  fs::rename(Items() / "c.jpg", Items() / "c.jpg_large");
  const IndexReport report = Index(*engine, true);
  EXPECT_EQ(report.removed, 0u);
  EXPECT_EQ(report.updated, 3u);
  EXPECT_EQ((*engine->Find("a"))->pictures[0].path, (Items() / "a.jfif").string());
  EXPECT_TRUE(*engine->Find("b"));
  EXPECT_TRUE(*engine->Find("c"));
}

TEST_F(Indexing, PruningKeepsAnItemWhosePictureFailed) {
  const auto engine = Open(folder_ / "db");
  for (const char* name : {"cut.jpg", "text.jpg", "gone.jpg", "a.jpg"}) WriteItem(name, 1);
  Index(*engine);
  test::FileBytes cut = test::Encode(Item(1), ".jpg");
  cut.resize(cut.size() / 2);
  Write("cut.jpg", cut);
  test::WriteBytes(Items() / "text.jpg", "no picture");
  fs::remove(Items() / "gone.jpg");
  fs::create_symlink(folder_ / "nowhere", Items() / "gone.jpg");
  const IndexReport report = Index(*engine, true);
  EXPECT_EQ(report.failed, 3u);
  EXPECT_EQ(report.removed, 0u);
  EXPECT_EQ(engine->Stats()->items, 4u);
  EXPECT_EQ(engine->Stats()->items_without_features, 0u);  // they keep their old pictures
}

TEST_F(Indexing, PruningKeepsAnItemWhosePictureWasLeftOut) {
  const auto engine = Open(folder_ / "db");
  for (const char* name : {"a.jpg", "deep/b.jpg", "c.jpg"}) WriteItem(name, 1);
  Index(*engine);
  fs::remove(Items() / "deep/b.jpg");
  test::WriteBytes(Items() / "deep/b.psd", "8BPS and a form that is not read");
  fs::remove(Items() / "c.jpg");
  const IndexReport report = Index(*engine, true);
  EXPECT_EQ(report.removed, 1u);
  EXPECT_EQ(report.spared, 1u);
  EXPECT_THAT(spared_, ElementsAre(Pair("deep/b", "deep/b.psd")));
  EXPECT_TRUE(*engine->Find("deep/b"));
  EXPECT_FALSE(*engine->Find("c"));
  fs::remove(Items() / "deep/b.psd");
  EXPECT_EQ(Index(*engine, true).removed, 1u);
}

TEST_F(Indexing, TwoFilesOfOneIdKeepPruningFromRemovingAnything) {
  const auto engine = Open(folder_ / "db");
  WriteItem("a.jpg", 1);
  WriteItem("b.jpg", 2);
  Index(*engine);
  WriteItem("a.png", 3, ".png");
  fs::remove(Items() / "b.jpg");
  const auto catalogue = ReadCatalogue(Items());
  ASSERT_EQ(catalogue->rejected.size(), 1u);
  EXPECT_EQ(engine->IndexCatalogue(*catalogue, {.prune = true}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->Stats()->items, 2u);
}

}  // namespace
}  // namespace inlier
