#pragma once

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {

inline constexpr int kItems = 12;
inline constexpr int kWidth = 320, kHeight = 240;

inline Image Item(unsigned i) { return test::DrawTexture(100 + i, kWidth, kHeight); }

inline std::unique_ptr<Engine> Open(const std::filesystem::path& folder,
                                    OpenMode mode = OpenMode::kCreate, int threads = 1) {
  auto engine = Engine::Open(folder, mode, {.threads = threads});
  EXPECT_TRUE(engine) << engine.error().message;
  return engine ? std::move(*engine) : nullptr;
}

// A catalogue of drawn items, indexed once for all tests of the suite.
class EngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    for (unsigned i = 0; i < kItems; ++i) {
      const auto path = *folder_ / ("items/" + std::to_string(i) + ".png");
      test::WriteImage(path, Item(i));
      catalogue_.entries.push_back(
          {std::to_string(i), {path}, {{"parity", i % 2 ? "odd" : "even"}}});
    }
    const auto report = Open(*folder_ / "db")->IndexCatalogue(catalogue_, {});
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->added, static_cast<std::size_t>(kItems));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static void ExpectPlace(const Hit& hit, const Homography& truth) {
    ASSERT_TRUE(hit.polygon);
    const float w = kWidth - 0.5f, h = kHeight - 0.5f;
    const std::array<Point, 4> corners{Point{-0.5f, -0.5f}, Point{w, -0.5f}, Point{w, h},
                                       Point{-0.5f, h}};
    for (std::size_t i = 0; i < 4; ++i) {
      const Point expected = Transform(truth, corners[i]);
      EXPECT_NEAR((*hit.polygon)[i].x_px, expected.x_px, 2) << hit.id << " corner " << i;
      EXPECT_NEAR((*hit.polygon)[i].y_px, expected.y_px, 2) << hit.id << " corner " << i;
    }
  }

  inline static std::unique_ptr<test::TempFolder> folder_;
  inline static Catalogue catalogue_;
};

}  // namespace inlier
