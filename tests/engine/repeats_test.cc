// Items that are patterns: tiles, wallpapers, fabrics.
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr int kTile = 110;

// A motif that is repeated in both directions, equal to the pixel.
Image Tiled(unsigned seed, int columns, int rows) {
  const Image motif = test::DrawTexture(seed, kTile, kTile);
  Image tiled{.width_px = columns * kTile, .height_px = rows * kTile, .channels = motif.channels};
  for (int y = 0; y < tiled.height_px; ++y) {
    for (int x = 0; x < tiled.width_px; ++x) {
      const auto from = static_cast<std::size_t>((y % kTile) * kTile + x % kTile);
      for (int c = 0; c < motif.channels; ++c)
        tiled.pixels.push_back(motif.pixels[from * static_cast<std::size_t>(motif.channels) +
                                            static_cast<std::size_t>(c)]);
    }
  }
  return tiled;
}

class RepeatsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::Open(folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    for (unsigned i = 0; i < 6; ++i) {
      Add("tiles" + std::to_string(i), Tiled(300 + i, 3, 3));
      Add("plain" + std::to_string(i), test::DrawTexture(400 + i, 330, 330));
    }
    ASSERT_TRUE(engine_->Checkpoint());
  }

  void Add(const std::string& id, const Image& image) {
    test::WriteImage(folder_ / (id + ".png"), image);
    ASSERT_TRUE(engine_->Add(id, folder_ / (id + ".png")));
  }

  std::vector<Hit> Ask(const Image& shown) {
    const Homography place =
        test::Similarity(shown.width_px, shown.height_px, 1.1, 0.1, {400, 300});
    auto answer = engine_->Query(test::Warp(shown, place, 800, 600, 88), {.all = true});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? std::move(answer->hits) : std::vector<Hit>{};
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(RepeatsTest, AMotifInThreeByThreeIsFoundOrNamedAPattern) {
  for (unsigned i = 0; i < 3; ++i) {
    const auto hits = Ask(Tiled(300 + i, 3, 3));
    ASSERT_FALSE(hits.empty());
    EXPECT_EQ(hits[0].id, "tiles" + std::to_string(i));
    EXPECT_TRUE(hits[0].accepted || hits[0].reason == Reason::kRepeats) << i;
    for (std::size_t k = 1; k < hits.size(); ++k) EXPECT_FALSE(hits[k].accepted);
  }
}

TEST_F(RepeatsTest, AWholeWallOfTilesIsFoundOrNamedAPattern) {
  const auto hits = Ask(Tiled(301, 6, 5));
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].id, "tiles1");
  for (const Hit& hit : hits)
    EXPECT_TRUE(hit.id == "tiles1" ? hit.accepted || hit.reason == Reason::kRepeats
                                   : !hit.accepted);
}

TEST_F(RepeatsTest, WhatDoesNotRepeatIsNoPattern) {
  const auto hits = Ask(test::DrawTexture(402, 330, 330));
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].id, "plain2");
  EXPECT_TRUE(hits[0].accepted);
  for (const Hit& hit : hits) {
    const bool is_pattern = hit.id.starts_with("tiles");
    EXPECT_TRUE(is_pattern || hit.reason != Reason::kRepeats) << hit.id;
  }
}

}  // namespace
}  // namespace inlier
