// These tests check that light, blur, noise and compression change a photo as physics predicts.
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "render/corruption.h"
#include "render/light.h"
#include "render/linear_image.h"
#include "tests/render/test_pictures.h"

namespace inlier::test {
namespace {

std::array<double, 3> MeanLight(const Image& photo) {
  const LinearImage linear = ToLinear(photo);
  std::array<double, 3> mean{};
  for (std::size_t i = 0; i < linear.bgr.size(); ++i) mean[i % 3] += linear.bgr[i];
  for (double& value : mean) value /= static_cast<double>(linear.bgr.size()) / 3;
  return mean;
}

// The detail of a photo: the mean difference between neighbouring pixels.
double Detail(const Image& photo) {
  const Image grey = ToGrey(photo);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < grey.pixels.size(); ++i)
    sum += std::abs(grey.pixels[i + 1] - grey.pixels[i]);
  return sum / static_cast<double>(grey.pixels.size());
}

TEST(CorruptionLight, EachStopOfDarknessHalvesTheLight) {
  double before = MeanLight(Render("darkness", 0).photo)[1];
  for (const double stops : {1, 2, 3}) {
    const double now = MeanLight(Render("darkness", stops).photo)[1];
    EXPECT_NEAR(now / before, 0.5, 0.02) << stops;
    before = now;
  }
}

TEST(CorruptionLight, ColouredLightMultipliesTheChannels) {
  const auto white = MeanLight(Render("light", 6500).photo);
  for (const double kelvin : {5000, 3200, 2200}) {
    const auto warm = MeanLight(Render("light", kelvin).photo);
    const auto gains = LightGains(kelvin);
    for (int c = 0; c < 3; ++c)
      EXPECT_NEAR(warm[c] / white[c], gains[c], 0.02) << kelvin << " channel " << c;
  }
}

TEST(CorruptionLight, BlurKeepsTheLightAndTakesDetail) {
  for (const std::string_view corruption : {"motion", "focus"}) {
    const auto found = std::ranges::find(Corruptions(), corruption, &Corruption::name);
    double light = 0, detail = 1e9;
    for (const double severity : found->severities) {
      const Image photo = Render(corruption, severity).photo;
      if (light > 0) {
        EXPECT_NEAR(MeanLight(photo)[1] / light, 1, 0.01) << corruption << " " << severity;
      }
      light = MeanLight(photo)[1];
      EXPECT_LT(Detail(photo), detail) << corruption << " " << severity;
      detail = Detail(photo);
    }
  }
}

TEST(CorruptionLight, NoiseAndJpegGoFurtherFromTheCleanPhoto) {
  for (const std::string_view corruption : {"noise", "jpeg"}) {
    const auto found = std::ranges::find(Corruptions(), corruption, &Corruption::name);
    const Image clean = Render(corruption, found->severities[0]).photo;
    double before = 0;
    for (std::size_t i = 1; i < found->severities.size(); ++i) {
      const double now = MeanDifference(Render(corruption, found->severities[i]).photo, clean);
      EXPECT_GT(now, before) << corruption << " " << found->severities[i];
      before = now;
    }
  }
}

TEST(CorruptionLight, PoorJpegTakesFewerBytes) {
  std::size_t before = static_cast<std::size_t>(-1);
  for (const double quality : {92, 50, 25, 12, 6, 3}) {
    const std::size_t bytes =
        EncodeJpeg(Render("jpeg", quality).photo, static_cast<int>(quality)).size();
    EXPECT_LT(bytes, before) << quality;
    before = bytes;
  }
}

}  // namespace
}  // namespace inlier::test
