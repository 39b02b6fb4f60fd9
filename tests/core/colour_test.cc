// Colours are checked against the formulas of the standards, written out here, not against
// LittleCMS.
#include "core/decode/colour.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lcms2.h>

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Triple = std::array<double, 3>;

double SrgbDecoded(double v) {
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}
double SrgbEncoded(double v) {
  return v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
}

// Linear sRGB of linear Display P3; both have the white of D65 (from the primaries in CSS Color 4).
Triple SrgbFromP3(const Triple& p3) {
  return {1.2249 * p3[0] - 0.2247 * p3[1], -0.0420 * p3[0] + 1.0419 * p3[1],
          -0.0197 * p3[0] - 0.0786 * p3[1] + 1.0979 * p3[2]};
}

struct Pixels {
  std::vector<std::uint8_t> bgr;
  std::vector<std::string> warnings;
};

Pixels Transformed(Samples samples, const std::vector<std::uint8_t>& from,
                   const ColourSource& colour) {
  Pixels out;
  const RowLayout layout{.width_px = static_cast<int>(from.size()) / ChannelsOf(samples),
                         .height_px = 1,
                         .samples = samples,
                         .colour = colour};
  const ColourTransform transform(layout, out.warnings);
  out.bgr.resize(static_cast<std::size_t>(layout.width_px * transform.channels()));
  transform.Apply(from.data(), static_cast<std::size_t>(layout.width_px), out.bgr.data());
  return out;
}

// The bytes of a profile with these primaries and a pure power as its curve.
std::vector<std::uint8_t> RgbProfile(const cmsCIExyYTRIPLE& primaries, double gamma) {
  const cmsCIExyY white{0.3127, 0.3290, 1};
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  cmsToneCurve* curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsFreeToneCurve(curve);
  cmsUInt32Number bytes = 0;
  cmsSaveProfileToMem(profile, nullptr, &bytes);
  std::vector<std::uint8_t> out(bytes);
  cmsSaveProfileToMem(profile, out.data(), &bytes);
  cmsCloseProfile(profile);
  return out;
}

constexpr cmsCIExyYTRIPLE kP3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
constexpr cmsCIExyYTRIPLE kSrgb = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};

void ExpectNear(const std::vector<std::uint8_t>& bgr, const Triple& rgb) {
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(bgr[c], 255 * SrgbEncoded(std::clamp(rgb[2 - c], 0.0, 1.0)), 1.6)
        << "channel " << c;
}

TEST(Colour, WithoutAWordItIsSrgb) {
  EXPECT_THAT(Transformed(Samples::kRgb, {1, 2, 3}, {}).bgr, ElementsAre(3, 2, 1));
  EXPECT_THAT(Transformed(Samples::kRgba, {1, 2, 3, 4}, {}).bgr, ElementsAre(3, 2, 1, 4));
  EXPECT_THAT(Transformed(Samples::kGrey, {9}, {}).bgr, ElementsAre(9, 9, 9));
  EXPECT_THAT(Transformed(Samples::kGreyAlpha, {9, 7}, {}).bgr, ElementsAre(9, 9, 9, 7));
}

TEST(Colour, InkWithoutAProfileIsMultiplied) {
  EXPECT_THAT(Transformed(Samples::kCmyk, {0, 0, 0, 0}, {}).bgr, ElementsAre(255, 255, 255));
  EXPECT_THAT(Transformed(Samples::kCmyk, {255, 0, 0, 0}, {}).bgr, ElementsAre(255, 255, 0));
  EXPECT_THAT(Transformed(Samples::kCmyk, {0, 51, 102, 51}, {}).bgr, ElementsAre(122, 163, 204));
}

TEST(Colour, AWideProfileIsApplied) {
  const auto profile = RgbProfile(kP3, 2.2);
  const Pixels out = Transformed(Samples::kRgb, {180, 120, 90}, {.icc = profile});
  const auto linear = [](double level) { return std::pow(level / 255, 2.2); };
  ExpectNear(out.bgr, SrgbFromP3({linear(180), linear(120), linear(90)}));
  EXPECT_TRUE(out.warnings.empty());
}

TEST(Colour, CodePointsOfDisplayP3) {
  const Pixels out = Transformed(Samples::kRgb, {180, 120, 90}, {.cicp = Cicp{12, 13}});
  ExpectNear(out.bgr, SrgbFromP3({SrgbDecoded(180 / 255.0), SrgbDecoded(120 / 255.0),
                                  SrgbDecoded(90 / 255.0)}));
}

// 203 cd/m², which is white for a page, has the code 0.5806 (ITU-R BT.2408).
TEST(Colour, PerceptualQuantizerHasPaperWhiteAtItsPlace) {
  const Pixels out =
      Transformed(Samples::kRgb, {148, 148, 148, 255, 255, 255, 0, 0, 0}, {.cicp = Cicp{9, 16}});
  EXPECT_NEAR(out.bgr[0], 255, 2);
  EXPECT_EQ(out.bgr[3], 255);
  EXPECT_EQ(out.bgr[6], 0);
}

TEST(Colour, HybridLogGammaHasPaperWhiteAtItsPlace) {
  const Pixels out = Transformed(Samples::kRgb, {191, 191, 191, 64, 64, 64}, {.cicp = Cicp{1, 18}});
  EXPECT_NEAR(out.bgr[0], 255, 2);
  // The code 0.25 is a scene light of 1/48, against 0.265 at 0.75.
  EXPECT_NEAR(out.bgr[3], 255 * SrgbEncoded(1.0 / 48 / 0.2650), 2);
}

TEST(Colour, CodePointsThatNobodyKnowsAreNamed) {
  const Pixels out = Transformed(Samples::kRgb, {1, 2, 3}, {.cicp = Cicp{77, 13}});
  EXPECT_THAT(out.bgr, ElementsAre(3, 2, 1));
  ASSERT_EQ(out.warnings.size(), 1u);
  EXPECT_THAT(out.warnings[0], HasSubstr("77/13"));
}

TEST(Colour, GammaAndChromaticitiesOfAPng) {
  const ColourSource linear{.gamma = GammaAndChromaticities{.gamma = 1}};
  const Pixels out = Transformed(Samples::kRgb, {128, 64, 32}, linear);
  ExpectNear(out.bgr, {128 / 255.0, 64 / 255.0, 32 / 255.0});
  EXPECT_NEAR(Transformed(Samples::kGrey, {128}, linear).bgr[0], 255 * SrgbEncoded(128 / 255.0),
              1.6);
  const ColourSource usual{.gamma = GammaAndChromaticities{.gamma = 0.45455}};
  EXPECT_THAT(Transformed(Samples::kRgb, {5, 6, 7}, usual).bgr, ElementsAre(7, 6, 5));
  const Pixels senseless =
      Transformed(Samples::kRgb, {5, 6, 7}, {.gamma = GammaAndChromaticities{.gamma = 0}});
  EXPECT_THAT(senseless.bgr, ElementsAre(7, 6, 5));
  EXPECT_EQ(senseless.warnings.size(), 1u);
}

TEST(Colour, ThePngChunkSrgbWinsOverGamma) {
  const ColourSource both{.srgb = true, .gamma = GammaAndChromaticities{.gamma = 1}};
  EXPECT_THAT(Transformed(Samples::kRgb, {5, 6, 7}, both).bgr, ElementsAre(7, 6, 5));
}

TEST(Colour, AProfileThatIsNearlySrgbChangesNothing) {
  const auto srgb = RgbProfile(kSrgb, 2.22);
  const auto given = Transformed(Samples::kRgb, {5, 100, 200}, {.icc = srgb});
  EXPECT_THAT(given.bgr, testing::Not(ElementsAre(200, 100, 5)))
      << "a power is not sRGB in the dark";
  cmsHPROFILE exact = cmsCreate_sRGBProfile();
  cmsUInt32Number bytes = 0;
  cmsSaveProfileToMem(exact, nullptr, &bytes);
  std::vector<std::uint8_t> icc(bytes);
  cmsSaveProfileToMem(exact, icc.data(), &bytes);
  cmsCloseProfile(exact);
  EXPECT_THAT(Transformed(Samples::kRgb, {5, 100, 200}, {.icc = icc}).bgr,
              ElementsAre(200, 100, 5));
}

TEST(Colour, ABrokenProfileIsNamedAndLeftOut) {
  const std::vector<std::uint8_t> broken(200, 7);
  const Pixels out = Transformed(Samples::kRgb, {1, 2, 3}, {.icc = broken});
  EXPECT_THAT(out.bgr, ElementsAre(3, 2, 1));
  ASSERT_EQ(out.warnings.size(), 1u);
  EXPECT_THAT(out.warnings[0], HasSubstr("profile"));
  auto cut = RgbProfile(kP3, 2.2);
  cut.resize(cut.size() / 2);
  EXPECT_EQ(Transformed(Samples::kRgb, {1, 2, 3}, {.icc = cut}).warnings.size(), 1u);
}

TEST(Colour, AProfileForOtherPixelsIsNamedAndLeftOut) {
  const auto rgb = RgbProfile(kP3, 2.2);
  EXPECT_EQ(Transformed(Samples::kCmyk, {0, 0, 0, 0}, {.icc = rgb}).warnings.size(), 1u);
  EXPECT_TRUE(Transformed(Samples::kGrey, {100}, {.icc = rgb}).warnings.empty());
  auto unheard_of = rgb;
  unheard_of[16] = 0xB2;  // the first letter of the colour space in the header
  const Pixels out = Transformed(Samples::kRgb, {1, 2, 3}, {.icc = unheard_of});
  EXPECT_THAT(out.bgr, ElementsAre(3, 2, 1));
  EXPECT_EQ(out.warnings.size(), 1u);
}

TEST(Colour, AlphaStaysAsItIs) {
  const auto profile = RgbProfile(kP3, 2.2);
  const Pixels out = Transformed(Samples::kRgba, {180, 120, 90, 33, 0, 0, 0, 0}, {.icc = profile});
  EXPECT_EQ(out.bgr[3], 33);
  EXPECT_EQ(out.bgr[7], 0);
}

}  // namespace
}  // namespace inlier
