// Why a hit is not accepted: what it lacks most.
#include <gtest/gtest.h>

#include "engine/reason.h"

namespace inlier {
namespace {

constexpr double kPhotoSide_px = 800;

// Nearly a right hit, with an outline of `side_px`.
Hit NearlyRight(float side_px = 300) {
  Hit hit;
  hit.polygon = {{{10, 10}, {10 + side_px, 10}, {10 + side_px, 10 + side_px}, {10, 10 + side_px}}};
  hit.evidence = {.inliers = 40, .matches = 90, .item_coverage = 0.5, .photo_share = 0.15};
  hit.evidence.agreement = 0.65;
  hit.evidence.descriptor_agreement = 0.6;
  hit.evidence.visible = 1;
  hit.evidence.colour_shift = hit.evidence.colour_error = 0.18;
  hit.evidence.agreement_margin = kMaxAgreementMargin;
  return hit;
}

class ReasonTest : public testing::TestWithParam<const char*> {
 protected:
  static Reason For(const Hit& hit, bool outdone = false) {
    return ReasonFor(hit, outdone, kPhotoSide_px, WeightsFor(GetParam()));
  }
};

INSTANTIATE_TEST_SUITE_P(Methods, ReasonTest,
                         testing::Values("sift", "surf", "orb", "brief", "xfeat"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(ReasonTest, IsWhatLacksMost) {
  Hit few = NearlyRight();
  few.evidence.inliers = 7;
  few.evidence.item_coverage = 0.05;
  few.evidence.photo_share = 0.02;
  EXPECT_EQ(For(few), Reason::kFewInliers);
  Hit colours = NearlyRight();
  colours.evidence.colour_differs = 0.9;
  colours.evidence.colour_error = 0.5;
  EXPECT_EQ(For(colours), Reason::kDiffers);
  Hit sibling = NearlyRight();
  sibling.evidence.agreement_margin = -0.3;
  EXPECT_EQ(For(sibling), Reason::kTwinPreferred);
}

TEST_P(ReasonTest, TheBetterOfTwoSiblingsHasNotLostToTheOther) {
  Hit better = NearlyRight();
  better.evidence.agreement_margin = 0.01;
  EXPECT_NE(For(better), Reason::kTwinPreferred);
}

TEST_P(ReasonTest, ABlurredPhotoIsNotBlamedOnTheItem) {
  Hit few = NearlyRight();
  few.evidence.inliers = 7;
  few.evidence.item_coverage = 0.05;
  few.evidence.photo_share = 0.02;
  few.evidence.sharpness = 0.3;
  EXPECT_EQ(For(few), Reason::kBlurred);
  EXPECT_EQ(ReasonWord(Reason::kBlurred), "blurred");
  Hit colours = NearlyRight();
  colours.evidence.colour_differs = 0.9;
  colours.evidence.colour_error = 0.5;
  colours.evidence.sharpness = 0.3;
  EXPECT_EQ(For(colours), Reason::kDiffers);
}

TEST(Reason, TextureThatIsGoneLooksDifferent) {
  Hit other = NearlyRight();
  other.evidence.agreement = 0.1;
  EXPECT_EQ(ReasonFor(other, false, kPhotoSide_px, WeightsFor("sift")), Reason::kLooksDifferent);
}

TEST_P(ReasonTest, WhatIsPlainComesFirst) {
  EXPECT_EQ(For(NearlyRight(), /*outdone=*/true), Reason::kTwinPreferred);
  EXPECT_EQ(For(NearlyRight(60)), Reason::kTooSmall);
  Hit nowhere = NearlyRight();
  nowhere.polygon.reset();
  EXPECT_EQ(For(nowhere), Reason::kImplausibleOutline);
  nowhere.evidence.matches = 4;
  EXPECT_EQ(For(nowhere), Reason::kFewInliers);
}

TEST(Reason, EachHasAWordAndASentence) {
  for (const Reason reason : {Reason::kFewInliers, Reason::kImplausibleOutline, Reason::kTooSmall,
                              Reason::kLooksDifferent, Reason::kDiffers, Reason::kTwinPreferred}) {
    EXPECT_FALSE(ReasonWord(reason).empty());
    EXPECT_FALSE(ReasonText(reason).empty());
  }
  EXPECT_EQ(ReasonWord(Reason::kNone), "");
  EXPECT_EQ(ReasonText(Reason::kNone), "");
}

}  // namespace
}  // namespace inlier
