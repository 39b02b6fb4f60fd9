// How much of an item a photo shows in detail, where the photo's part is known.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "extractor/detail_agreement.h"
#include "extractor/scale_space.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

Image Texture(unsigned seed) { return ToGrey(test::DrawTexture(seed, 384, 300)); }

// What a change of the pixels leaves of the agreement of a picture with itself.
template <class Change>
double After(Change change) {
  const Image item = Texture(1);
  cv::Mat seen = AsMat(item).clone();
  change(seen);
  return DetailAgreement(item, FromMat(seen));
}

TEST(DetailAgreement, IsLargeForTheSamePictureAndSmallForAnother) {
  EXPECT_GT(DetailAgreement(Texture(1), Texture(1)), 0.9);
  EXPECT_LT(DetailAgreement(Texture(1), Texture(2)), 0.15);
}

TEST(DetailAgreement, IgnoresLightAndASmallShift) {
  EXPECT_GT(After([](cv::Mat& seen) { seen.convertTo(seen, -1, 0.5, 40); }), 0.9);
  EXPECT_GT(After([](cv::Mat& seen) {
              const cv::Matx23d shift(1, 0, 1.5, 0, 1, 0);
              cv::warpAffine(seen.clone(), seen, shift, seen.size(), cv::INTER_LINEAR,
                             cv::BORDER_REPLICATE);
            }),
            0.6);
}

TEST(DetailAgreement, CountsTheDetailsThatArePresent) {
  const double half = After([](cv::Mat& seen) {
    const cv::Mat other = AsMat(Texture(3)).clone();
    other.colRange(0, seen.cols / 2).copyTo(seen.colRange(0, seen.cols / 2));
  });
  EXPECT_GT(half, 0.3);
  EXPECT_LT(half, 0.7);
}

TEST(DetailAgreement, IsTheUsualShareWithoutKeypoints) {
  const Image plain{.width_px = 300,
                    .height_px = 200,
                    .channels = 1,
                    .pixels = std::vector<std::uint8_t>(60'000, 128)};
  const Image tiny{
      .width_px = 9, .height_px = 9, .channels = 1, .pixels = std::vector<std::uint8_t>(81, 128)};
  EXPECT_DOUBLE_EQ(DetailAgreement(plain, plain), 0.3);
  EXPECT_DOUBLE_EQ(DetailAgreement(tiny, tiny), 0.3);
}

// A size follows another in the same memory.
TEST(DetailAgreement, DoesNotDependOnThePicturesBefore) {
  const double alone = DetailAgreement(Texture(1), Texture(1));
  const Image small = ToGrey(test::DrawTexture(4, 90, 60));
  DetailAgreement(small, small);
  EXPECT_EQ(DetailAgreement(Texture(1), Texture(1)), alone);
}

TEST(MakeLevels, AreThoseOfTheSearch) {
  Octave made, searched;
  Plane image;
  FromGrey(Texture(5), image);
  for (Octave* octave : {&made, &searched}) Blur(image, 1.5f, octave->gauss[0]);
  MakeLevels(made);
  ScanOctave(searched, 1, 5);
  for (std::size_t level = 1; level <= kScalesPerOctave; ++level) {
    for (int y = 0; y < made.height(); ++y)
      ASSERT_TRUE(std::equal(made.gauss[level].row(y), made.gauss[level].row(y) + made.width(),
                             searched.gauss[level].row(y)))
          << level << ' ' << y;
  }
}

}  // namespace
}  // namespace inlier
