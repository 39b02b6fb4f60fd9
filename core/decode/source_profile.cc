// Makes a LittleCMS profile from what a file says about its colours: an ICC profile as it is, PNG's
// gamma and chromaticities as a matrix profile, and code points of ITU-T H.273 as the matrix
// profile of the standard that they stand for.
#include "core/decode/source_profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include <fmt/core.h>

namespace inlier {
namespace {

struct Curve {
  cmsToneCurve* curve;
  explicit Curve(cmsToneCurve* made) : curve(made) {}
  ~Curve() { cmsFreeToneCurve(curve); }
  Curve(const Curve&) = delete;
  Curve& operator=(const Curve&) = delete;
};

bool IsGrey(Samples samples) { return samples == Samples::kGrey || samples == Samples::kGreyAlpha; }

// The space that a profile must have for these samples. An RGB profile does not fit a grey picture
// for LittleCMS, but its curve is all that counts there, and files with both are not rare.
bool Fits(std::uint32_t space, Samples samples) {
  if (samples == Samples::kCmyk) return space == cmsSigCmykData;
  return space == (IsGrey(samples) ? cmsSigGrayData : cmsSigRgbData);
}

// The colour space that a profile's header names (ICC.1:2022, 7.2.8), as a number: LittleCMS gives
// it as an enumeration, and a damaged profile may name one that the enumeration does not have.
std::uint32_t SpaceOf(std::span<const std::uint8_t> icc) {
  constexpr std::size_t kAt = 16;
  std::uint32_t space = 0;
  for (std::size_t i = kAt; i < kAt + 4 && i < icc.size(); ++i) space = space << 8 | icc[i];
  return space;
}

Profile MatrixProfile(cmsContext context, Samples samples, const cmsCIExyY& white,
                      const cmsCIExyYTRIPLE& primaries, const Curve& curve) {
  if (curve.curve == nullptr) return nullptr;
  if (IsGrey(samples)) return Profile(cmsCreateGrayProfileTHR(context, &white, curve.curve));
  cmsToneCurve* curves[] = {curve.curve, curve.curve, curve.curve};
  return Profile(cmsCreateRGBProfileTHR(context, &white, &primaries, curves));
}

bool Usable(const double (&xy)[2]) { return xy[0] > 0 && xy[1] > 0.001 && xy[0] + xy[1] <= 1; }

Profile FromGamma(cmsContext context, Samples samples, const GammaAndChromaticities& says,
                  std::vector<std::string>& warnings) {
  if (samples == Samples::kCmyk) return nullptr;
  if (!(says.gamma > 0.05 && says.gamma < 5) || !Usable(says.white_xy) || !Usable(says.red_xy) ||
      !Usable(says.green_xy) || !Usable(says.blue_xy)) {
    warnings.emplace_back("its gamma and chromaticities make no sense: taken as sRGB");
    return nullptr;
  }
  // 1 / 2.2 is how programs write sRGB, which is not exactly that power.
  constexpr std::array<cmsFloat64Number, 5> kSrgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                     0.04045};
  const bool is_srgb_gamma = std::abs(says.gamma - 0.45455) < 0.001;
  const Curve curve(is_srgb_gamma ? cmsBuildParametricToneCurve(context, 4, kSrgb.data())
                                  : cmsBuildGamma(context, 1 / says.gamma));
  const auto xyy = [](const double(&xy)[2]) { return cmsCIExyY{xy[0], xy[1], 1}; };
  return MatrixProfile(context, samples, xyy(says.white_xy),
                       {xyy(says.red_xy), xyy(says.green_xy), xyy(says.blue_xy)}, curve);
}

// ITU-T H.273, table 2: x, y of red, green and blue, with the white point D65.
std::optional<cmsCIExyYTRIPLE> Primaries(int code) {
  switch (code) {
    case 1:  // BT.709, as sRGB
      return cmsCIExyYTRIPLE{{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    case 5:  // BT.601, 625 lines
      return cmsCIExyYTRIPLE{{0.64, 0.33, 1}, {0.29, 0.60, 1}, {0.15, 0.06, 1}};
    case 6:  // BT.601, 525 lines
      return cmsCIExyYTRIPLE{{0.630, 0.340, 1}, {0.310, 0.595, 1}, {0.155, 0.070, 1}};
    case 9:  // BT.2020
      return cmsCIExyYTRIPLE{{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    case 12:  // Display P3
      return cmsCIExyYTRIPLE{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    default:
      return std::nullopt;
  }
}

// SMPTE ST 2084: the luminance of a code value, where 1 is the white of a page (203 cd/m², as ITU-R
// BT.2408 has it). What is brighter is cut.
double PerceptualQuantizer(double code) {
  constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 32, kC1 = 3424.0 / 4096, kC2 = 2413.0 / 128,
                   kC3 = 2392.0 / 128;
  const double power = std::pow(code, 1 / kM2);
  const double luminance = std::pow(std::max(power - kC1, 0.0) / (kC2 - kC3 * power), 1 / kM1);
  return std::min(1.0, luminance * 10000 / 203);
}

// ITU-R BT.2100: hybrid log-gamma. A page's white has the code 0.75 there.
double HybridLogGamma(double code) {
  constexpr double kA = 0.17883277, kB = 0.28466892, kC = 0.55991073;
  const auto scene = [](double x) {
    return x <= 0.5 ? x * x / 3 : (std::exp((x - kC) / kA) + kB) / 12;
  };
  return std::min(1.0, scene(code) / scene(0.75));
}

cmsToneCurve* Tabulated(cmsContext context, double (*curve)(double)) {
  std::array<float, 1024> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<float>(curve(static_cast<double>(i) / (table.size() - 1)));
  return cmsBuildTabulatedToneCurveFloat(context, table.size(), table.data());
}

// ITU-T H.273, table 3.
cmsToneCurve* Transfer(cmsContext context, int code) {
  constexpr std::array<cmsFloat64Number, 5> kSrgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                     0.04045};
  switch (code) {
    case 1:  // BT.709 and BT.601: screens show them as sRGB, whose curve is much the same
    case 6:
    case 13:
    case 14:
    case 15:
      return cmsBuildParametricToneCurve(context, 4, kSrgb.data());
    case 4:
      return cmsBuildGamma(context, 2.2);
    case 5:
      return cmsBuildGamma(context, 2.8);
    case 8:
      return cmsBuildGamma(context, 1.0);
    case 16:
      return Tabulated(context, PerceptualQuantizer);
    case 18:
      return Tabulated(context, HybridLogGamma);
    default:
      return nullptr;
  }
}

// Unspecified code points are taken for those of sRGB.
Profile FromCicp(cmsContext context, Samples samples, const Cicp& cicp,
                 std::vector<std::string>& warnings) {
  constexpr int kUnspecified = 2;
  const auto primaries = Primaries(cicp.primaries == kUnspecified ? 1 : cicp.primaries);
  const Curve curve(Transfer(context, cicp.transfer == kUnspecified ? 13 : cicp.transfer));
  if (!primaries || curve.curve == nullptr || samples == Samples::kCmyk) {
    warnings.push_back(fmt::format(
        "its colours are coded as {}/{} (ITU-T H.273), which is not known: taken as sRGB",
        cicp.primaries, cicp.transfer));
    return nullptr;
  }
  return MatrixProfile(context, samples, {0.3127, 0.3290, 1}, *primaries, curve);
}

}  // namespace

Profile SourceProfile(cmsContext context, const RowLayout& layout,
                      std::vector<std::string>& warnings) {
  const ColourSource& colour = layout.colour;
  if (colour.cicp) return FromCicp(context, layout.samples, *colour.cicp, warnings);
  if (!colour.icc.empty()) {
    Profile profile(cmsOpenProfileFromMemTHR(context, colour.icc.data(),
                                             static_cast<cmsUInt32Number>(colour.icc.size())));
    const std::uint32_t space = SpaceOf(colour.icc);
    if (profile && Fits(space, layout.samples)) return profile;
    // An RGB profile in a grey picture says that its greys are those of that space, whose curve is
    // near to that of sRGB in all but a few.
    if (profile && IsGrey(layout.samples) && space == cmsSigRgbData) return nullptr;
    warnings.emplace_back(profile ? "its colour profile is for another kind of pixels: left out"
                                  : "its colour profile is broken: left out");
    return nullptr;
  }
  if (colour.srgb || !colour.gamma) return nullptr;
  return FromGamma(context, layout.samples, *colour.gamma, warnings);
}

}  // namespace inlier
