// One item that stands in a photo several times.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr int kPhotoWidth = 1200, kPhotoHeight = 800;
constexpr double kScale = 0.9;

class FacingsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    for (unsigned i = 0; i < 6; ++i) {
      const auto path = *folder_ / fmt::format("{}.png", i);
      test::WriteImage(path, Item(i));
      ASSERT_TRUE((*engine)->Add(std::to_string(i), path));
    }
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Image Item(unsigned number) { return test::DrawTexture(200 + number, kWidth, kHeight); }

  static Image Shelf(const std::vector<std::pair<unsigned, Point>>& places) {
    Image photo =
        test::Warp(Item(places[0].first), PlaceAt(places[0].second), kPhotoWidth, kPhotoHeight, 0);
    for (std::size_t i = 1; i < places.size(); ++i)
      photo = test::WarpOnto(photo, Item(places[i].first), PlaceAt(places[i].second));
    return photo;
  }
  static Homography PlaceAt(Point centre) {
    return test::Similarity(kWidth, kHeight, kScale, 0.05, centre);
  }

  static std::vector<Hit> Ask(const Image& photo, int facings = DecisionOptions{}.facings) {
    EngineOptions options;
    options.decide.facings = facings;
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
    EXPECT_TRUE(engine) << engine.error().message;
    if (!engine) return {};
    auto answer = (*engine)->Query(photo);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? std::move(answer->hits) : std::vector<Hit>{};
  }

  static bool IsAt(const Hit& hit, Point centre) {
    const Point corner = Transform(PlaceAt(centre), {-0.5f, -0.5f});
    const Point& found = (*hit.polygon)[0];
    return std::hypot(found.x_px - corner.x_px, found.y_px - corner.y_px) < 5;
  }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> FacingsTest::folder_;

const std::vector<Point> kSix{{200, 200}, {600, 200}, {1000, 200},
                              {200, 600}, {600, 600}, {1000, 600}};

TEST_F(FacingsTest, SixOfOneItemAreSixHits) {
  std::vector<std::pair<unsigned, Point>> places;
  for (const Point& p : kSix) places.emplace_back(2, p);
  const auto hits = Ask(Shelf(places));
  ASSERT_EQ(hits.size(), kSix.size());
  for (const Hit& hit : hits) {
    EXPECT_EQ(hit.id, "2");
    EXPECT_TRUE(hit.accepted);
  }
  for (const Point& p : kSix)
    EXPECT_EQ(std::ranges::count_if(hits, [p](const Hit& hit) { return IsAt(hit, p); }), 1)
        << p.x_px << ", " << p.y_px;
}

TEST_F(FacingsTest, FacingsOfTwoItemsAreToldApart) {
  const auto hits = Ask(Shelf({{1, kSix[0]}, {4, kSix[1]}, {1, kSix[2]}, {4, kSix[4]}}));
  ASSERT_EQ(hits.size(), 4u);
  for (const auto& [id, places] : {std::pair{"1", std::array{kSix[0], kSix[2]}},
                                   std::pair{"4", std::array{kSix[1], kSix[4]}}}) {
    for (const Point& p : places)
      EXPECT_EQ(
          std::ranges::count_if(hits, [&](const Hit& hit) { return hit.id == id && IsAt(hit, p); }),
          1);
  }
}

TEST_F(FacingsTest, NoMoreAreSoughtThanAskedFor) {
  EXPECT_EQ(Ask(Shelf({{2, kSix[0]}, {2, kSix[1]}, {2, kSix[5]}}), 2).size(), 2u);
}

TEST_F(FacingsTest, OneFacingIsOneHit) { EXPECT_EQ(Ask(Shelf({{3, kSix[4]}})).size(), 1u); }

}  // namespace
}  // namespace inlier
