// ColourDifference on drawn packs: what the light does to both pictures must not count, and what
// one of two siblings has in another colour must.
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "matcher/colour_difference.h"

namespace inlier {
namespace {

constexpr int kSide_px = 96;

// A pack with stripes all over and a disc in the middle.
cv::Mat Pack(const cv::Scalar& disc) {
  cv::Mat pack(kSide_px, kSide_px, CV_8UC3, cv::Scalar(200, 180, 160));
  for (int x = 0; x < kSide_px; x += 8)
    cv::rectangle(pack, {x, 0, 4, kSide_px}, cv::Scalar(60, 40, 30), cv::FILLED);
  cv::circle(pack, {kSide_px / 2, kSide_px / 2}, 20, disc, cv::FILLED);
  return pack;
}

cv::Mat Everywhere() { return {kSide_px, kSide_px, CV_8U, cv::Scalar(255)}; }

// All blocks agree but those of the disc.
cv::Mat AroundTheDisc() {
  cv::Mat agreeing = Everywhere();
  cv::circle(agreeing, {kSide_px / 2, kSide_px / 2}, 24, cv::Scalar(0), cv::FILLED);
  return agreeing;
}

const cv::Scalar kRed(40, 40, 220), kOrange(40, 150, 220);
constexpr double kDiscShare = 3.14159 * 20 * 20 / (kSide_px * kSide_px);

TEST(ColourDifference, EqualPicturesDoNotDiffer) {
  EXPECT_EQ(ColourDifference(Pack(kRed), Pack(kRed), Everywhere(), Everywhere()).share, 0);
}

TEST(ColourDifference, AnotherColourOfAPartIsItsShare) {
  const double share =
      ColourDifference(Pack(kRed), Pack(kOrange), AroundTheDisc(), Everywhere()).share;
  EXPECT_NEAR(share, kDiscShare, 0.04);
}

TEST(ColourDifference, DimAndTintedLightDoesNotCount) {
  cv::Mat seen = Pack(kRed);
  cv::multiply(seen, cv::Scalar(0.4, 0.5, 0.6), seen);
  EXPECT_LT(ColourDifference(Pack(kRed), seen, AroundTheDisc(), Everywhere()).share, 0.01);
  cv::Mat sibling = Pack(kOrange);
  cv::multiply(sibling, cv::Scalar(0.4, 0.5, 0.6), sibling);
  EXPECT_GT(ColourDifference(Pack(kRed), sibling, AroundTheDisc(), Everywhere()).share,
            kDiscShare / 2);
}

TEST(ColourDifference, HazeOverAPlainChannelDoesNotCount) {
  cv::Mat item = Pack(kRed);
  cv::bitwise_and(item, cv::Scalar(0, 255, 255), item);
  const cv::Mat seen = item + cv::Scalar(45, 45, 45);
  EXPECT_LT(ColourDifference(item, seen, AroundTheDisc(), Everywhere()).share, 0.05);
}

TEST(ColourDifference, WhatTheAgreeingPartDoesNotEncloseDoesNotCount) {
  cv::Mat agreeing = cv::Mat::zeros(kSide_px, kSide_px, CV_8U);
  agreeing.rowRange(0, 24) = cv::Scalar(255);  // above the disc, as a hand may hide the rest
  EXPECT_EQ(ColourDifference(Pack(kRed), Pack(kOrange), agreeing, Everywhere()).share, 0);
}

TEST(ColourDifference, WithoutAgreementThereIsNone) {
  const cv::Mat nowhere = cv::Mat::zeros(kSide_px, kSide_px, CV_8U);
  EXPECT_EQ(ColourDifference(Pack(kRed), Pack(kOrange), nowhere, Everywhere()).share, 0);
  EXPECT_EQ(ColourDifference(Pack(kRed), Pack(kOrange), Everywhere(), nowhere).share, 0);
}

TEST(ColourDifference, TheLargestPartThatDiffersIsBounded) {
  const cv::Rect disc =
      ColourDifference(Pack(kRed), Pack(kOrange), AroundTheDisc(), Everywhere()).largest;
  const cv::Rect truth(kSide_px / 2 - 20, kSide_px / 2 - 20, 41, 41);
  EXPECT_GT((disc & truth).area(), 0.8 * (disc | truth).area()) << disc;
  EXPECT_TRUE(ColourDifference(Pack(kRed), Pack(kRed), Everywhere(), Everywhere()).largest.empty());
}

}  // namespace
}  // namespace inlier
