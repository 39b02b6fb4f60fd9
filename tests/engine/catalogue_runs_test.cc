// What one item of a catalogue means for the others: it may be refused, or have many pictures.
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
using testing::HasSubstr;

class CatalogueRuns : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::Open(folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  CatalogueEntry Entry(const std::string& id, unsigned pictures) {
    CatalogueEntry entry{.id = id, .images = {}, .metadata = {}};
    for (unsigned i = 0; i < pictures; ++i) {
      entry.images.push_back(folder_ / (id + "_" + std::to_string(i) + ".png"));
      test::WriteImage(entry.images.back(), test::DrawTexture(next_++, 64, 64));
    }
    return entry;
  }
  IndexReport Index(const Catalogue& catalogue, const IndexOptions& options = {}) {
    const auto report = engine_->IndexCatalogue(catalogue, options);
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(IndexReport{});
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
  unsigned next_ = 0;
};

TEST_F(CatalogueRuns, AnItemThatIsRefusedFailsAlone) {
  Catalogue catalogue;
  catalogue.entries = {Entry("first", 1), Entry("big", 2), Entry("last", 1)};
  catalogue.entries[1].metadata = {{"text", std::string(200'000, 'x')}};
  std::vector<std::string> failed;
  const IndexReport report = Index(
      catalogue, {.outcome = [&failed](const CatalogueEntry& entry, const PictureOutcome& outcome) {
        if (outcome.kind != PictureOutcome::Kind::kFailed) return;
        failed.push_back(entry.id);
        EXPECT_THAT(outcome.error.message, HasSubstr("more than 131072"));
      }});
  EXPECT_THAT(failed, ElementsAre("big", "big"));
  EXPECT_EQ(report.added, 2u);
  EXPECT_EQ(report.failed, 2u);
  EXPECT_TRUE(*engine_->Find("first"));
  EXPECT_FALSE(*engine_->Find("big"));
  EXPECT_TRUE(*engine_->Find("last"));
  EXPECT_TRUE(engine_->Check()->problems.empty());
}

TEST_F(CatalogueRuns, AnItemThatIsRefusedLaterStaysAsItWas) {
  Catalogue catalogue;
  catalogue.entries = {Entry("box", 1)};
  EXPECT_EQ(Index(catalogue).added, 1u);
  catalogue.entries[0].metadata = {{"text", std::string(200'000, 'x')}};
  const IndexReport report = Index(catalogue, {.prune = true});
  EXPECT_EQ(report.failed, 1u);
  EXPECT_EQ(report.updated + report.unchanged + report.removed, 0u);
  EXPECT_TRUE((*engine_->Find("box"))->metadata.empty());
}

TEST_F(CatalogueRuns, AnItemWhosePictureIsGoneIsNotOneWithoutFeatures) {
  Catalogue catalogue;
  catalogue.entries = {Entry("box", 1)};
  EXPECT_EQ(Index(catalogue).without_features, 0u);
  fs::remove(catalogue.entries[0].images[0]);
  const IndexReport report = Index(catalogue);
  EXPECT_EQ(report.failed, 1u);
  EXPECT_EQ(report.without_features, 0u);
}

// Memory holds the features of one batch, so that a batch may not have many pictures.
TEST_F(CatalogueRuns, ItemsWithManyPicturesAreWrittenBeforeMoreAreRead) {
  Catalogue catalogue;
  for (const char* id : {"a", "b", "c"}) catalogue.entries.push_back(Entry(id, 40));
  std::vector<std::string> events;
  Index(catalogue, {.threads = 2,
                    .progress =
                        [&events](const Progress& at) {
                          if (at.stage == "extract")
                            events.push_back("read " + std::to_string(at.done));
                        },
                    .outcome =
                        [&events](const CatalogueEntry& entry, const PictureOutcome&) {
                          if (events.back() != entry.id) events.push_back(entry.id);
                        }});
  EXPECT_THAT(events, ElementsAre("read 1", "a", "read 2", "b", "read 3", "c"));
}

}  // namespace
}  // namespace inlier
