// Method look on drawn garments: a shirt with a badge on white paper.
#include "extractor/look.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "core/features.h"
#include "extractor/background.h"
#include "extractor/colour_histogram.h"
#include "extractor/methods.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

using Colour = std::array<std::uint8_t, 3>;  // blue, green, red

constexpr Colour kNavy = {90, 40, 30}, kRust = {40, 70, 170}, kOlive = {50, 110, 105},
                 kWhite = {255, 255, 255}, kPaper = {247, 247, 247};

void Fill(Image& image, int left, int top, int right, int bottom, const Colour& colour) {
  for (int y = std::max(top, 0); y < std::min(bottom, image.height_px); ++y) {
    for (int x = std::max(left, 0); x < std::min(right, image.width_px); ++x) {
      std::copy(colour.begin(), colour.end(),
                &image.pixels[static_cast<std::size_t>(y * image.width_px + x) * 3]);
    }
  }
}

// A shirt with two sleeves and a badge, moved by some pixels.
Image Shirt(const Colour& cloth, const Colour& badge, int right_px = 0, int down_px = 0,
            const Colour& background = kPaper) {
  Image image{240, 300, 3, std::vector<std::uint8_t>(240 * 300 * 3)};
  Fill(image, 0, 0, 240, 300, background);
  Fill(image, 70 + right_px, 60 + down_px, 170 + right_px, 260 + down_px, cloth);
  Fill(image, 30 + right_px, 60 + down_px, 210 + right_px, 110 + down_px, cloth);
  Fill(image, 130 + right_px, 120 + down_px, 150 + right_px, 145 + down_px, badge);
  return image;
}

// The picture under a light that leaves these shares of blue, green and red.
Image Lit(Image image, const std::array<double, 3>& shares) {
  const auto linear = [](double v) {
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  const auto stored = [](double v) {
    return v <= 0.0031308 ? v * 12.92 : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
  };
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const double v = stored(linear(image.pixels[i] / 255.0) * shares[i % 3]);
    image.pixels[i] = static_cast<std::uint8_t>(std::lround(255 * v));
  }
  return image;
}

Features LookOf(const Image& image) {
  const auto extractor = CreateExtractor({.method = "look"});
  EXPECT_TRUE(extractor) << extractor.error().message;
  return (*extractor)->Extract(image);
}

double Cosine(const Image& a, const Image& b) {
  std::vector<float> x(kColourBins), y(kColourBins);
  UnitDirection(LookOf(a).row(0), x.data());
  UnitDirection(LookOf(b).row(0), y.data());
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

TEST(Look, IsOneDirectionOfTheWholePicture) {
  const Features features = LookOf(Shirt(kNavy, kRust));
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features.kind, DescriptorKind::kEmbedding);
  EXPECT_LE(features.descriptor_bytes, 1024);
  EXPECT_EQ(features.descriptors.size(), features.descriptor_bytes);
  ASSERT_EQ(features.regions.size(), 1u);
  EXPECT_EQ(features.regions[0].right_px, 239.5f);
  EXPECT_EQ(features.keypoints[0].point.y_px, 149.5f);
  EXPECT_EQ(LookOf(Shirt(kNavy, kRust)).descriptors, features.descriptors);
}

TEST(Look, TwoLightsMakeOneGarment) {
  const Image shirt = Shirt(kNavy, kRust);
  const double other = Cosine(shirt, Shirt(kOlive, kRust));
  const Image warm = Lit(shirt, {0.55, 0.8, 1}), dim = Lit(shirt, {0.6, 0.6, 0.6});
  EXPECT_GT(Cosine(shirt, warm), 0.9);
  EXPECT_GT(Cosine(shirt, warm), other + 0.3);
  // A darker light is not undone, since a dark background may be dark paper, but the hue stays.
  EXPECT_GT(Cosine(shirt, dim), other + 0.1);
  // Without a background that shows the light there is nothing to undo it by.
  Image close = Shirt(kNavy, kRust, 0, 0, kOlive);
  EXPECT_LT(Cosine(close, Lit(close, {0.55, 0.8, 1})), Cosine(shirt, warm));
}

TEST(Look, AShiftedCropIsTheSameGarment) {
  const Image shirt = Shirt(kNavy, kRust);
  EXPECT_GT(Cosine(shirt, Shirt(kNavy, kRust, 25, 30)), 0.99);
  EXPECT_GT(Cosine(shirt, Shirt(kNavy, kRust, -60, 80)), 0.97);  // a sleeve and the hem are cut off
  EXPECT_GT(Cosine(shirt, Shirt(kNavy, kRust, 25, 30)), Cosine(shirt, Shirt(kNavy, kOlive)) + 0.02);
}

TEST(Look, OnlyThePaperIsTakenAway) {
  const Image shirt = Shirt(kNavy, kWhite);
  const auto background = FindBackground(shirt);
  ASSERT_TRUE(background);
  EXPECT_EQ(background->colour, kPaper);
  EXPECT_EQ(background->mask[0], 1);
  EXPECT_EQ(background->mask[200 * 240 + 100], 0);  // cloth
  EXPECT_EQ(background->mask[130 * 240 + 140], 0);  // the white badge
  EXPECT_EQ(std::ranges::count(background->mask, 0), 100 * 200 + 80 * 50);
}

TEST(Look, APictureWithoutPlainGroundCountsWhole) {
  EXPECT_FALSE(FindBackground(test::DrawTexture(3, 120, 90)));
  EXPECT_FALSE(
      FindBackground(Shirt(kNavy, kRust, 0, 0, {60, 60, 60})));  // too dark to tell the light
  Image blank{50, 40, 3, std::vector<std::uint8_t>(50 * 40 * 3, 255)};
  EXPECT_FALSE(FindBackground(blank));  // nothing would be left
  EXPECT_EQ(LookOf(blank).size(), 1u);
}

TEST(Look, OddPicturesAreDescribed) {
  for (const auto& [width, height] : {std::pair(1, 1), {1, 400}, {400, 1}, {3, 2}}) {
    for (const int channels : {1, 3}) {
      const Image image{
          width, height, channels,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * channels), 120)};
      const Features features = LookOf(image);
      ASSERT_EQ(features.size(), 1u);
      EXPECT_TRUE(std::ranges::any_of(features.row(0), [](std::uint8_t v) { return v != 128; }));
    }
  }
  // A grey picture is the colour picture of the same grey.
  Image grey{60, 60, 1, std::vector<std::uint8_t>(3600)}, colour{60, 60, 3, {}};
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    grey.pixels[i] = static_cast<std::uint8_t>(i % 251);
    colour.pixels.insert(colour.pixels.end(), 3, grey.pixels[i]);
  }
  EXPECT_EQ(LookOf(grey).descriptors, LookOf(colour).descriptors);
}

TEST(ColourHistogram, NearColoursAreNearAndFarOnesAreNot) {
  const auto plain = [](const Colour& colour) {
    Image image{4, 4, 3, std::vector<std::uint8_t>(48)};
    Fill(image, 0, 0, 4, 4, colour);
    std::vector<float> histogram = ColourHistogram(image, {}, kWhite);
    double squares = 0;
    for (const float v : histogram) squares += static_cast<double>(v) * v;
    EXPECT_NEAR(squares, 16, 1e-3);  // every pixel counts once
    return histogram;
  };
  const auto product = [](const std::vector<float>& a, const std::vector<float>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / 16;
  };
  const auto navy = plain(kNavy);
  EXPECT_GT(product(navy, plain({93, 42, 31})), 0.9);
  EXPECT_LT(product(navy, plain(kRust)), 0.05);
  EXPECT_LT(product(plain({0, 0, 0}), plain(kWhite)), 1e-6);
}

}  // namespace
}  // namespace inlier
