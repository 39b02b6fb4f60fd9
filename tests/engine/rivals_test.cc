// Hypotheses that claim one place of a photo, as those of siblings do.
#include <gtest/gtest.h>

#include "engine/rivals.h"
#include "engine/score.h"

namespace inlier {
namespace {

constexpr float kSide_px = 100;

// A place that begins at `left_px`, with two inliers in its middle.
class RivalsTest : public testing::Test {
 protected:
  static Hypothesis At(float left_px, ItemNumber item, double agreement) {
    Hypothesis hypothesis;
    hypothesis.face = static_cast<FaceNumber>(item);
    hypothesis.items = {item};
    hypothesis.hit.polygon = {{{left_px, 0},
                               {left_px + kSide_px, 0},
                               {left_px + kSide_px, kSide_px},
                               {left_px, kSide_px}}};
    hypothesis.hit.evidence.agreement = agreement;
    hypothesis.hit.evidence.visible = 1;
    for (const float x : {40.0f, 60.0f})
      hypothesis.hit.matches.push_back({.photo = {left_px + x, 50}, .item = {x, 50}});
    return hypothesis;
  }

  static std::vector<double> Margins(std::vector<Hypothesis> hypotheses) {
    CompareRivals(hypotheses);
    std::vector<double> margins;
    for (const Hypothesis& hypothesis : hypotheses)
      margins.push_back(hypothesis.hit.evidence.agreement_margin);
    return margins;
  }
};

TEST_F(RivalsTest, TheOneThatLooksBetterWinsItsPlace) {
  const auto margins = Margins({At(0, 1, 0.7), At(10, 2, 0.4), At(5, 3, 0.65)});
  EXPECT_NEAR(margins[0], 0.05, 1e-9);
  EXPECT_NEAR(margins[1], -0.3, 1e-9);
  EXPECT_NEAR(margins[2], -0.05, 1e-9);
}

TEST_F(RivalsTest, ItemsSideBySideAreNoRivals) {
  for (const double margin : Margins({At(0, 1, 0.7), At(200, 2, 0.4)}))
    EXPECT_EQ(margin, kMaxAgreementMargin);
}

TEST_F(RivalsTest, AGreatLeadSaysNoMoreThanNoRival) {
  EXPECT_EQ(Margins({At(0, 1, 0.9), At(10, 2, 0.1)})[0], kMaxAgreementMargin);
}

TEST_F(RivalsTest, TwinsAndOtherPicturesOfAnItemAreNoRivals) {
  Hypothesis own = At(0, 1, 0.7), twin = At(0, 2, 0.6), picture = At(0, 1, 0.6);
  own.twins = {{.face = twin.face}};
  twin.twins = {{.face = own.face}};
  for (const double margin : Margins({own, twin})) EXPECT_EQ(margin, kMaxAgreementMargin);
  for (const double margin : Margins({own, picture})) EXPECT_EQ(margin, kMaxAgreementMargin);
}

TEST_F(RivalsTest, WhatHasNoPlaceOrNoItemIsNoRival) {
  Hypothesis nowhere = At(0, 2, 0.6), nameless = At(0, 3, 0.6);
  nowhere.hit.polygon.reset();
  nameless.items.clear();
  EXPECT_EQ(Margins({At(0, 1, 0.7), nowhere, nameless})[0], kMaxAgreementMargin);
}

}  // namespace
}  // namespace inlier
