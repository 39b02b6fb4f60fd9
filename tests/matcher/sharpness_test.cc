#include "matcher/sharpness.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

cv::Mat Grey(const Image& image) {
  cv::Mat grey;
  cv::cvtColor(AsMat(image), grey, cv::COLOR_BGR2GRAY);
  return grey;
}

double Of(const cv::Mat& item, const cv::Mat& photo) {
  return Sharpness(item, photo, cv::Mat(item.size(), CV_8U, cv::Scalar(255)));
}

TEST(Sharpness, FallsWithBlurAndNotWithLight) {
  const cv::Mat item = Grey(test::DrawTexture(3, 256, 200));
  EXPECT_DOUBLE_EQ(Of(item, item), 1);
  cv::Mat dark;
  item.convertTo(dark, CV_8U, 0.5, 20);
  EXPECT_NEAR(Of(item, dark), 1, 0.1);
  double before = 1;
  for (const double sigma : {0.7, 1.2, 2.0, 3.0}) {
    cv::Mat blurred;
    cv::GaussianBlur(item, blurred, {}, sigma);
    const double now = Of(item, blurred);
    EXPECT_LT(now, before) << sigma;
    before = now;
  }
  EXPECT_LT(before, 0.4);
}

TEST(Sharpness, OnlyWhatHasTextureAndIsWithinTheMaskCounts) {
  const cv::Mat item = Grey(test::DrawTexture(3, 256, 200));
  EXPECT_EQ(Of(item, cv::Mat(item.size(), CV_8U, cv::Scalar(90))), 1);
  cv::Mat photo;
  cv::GaussianBlur(item, photo, {}, 3);
  const cv::Rect left(0, 0, 128, 200);
  item(left).copyTo(photo(left));
  cv::Mat mask = cv::Mat::zeros(item.size(), CV_8U);
  mask(left) = cv::Scalar(255);
  EXPECT_NEAR(Sharpness(item, photo, mask), 1, 0.01);
  EXPECT_LT(Sharpness(item, photo, 255 - mask), 0.4);
  EXPECT_EQ(Sharpness(item, photo, cv::Mat::zeros(item.size(), CV_8U)), 1);
}

}  // namespace
}  // namespace inlier
