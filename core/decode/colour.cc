// Which profile a picture has, and the way from it to sRGB. Most pictures are sRGB, with or without
// a profile that says so; those are copied. A profile counts as sRGB when it takes a grid of
// colours to where sRGB has them, so that its name and its maker do not matter.
#include "core/decode/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

#include <lcms2.h>

#include "core/decode/source_profile.h"

namespace inlier {
namespace {

constexpr int kSrgbLevels = 2;  // a profile this near to sRGB is sRGB

cmsUInt32Number LcmsType(Samples samples, int bits) {
  const bool deep = bits == 16;
  switch (samples) {
    case Samples::kGrey:
      return deep ? TYPE_GRAY_16 : TYPE_GRAY_8;
    case Samples::kGreyAlpha:
      return deep ? TYPE_GRAYA_16 : TYPE_GRAYA_8;
    case Samples::kRgb:
      return deep ? TYPE_RGB_16 : TYPE_RGB_8;
    case Samples::kRgba:
      return deep ? TYPE_RGBA_16 : TYPE_RGBA_8;
    case Samples::kCmyk:
      return deep ? TYPE_CMYK_16 : TYPE_CMYK_8;
  }
  return 0;
}

// Rounds 16 bits to 8, and keeps 8.
template <class T>
std::uint8_t Level(T value) {
  if constexpr (sizeof(T) == 1) return value;
  return static_cast<std::uint8_t>((value + 128u) / 257u);
}

// `red`, `green` and `blue` are the places of the samples in a pixel, which for grey are all 0.
template <class T, int kChannels, bool kGrey, bool kAlpha>
void CopyPixels(const std::uint8_t* bytes, std::size_t pixels, std::uint8_t* to) {
  const T* from = reinterpret_cast<const T*>(bytes);
  for (std::size_t i = 0; i < pixels; ++i, from += kChannels) {
    *to++ = Level(from[kGrey ? 0 : 2]);
    *to++ = Level(from[kGrey ? 0 : 1]);
    *to++ = Level(from[0]);
    if constexpr (kAlpha) *to++ = Level(from[kChannels - 1]);
  }
}

template <class T>
void CopyInk(const std::uint8_t* bytes, std::size_t pixels, std::uint8_t* to) {
  const T* from = reinterpret_cast<const T*>(bytes);
  for (std::size_t i = 0; i < pixels; ++i, from += 4) {
    const int paper = 255 - Level(from[3]);
    for (const int ink : {2, 1, 0}) {
      *to++ = static_cast<std::uint8_t>(((255 - Level(from[ink])) * paper + 127) / 255);
    }
  }
}

template <class T>
void CopySamples(Samples samples, const std::uint8_t* from, std::size_t pixels, std::uint8_t* to) {
  switch (samples) {
    case Samples::kGrey:
      return CopyPixels<T, 1, true, false>(from, pixels, to);
    case Samples::kGreyAlpha:
      return CopyPixels<T, 2, true, true>(from, pixels, to);
    case Samples::kRgb:
      return CopyPixels<T, 3, false, false>(from, pixels, to);
    case Samples::kRgba:
      return CopyPixels<T, 4, false, true>(from, pixels, to);
    case Samples::kCmyk:
      return CopyInk<T>(from, pixels, to);
  }
}

// Whether an RGB profile takes colours to where sRGB has them.
bool IsSrgb(cmsContext context, cmsHPROFILE profile, cmsHPROFILE srgb) {
  constexpr std::array<std::uint8_t, 5> kLevels = {0, 48, 112, 190, 255};
  std::vector<std::uint8_t> grid, out;
  for (const std::uint8_t r : kLevels)
    for (const std::uint8_t g : kLevels)
      for (const std::uint8_t b : kLevels) grid.insert(grid.end(), {r, g, b});
  out.resize(grid.size());
  const cmsHTRANSFORM transform =
      cmsCreateTransformTHR(context, profile, TYPE_RGB_8, srgb, TYPE_RGB_8, INTENT_PERCEPTUAL,
                            cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
  if (transform == nullptr) return false;
  cmsDoTransform(transform, grid.data(), out.data(), static_cast<cmsUInt32Number>(grid.size() / 3));
  cmsDeleteTransform(transform);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (std::abs(grid[i] - out[i]) > kSrgbLevels) return false;
  }
  return true;
}

}  // namespace

struct ColourTransform::Lcms {
  cmsContext context = nullptr;
  cmsHTRANSFORM transform = nullptr;
  ~Lcms() {
    if (transform != nullptr) cmsDeleteTransform(transform);
    cmsDeleteContext(context);
  }
};

ColourTransform::ColourTransform(const RowLayout& layout, std::vector<std::string>& warnings)
    : samples_(layout.samples),
      bits_(layout.bits),
      has_alpha_(layout.samples == Samples::kGreyAlpha || layout.samples == Samples::kRgba) {
  const ColourSource& colour = layout.colour;
  if (!colour.cicp && colour.icc.empty() && !colour.gamma) return;
  auto lcms = std::make_unique<Lcms>();
  lcms->context = cmsCreateContext(nullptr, nullptr);
  const Profile profile = SourceProfile(lcms->context, layout, warnings);
  if (!profile) return;
  const Profile srgb(cmsCreate_sRGBProfileTHR(lcms->context));
  const bool rgb = cmsGetColorSpace(profile.get()) == cmsSigRgbData;
  if (rgb && IsSrgb(lcms->context, profile.get(), srgb.get())) return;
  lcms->transform = cmsCreateTransformTHR(lcms->context, profile.get(), LcmsType(samples_, bits_),
                                          srgb.get(), has_alpha_ ? TYPE_BGRA_8 : TYPE_BGR_8,
                                          INTENT_PERCEPTUAL, has_alpha_ ? cmsFLAGS_COPY_ALPHA : 0);
  if (lcms->transform == nullptr) {
    warnings.emplace_back("its colour profile is broken: taken as sRGB");
    return;
  }
  lcms_ = std::move(lcms);
}

ColourTransform::~ColourTransform() = default;

void ColourTransform::Apply(const std::uint8_t* from, std::size_t pixels, std::uint8_t* to) const {
  if (lcms_) {
    cmsDoTransform(lcms_->transform, from, to, static_cast<cmsUInt32Number>(pixels));
  } else if (bits_ == 16) {
    CopySamples<std::uint16_t>(samples_, from, pixels, to);
  } else {
    CopySamples<std::uint8_t>(samples_, from, pixels, to);
  }
}

}  // namespace inlier
