#include "render/light.h"

#include <cmath>

#include <gtest/gtest.h>

#include "render/camera_optics.h"

namespace inlier {
namespace {

LinearImage Flat(float value, int width_px = 200, int height_px = 150) {
  LinearImage image{.width_px = width_px, .height_px = height_px};
  image.bgr.assign(static_cast<std::size_t>(width_px) * height_px * 3, value);
  return image;
}

double Mean(const LinearImage& image) {
  double sum = 0;
  for (const float value : image.bgr) sum += value;
  return sum / static_cast<double>(image.bgr.size());
}

double Variance(const LinearImage& image) {
  const double mean = Mean(image);
  double sum = 0;
  for (const float value : image.bgr) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(image.bgr.size());
}

TEST(LinearImage, BytesComeBack) {
  Image ramp{.width_px = 256, .height_px = 1, .channels = 1};
  for (int i = 0; i < 256; ++i) ramp.pixels.push_back(static_cast<std::uint8_t>(i));
  const LinearImage linear = ToLinear(ramp);
  EXPECT_NEAR(linear.bgr[std::size_t{3} * 188], 0.503, 0.001);  // IEC 61966-2-1
  EXPECT_NEAR(linear.bgr[std::size_t{3} * 10], 10 / 255.0 / 12.92, 1e-6);
  const Image back = ToSrgb(linear);
  for (std::size_t i = 0; i < 256; ++i) EXPECT_NEAR(back.pixels[3 * i + 1], static_cast<int>(i), 0);
}

TEST(Light, BlackBodiesHaveTheirColours) {
  for (const float gain : LightGains(6500)) EXPECT_NEAR(gain, 1, 1e-6);
  // Integrating Planck's law gives the sRGB colours (255, 180, 107) for a black body at 3,000 K and
  // (255, 249, 253) for one at 6,500 K.
  const auto warm = LightGains(3000);
  EXPECT_NEAR(warm[2], 1, 1e-6);
  EXPECT_NEAR(warm[1], 0.456 / 0.947, 0.03);
  EXPECT_NEAR(warm[0], 0.147 / 0.982, 0.03);
  const auto cold = LightGains(12000);
  EXPECT_NEAR(cold[0], 1, 1e-6);
  EXPECT_LT(cold[2], cold[1]);
}

TEST(Light, ColourChangesSmoothlyAlongTheLocus) {
  for (int step = 0; step < 515; ++step) {
    const double kelvin = 1700 + 20 * step;
    const auto a = LightGains(kelvin), b = LightGains(kelvin + 20);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(a[c], b[c], 0.015) << kelvin;
    EXPECT_LE(a[0] * b[2], b[0] * a[2]) << kelvin;  // bluer
  }
}

TEST(Light, AShadowLeavesTheAmbientShare) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    LinearImage photo = Flat(0.5f, 400, 300);
    CastShadow(photo, 0.2, {200, 150}, 200, Draws(seed, "shadow"));
    int dark = 0, lit = 0, all = 0;
    for (int y = 50; y < 250; ++y) {
      for (int x = 100; x < 300; ++x, ++all) {
        const float value = photo.bgr[static_cast<std::size_t>(y * 400 + x) * 3];
        dark += std::abs(value - 0.1f) < 0.005f;
        lit += std::abs(value - 0.5f) < 0.005f;
      }
    }
    EXPECT_GT(dark, all / 4) << seed;
    EXPECT_GT(lit, all / 4) << seed;
    EXPECT_GT(dark + lit, all * 3 / 4) << seed;
  }
}

TEST(Optics, BlurKeepsTheMeanAndSpreadsAPoint) {
  LinearImage motion = Flat(0);
  motion.bgr[static_cast<std::size_t>(75 * 200 + 100) * 3] = 1000;
  LinearImage focus = motion;
  const double mean = Mean(motion);
  BlurMotion(motion, 20, 0);
  BlurFocus(focus, 20);
  EXPECT_NEAR(Mean(motion) / mean, 1, 1e-4);
  EXPECT_NEAR(Mean(focus) / mean, 1, 1e-4);
  const auto at = [](const LinearImage& image, int x, int y) {
    return image.bgr[static_cast<std::size_t>(y * 200 + x) * 3];
  };
  EXPECT_NEAR(at(motion, 95, 75), 1000 / 20.0, 1);  // along the path
  EXPECT_NEAR(at(motion, 100, 80), 0, 0.01);        // beside it
  EXPECT_NEAR(at(motion, 113, 75), 0, 0.01);        // beyond it
  EXPECT_NEAR(at(focus, 100, 80), 1000 / (3.14159 * 100), 0.1);
  EXPECT_NEAR(at(focus, 106, 80), 1000 / (3.14159 * 100), 0.1);
  EXPECT_NEAR(at(focus, 100, 87), 0, 0.01);
}

TEST(Optics, NothingToBlurChangesNothing) {
  LinearImage photo = Flat(0.3f);
  photo.bgr[999] = 0.9f;
  const auto before = photo.bgr;
  BlurMotion(photo, 0, 1);
  BlurFocus(photo, 0);
  EXPECT_EQ(photo.bgr, before);
}

TEST(Optics, NoiseFollowsPhotonTransfer) {
  for (const double gain : {1.0, 16.0, 100.0}) {
    for (const float light : {0.05f, 0.2f, 0.6f}) {
      LinearImage photo = Flat(light);
      Expose(photo, gain, 7);
      const double white = 6000 / gain;
      EXPECT_NEAR(Mean(photo), light, 0.01 * light) << gain;
      EXPECT_NEAR(Variance(photo) / ((light * white + 4) / (white * white)), 1, 0.05)
          << gain << " " << light;
    }
  }
}

TEST(Optics, NoiseOfNeighboursIsIndependent) {
  LinearImage photo = Flat(0.2f);
  Expose(photo, 16, 7);
  const double mean = Mean(photo), variance = Variance(photo);
  for (const std::size_t lag : {1, 2, 3, 600}) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < photo.bgr.size(); ++i)
      sum += (photo.bgr[i] - mean) * (photo.bgr[i + lag] - mean);
    EXPECT_NEAR(sum / static_cast<double>(photo.bgr.size()) / variance, 0, 0.02) << lag;
  }
}

TEST(Optics, TheSensorSaturates) {
  LinearImage photo = Flat(3);
  Expose(photo, 1, 7);
  for (const float value : photo.bgr) ASSERT_EQ(value, 1);
}

}  // namespace
}  // namespace inlier
