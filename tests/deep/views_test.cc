#include "deep/views.h"

#include <gtest/gtest.h>

#include "tests/support/drawn.h"

namespace inlier {
namespace {

TEST(SyntheticView, DependsOnItsArgumentsAlone) {
  const Image item = test::DrawTexture(1, 200, 300), background = test::DrawTexture(2, 320, 240);
  const Image view = SyntheticView(item, background, 7);
  EXPECT_EQ(view.channels, 3);
  EXPECT_GE(std::min(view.width_px, view.height_px), 200);
  EXPECT_EQ(view.pixels, SyntheticView(item, background, 7).pixels);
  EXPECT_NE(view.pixels, SyntheticView(item, background, 8).pixels);
  EXPECT_NE(view.pixels, SyntheticView(background, item, 7).pixels);
}

TEST(SyntheticView, TakesAnyImage) {
  const Image dot{1, 1, 3, {1, 2, 3}}, line{300, 1, 1, std::vector<std::uint8_t>(300, 9)};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    EXPECT_FALSE(SyntheticView(dot, line, seed).empty());
    EXPECT_FALSE(SyntheticView(line, dot, seed).empty());
  }
}

}  // namespace
}  // namespace inlier
