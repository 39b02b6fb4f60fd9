#include "render/corruption.h"

#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

#include "core/parallel.h"
#include "tests/render/test_pictures.h"
#include "tests/support/drawn.h"

namespace inlier::test {
namespace {

TEST(Corruption, TheFirstSeveritiesOfAllCorruptionsAreTheSamePhoto) {
  const Image base = Render("darkness", 0).photo;
  for (const Corruption& corruption : Corruptions()) {
    EXPECT_EQ(Render(corruption.name, corruption.severities[0]).photo.pixels, base.pixels)
        << corruption.name;
  }
}

TEST(Corruption, EverySeverityIsAPhotoWithItsItemsInside) {
  for (const Corruption& corruption : Corruptions()) {
    EXPECT_GE(corruption.severities.size(), 5u);
    EXPECT_FALSE(corruption.meaning.empty());
    Image before;
    for (const double severity : corruption.severities) {
      const RenderedPhoto scene = Render(corruption.name, severity, 3);
      SCOPED_TRACE(std::string(corruption.name) + " " + std::to_string(severity));
      EXPECT_EQ(scene.photo.width_px, 800);
      EXPECT_EQ(scene.photo.height_px, 600);
      EXPECT_EQ(scene.photo.channels, 3);
      ASSERT_EQ(scene.placed.size(),
                corruption.name == "items" ? static_cast<std::size_t>(severity) : 1u);
      for (std::size_t i = 0; i < scene.placed.size(); ++i) {
        EXPECT_EQ(scene.placed[i].item, i);
        EXPECT_EQ(scene.placed[i].outline.size() % 4, 0u);
        EXPECT_EQ(scene.placed[i].outline.size() == 4,
                  corruption.name != "bending" || severity == 0);
        for (const Point p : scene.placed[i].outline) {
          EXPECT_TRUE(p.x_px > 0 && p.x_px < 799 && p.y_px > 0 && p.y_px < 599)
              << p.x_px << " " << p.y_px;
        }
      }
      if (!before.empty()) {
        EXPECT_GT(MeanDifference(before, scene.photo), 0.3);
      }
      before = scene.photo;
    }
  }
}

TEST(Corruption, AnUprightBackgroundGivesAnUprightPhoto) {
  const auto scene = RenderCorrupted("items", 6, Items(), Occluder(), DrawTexture(4, 300, 500), 1);
  ASSERT_TRUE(scene);
  EXPECT_EQ(scene->photo.width_px, 600);
  EXPECT_EQ(scene->photo.height_px, 800);
}

TEST(Corruption, GreyPicturesWillDo) {
  const std::vector<Image> items{ToGrey(Item())};
  EXPECT_TRUE(RenderCorrupted("view", 30, items, ToGrey(Occluder()), ToGrey(Background()), 1));
}

TEST(Corruption, OnePixelWillDo) {
  const std::vector<Image> items{Plain(kGreen, 1, 1)};
  for (const Corruption& corruption : Corruptions()) {
    if (corruption.name == "items") continue;
    EXPECT_TRUE(RenderCorrupted(corruption.name, corruption.severities.back(), items, items[0],
                                items[0], 1))
        << corruption.name;
  }
}

TEST(Corruption, TheSeedAloneDecides) {
  struct Case {
    std::string_view corruption;
    double severity;
  };
  std::vector<Case> cases;
  for (const Corruption& corruption : Corruptions())
    cases.push_back({corruption.name, corruption.severities.back()});
  std::vector<Image> alone, together(cases.size());
  cv::setNumThreads(1);
  for (const Case& c : cases) alone.push_back(Render(c.corruption, c.severity, 5).photo);
  cv::setNumThreads(2);
  ParallelFor(cases.size(), 4, [&](std::size_t i) {
    together[i] = Render(cases[i].corruption, cases[i].severity, 5).photo;
  });
  cv::setNumThreads(-1);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(alone[i].pixels, together[i].pixels) << cases[i].corruption;
    EXPECT_NE(alone[i].pixels, Render(cases[i].corruption, cases[i].severity, 6).photo.pixels)
        << cases[i].corruption;
  }
}

TEST(Corruption, ViewsDifferFromSeedToSeed) {
  Image before;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto view = RenderView(Item(), Occluder(), Background(), seed);
    ASSERT_TRUE(view) << view.error().message;
    ASSERT_EQ(view->placed.size(), 1u);
    EXPECT_EQ(RenderView(Item(), Occluder(), Background(), seed)->photo.pixels, view->photo.pixels);
    EXPECT_NE(view->photo.pixels, before.pixels);
    before = view->photo;
  }
}

TEST(Corruption, MistakesAreReported) {
  const auto message = [](const auto& result) {
    EXPECT_FALSE(result);
    if (result) return std::string();
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    return result.error().message;
  };
  const auto render = [&](std::string_view corruption, double severity) {
    return message(RenderCorrupted(corruption, severity, Items(), Occluder(), Background(), 1));
  };
  EXPECT_NE(render("fog", 1).find("fog"), std::string::npos);
  EXPECT_NE(render("view", 76).find("view: severity 76"), std::string::npos);
  EXPECT_NE(render("jpeg", 100).find("jpeg: severity 100"), std::string::npos);
  EXPECT_NE(render("scale", std::nan("")).find("scale"), std::string::npos);
  EXPECT_NE(render("items", 2.5).find("whole"), std::string::npos);
  const std::span<const Image> two(Items().data(), 2);
  EXPECT_NE(message(RenderCorrupted("items", 3, two, Occluder(), Background(), 1)).find("2 items"),
            std::string::npos);
  EXPECT_EQ(message(RenderCorrupted("view", 0, {}, Occluder(), Background(), 1)), "no items");
  EXPECT_EQ(message(RenderCorrupted("view", 0, two, {}, Background(), 1)), "the occluder is empty");
  EXPECT_EQ(message(RenderCorrupted("view", 0, two, Occluder(), {}, 1)), "the background is empty");
  const std::vector<Image> empty(1);
  EXPECT_EQ(message(RenderCorrupted("view", 0, empty, Occluder(), Background(), 1)),
            "item 0 is empty");
  EXPECT_EQ(message(RenderView({}, Occluder(), Background(), 1)), "item 0 is empty");
  Image torn = Item();
  torn.pixels.resize(100);
  EXPECT_NE(message(RenderView(torn, Occluder(), Background(), 1)).find("100 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace inlier::test
