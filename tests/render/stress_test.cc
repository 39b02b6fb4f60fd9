#include "render/stress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "core/parallel.h"
#include "render/light.h"
#include "render/paint.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

using Colour = std::array<std::uint8_t, 3>;  // blue, green, red
constexpr Colour kBlue{230, 30, 30}, kGreen{30, 230, 30}, kRed{30, 30, 230}, kYellow{20, 220, 220},
    kGrey{90, 90, 90};

Image Plain(Colour colour, int width_px, int height_px) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = 3};
  for (int i = 0; i < width_px * height_px; ++i)
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  return image;
}

void FillDisc(Image& image, Point middle, double radius_px, Colour colour) {
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      if (std::hypot(x - middle.x_px, y - middle.y_px) > radius_px) continue;
      std::ranges::copy(
          colour, image.pixels.begin() + 3 * (static_cast<std::ptrdiff_t>(y) * image.width_px + x));
    }
  }
}

// By the channels that are strong, whatever the exposure.
bool IsColour(const std::uint8_t* bgr, Colour colour) {
  const int strongest = std::max({bgr[0], bgr[1], bgr[2], std::uint8_t{24}});
  for (int c = 0; c < 3; ++c) {
    if ((colour[c] > 128) != (bgr[c] * 10 > strongest * 7)) return false;
    if (colour[c] < 128 && bgr[c] * 10 > strongest * 6) return false;
  }
  return true;
}

// Stray pixels at the edges of other colours do not move it.
double Median(std::vector<int> values) {
  std::ranges::sort(values);
  return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2.0;
}

const Image& Item() {
  static const Image item = test::DrawTexture(7, 300, 420);
  return item;
}
const Image& Occluder() {
  static const Image occluder = test::DrawTexture(8, 320, 240);
  return occluder;
}
const Image& Background() {
  static const Image background = test::DrawTexture(9, 640, 480);
  return background;
}
const std::vector<Image>& Items() {
  static const std::vector<Image> items = [] {
    std::vector<Image> drawn;
    for (unsigned i = 0; i < 6; ++i)
      drawn.push_back(test::DrawTexture(20 + i, i % 2 ? 300 : 220, i % 3 ? 300 : 200));
    return drawn;
  }();
  return items;
}

StressScene Render(std::string_view slider, double level, std::uint64_t seed = 1) {
  auto scene = RenderStress(slider, level, Items(), Occluder(), Background(), seed);
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return std::move(*scene);
}

std::array<double, 3> MeanLight(const Image& photo) {
  const LinearImage linear = ToLinear(photo);
  std::array<double, 3> mean{};
  for (std::size_t i = 0; i < linear.bgr.size(); ++i) mean[i % 3] += linear.bgr[i];
  for (double& value : mean) value /= static_cast<double>(linear.bgr.size()) / 3;
  return mean;
}

double MeanDifference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

// Mean step between neighbours: detail.
double Detail(const Image& photo) {
  const Image grey = ToGrey(photo);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < grey.pixels.size(); ++i)
    sum += std::abs(grey.pixels[i + 1] - grey.pixels[i]);
  return sum / static_cast<double>(grey.pixels.size());
}

TEST(Stress, TheFirstLevelsOfAllSlidersAreTheSamePhoto) {
  const Image base = Render("darkness", 0).photo;
  for (const StressSlider& slider : StressSliders()) {
    EXPECT_EQ(Render(slider.name, slider.levels[0]).photo.pixels, base.pixels) << slider.name;
  }
}

TEST(Stress, EveryLevelIsAPhotoWithItsItemsInside) {
  for (const StressSlider& slider : StressSliders()) {
    EXPECT_GE(slider.levels.size(), 5u);
    EXPECT_FALSE(slider.meaning.empty());
    Image before;
    for (const double level : slider.levels) {
      const StressScene scene = Render(slider.name, level, 3);
      SCOPED_TRACE(std::string(slider.name) + " " + std::to_string(level));
      EXPECT_EQ(scene.photo.width_px, 800);
      EXPECT_EQ(scene.photo.height_px, 600);
      EXPECT_EQ(scene.photo.channels, 3);
      ASSERT_EQ(scene.placed.size(), slider.name == "items" ? static_cast<std::size_t>(level) : 1u);
      for (std::size_t i = 0; i < scene.placed.size(); ++i) {
        EXPECT_EQ(scene.placed[i].item, i);
        EXPECT_EQ(scene.placed[i].outline.size() % 4, 0u);
        EXPECT_EQ(scene.placed[i].outline.size() == 4, slider.name != "bending" || level == 0);
        for (const Point p : scene.placed[i].outline) {
          EXPECT_TRUE(p.x_px > 0 && p.x_px < 799 && p.y_px > 0 && p.y_px < 599)
              << p.x_px << " " << p.y_px;
        }
      }
      if (!before.empty()) {
        EXPECT_GT(MeanDifference(before, scene.photo), 0.3);
      }
      before = scene.photo;
    }
  }
}

// Marks of four colours on the item are where the homography of the true outline takes them.
TEST(Stress, MarksLieWhereTheOutlineSays) {
  constexpr int kWidth = 300, kHeight = 420;
  const std::array<Point, 4> places{{{30, 30}, {269, 30}, {269, 389}, {30, 389}}};
  const std::array<Colour, 4> colours{kRed, kGreen, kBlue, kYellow};
  std::vector<Image> items{Plain(kGrey, kWidth, kHeight)};
  for (std::size_t i = 0; i < 4; ++i) FillDisc(items[0], places[i], 12, colours[i]);
  const Image back = Plain({60, 60, 60}, 640, 480);
  const std::pair<const char*, double> cases[] = {{"view", 0},       {"view", 30},    {"view", 60},
                                                  {"rotation", 135}, {"scale", 0.35}, {"focus", 8},
                                                  {"darkness", 2}};
  for (const auto& [slider, level] : cases) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto scene = RenderStress(slider, level, items, back, back, seed);
      ASSERT_TRUE(scene);
      const auto& outline = scene->placed[0].outline;
      // The outline's corners are the outer edges of the corner pixels.
      const Homography h = test::FromCorners(kWidth + 1, kHeight + 1,
                                             {outline[0], outline[1], outline[2], outline[3]});
      for (std::size_t i = 0; i < 4; ++i) {
        std::vector<int> xs, ys;
        for (int y = 0; y < scene->photo.height_px; ++y) {
          for (int x = 0; x < scene->photo.width_px; ++x) {
            const auto at = 3 * (static_cast<std::size_t>(y) * scene->photo.width_px + x);
            if (!IsColour(&scene->photo.pixels[at], colours[i])) continue;
            xs.push_back(x);
            ys.push_back(y);
          }
        }
        ASSERT_GT(xs.size(), 10u) << slider << " " << level << " mark " << i;
        const double x = places[i].x_px + 0.5, y = places[i].y_px + 0.5,
                     w = h[6] * x + h[7] * y + h[8];
        EXPECT_NEAR(Median(xs), (h[0] * x + h[1] * y + h[2]) / w, 0.8)
            << slider << " " << level << " mark " << i;
        EXPECT_NEAR(Median(ys), (h[3] * x + h[4] * y + h[5]) / w, 0.8)
            << slider << " " << level << " mark " << i;
      }
    }
  }
}

TEST(Stress, TheOutlineIsTheEdgeOfWhatIsSeen) {
  const std::vector<Image> items{Plain(kGreen, 300, 420)};
  const Image back = Plain(kGrey, 640, 480);
  const std::pair<const char*, double> cases[] = {
      {"view", 75}, {"rotation", 45}, {"scale", 0.5}, {"bending", 0.04}, {"bending", 0.12}};
  for (const auto& [slider, level] : cases) {
    const auto scene = RenderStress(slider, level, items, back, back, 5);
    ASSERT_TRUE(scene);
    const auto share = Coverage(scene->placed[0].outline, 800, 600);
    int both = 0, either = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      const bool seen = IsColour(&scene->photo.pixels[3 * i], kGreen), said = share[i] > 0.5f;
      both += seen && said;
      either += seen || said;
    }
    EXPECT_GT(both, 0.96 * either) << slider << " " << level;
  }
}

TEST(Stress, TheOccluderHidesAsMuchAsAsked) {
  const std::vector<Image> items{Plain(kGreen, 300, 420)};
  const Image back = Plain(kGrey, 640, 480);
  for (const auto& [width, height] : {std::pair{300, 400}, {900, 60}}) {
    const Image front = Plain(kRed, width, height);
    for (const double level : {0.0, 0.1, 0.25, 0.4, 0.55, 0.7}) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        const auto scene = RenderStress("occlusion", level, items, front, back, seed);
        ASSERT_TRUE(scene);
        double hidden = 0, area = 0;
        const auto share = Coverage(scene->placed[0].outline, 800, 600);
        for (std::size_t i = 0; i < share.size(); ++i) {
          if (share[i] < 0.99f) continue;
          ++area;
          hidden += IsColour(&scene->photo.pixels[3 * i], kRed);
        }
        EXPECT_NEAR(hidden / area, level, 0.015) << width << " × " << height << ", seed " << seed;
      }
    }
  }
}

TEST(Stress, EachStopOfDarknessHalvesTheLight) {
  double before = MeanLight(Render("darkness", 0).photo)[1];
  for (const double stops : {1, 2, 3}) {
    const double now = MeanLight(Render("darkness", stops).photo)[1];
    EXPECT_NEAR(now / before, 0.5, 0.02) << stops;
    before = now;
  }
}

TEST(Stress, ColouredLightMultipliesTheChannels) {
  const auto white = MeanLight(Render("light", 6500).photo);
  for (const double kelvin : {5000, 3200, 2200}) {
    const auto warm = MeanLight(Render("light", kelvin).photo);
    const auto gains = LightGains(kelvin);
    for (int c = 0; c < 3; ++c)
      EXPECT_NEAR(warm[c] / white[c], gains[c], 0.02) << kelvin << " channel " << c;
  }
}

TEST(Stress, BlurKeepsTheLightAndTakesDetail) {
  for (const std::string_view slider : {"motion", "focus"}) {
    const auto found = std::ranges::find(StressSliders(), slider, &StressSlider::name);
    double light = 0, detail = 1e9;
    for (const double level : found->levels) {
      const Image photo = Render(slider, level).photo;
      if (light > 0) {
        EXPECT_NEAR(MeanLight(photo)[1] / light, 1, 0.01) << slider << " " << level;
      }
      light = MeanLight(photo)[1];
      EXPECT_LT(Detail(photo), detail) << slider << " " << level;
      detail = Detail(photo);
    }
  }
}

TEST(Stress, NoiseAndJpegGoFurtherFromTheCleanPhoto) {
  for (const std::string_view slider : {"noise", "jpeg"}) {
    const auto found = std::ranges::find(StressSliders(), slider, &StressSlider::name);
    const Image clean = Render(slider, found->levels[0]).photo;
    double before = 0;
    for (std::size_t i = 1; i < found->levels.size(); ++i) {
      const double now = MeanDifference(Render(slider, found->levels[i]).photo, clean);
      EXPECT_GT(now, before) << slider << " " << found->levels[i];
      before = now;
    }
  }
}

TEST(Stress, PoorJpegTakesFewerBytes) {
  std::size_t before = static_cast<std::size_t>(-1);
  for (const double quality : {92, 50, 25, 12, 6, 3}) {
    const std::size_t bytes =
        EncodeJpeg(Render("jpeg", quality).photo, static_cast<int>(quality)).size();
    EXPECT_LT(bytes, before) << quality;
    before = bytes;
  }
}

TEST(Stress, HalfATurnSwapsTheCorners) {
  const auto upright = Render("rotation", 0).placed[0].outline,
             turned = Render("rotation", 180).placed[0].outline;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(turned[i].x_px, upright[(i + 2) % 4].x_px, 0.5);
    EXPECT_NEAR(turned[i].y_px, upright[(i + 2) % 4].y_px, 0.5);
  }
}

// The homography of a plane before a camera of focal length f holds two axes of the plane in its
// first columns (Zhang 2000); their cross product is the normal.
TEST(Stress, TheAngleOfViewIsTheOneAskedFor) {
  for (const double degrees : {15, 30, 45, 60, 75}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto outline = Render("view", degrees, seed).placed[0].outline;
      const Homography h = test::FromCorners(Items()[0].width_px + 1, Items()[0].height_px + 1,
                                             {outline[0], outline[1], outline[2], outline[3]});
      const auto axis = [&](int column) {
        const double z = h[6 + column];
        return cv::Vec3d((h[column] - 399.5 * z) / 960, (h[3 + column] - 299.5 * z) / 960, z);
      };
      const cv::Vec3d normal = axis(0).cross(axis(1));
      EXPECT_NEAR(std::acos(std::abs(normal[2]) / cv::norm(normal)) * 180 / CV_PI, degrees, 0.1)
          << seed;
      EXPECT_NEAR(axis(0).dot(axis(1)) / (cv::norm(axis(0)) * cv::norm(axis(1))), 0, 0.01) << seed;
    }
  }
}

TEST(Stress, ScaleIsTheDiagonalByTheShortSide) {
  for (const double scale : {0.7, 0.35, 0.17}) {
    const auto outline = Render("scale", scale).placed[0].outline;
    const double one =
        std::hypot(outline[0].x_px - outline[2].x_px, outline[0].y_px - outline[2].y_px);
    const double other =
        std::hypot(outline[1].x_px - outline[3].x_px, outline[1].y_px - outline[3].y_px);
    EXPECT_NEAR((one + other) / 2, scale * 600,
                0.02 * scale * 600);  // the base pose tilts it a little
  }
}

TEST(Stress, SeveralItemsDoNotOverlap) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const double count : {2, 3, 4, 5, 6}) {
      const StressScene scene = Render("items", count, seed);
      std::vector<float> sum(800 * 600);
      for (const PlacedItem& placed : scene.placed) {
        const auto share = Coverage(placed.outline, 800, 600);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share[i];
      }
      EXPECT_LT(*std::ranges::max_element(sum), 1.001f) << count << " items, seed " << seed;
    }
  }
}

TEST(Stress, AnUprightBackgroundGivesAnUprightPhoto) {
  const auto scene =
      RenderStress("items", 6, Items(), Occluder(), test::DrawTexture(4, 300, 500), 1);
  ASSERT_TRUE(scene);
  EXPECT_EQ(scene->photo.width_px, 600);
  EXPECT_EQ(scene->photo.height_px, 800);
}

TEST(Stress, GreyPicturesWillDo) {
  const std::vector<Image> items{ToGrey(Item())};
  EXPECT_TRUE(RenderStress("view", 30, items, ToGrey(Occluder()), ToGrey(Background()), 1));
}

TEST(Stress, OnePixelWillDo) {
  const std::vector<Image> items{Plain(kGreen, 1, 1)};
  for (const StressSlider& slider : StressSliders()) {
    if (slider.name == "items") continue;
    EXPECT_TRUE(RenderStress(slider.name, slider.levels.back(), items, items[0], items[0], 1))
        << slider.name;
  }
}

TEST(Stress, TheSeedAloneDecides) {
  struct Case {
    std::string_view slider;
    double level;
  };
  std::vector<Case> cases;
  for (const StressSlider& slider : StressSliders())
    cases.push_back({slider.name, slider.levels.back()});
  std::vector<Image> alone, together(cases.size());
  cv::setNumThreads(1);
  for (const Case& c : cases) alone.push_back(Render(c.slider, c.level, 5).photo);
  cv::setNumThreads(2);
  ParallelFor(cases.size(), 4, [&](std::size_t i) {
    together[i] = Render(cases[i].slider, cases[i].level, 5).photo;
  });
  cv::setNumThreads(-1);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(alone[i].pixels, together[i].pixels) << cases[i].slider;
    EXPECT_NE(alone[i].pixels, Render(cases[i].slider, cases[i].level, 6).photo.pixels)
        << cases[i].slider;
  }
}

TEST(Stress, ViewsDifferFromSeedToSeed) {
  Image before;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto view = RenderView(Item(), Occluder(), Background(), seed);
    ASSERT_TRUE(view) << view.error().message;
    ASSERT_EQ(view->placed.size(), 1u);
    EXPECT_EQ(RenderView(Item(), Occluder(), Background(), seed)->photo.pixels, view->photo.pixels);
    EXPECT_NE(view->photo.pixels, before.pixels);
    before = view->photo;
  }
}

TEST(Stress, SaysWhatIsWrong) {
  const auto message = [](const auto& result) {
    EXPECT_FALSE(result);
    if (result) return std::string();
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    return result.error().message;
  };
  const auto render = [&](std::string_view slider, double level) {
    return message(RenderStress(slider, level, Items(), Occluder(), Background(), 1));
  };
  EXPECT_NE(render("fog", 1).find("fog"), std::string::npos);
  EXPECT_NE(render("view", 76).find("view: level 76"), std::string::npos);
  EXPECT_NE(render("jpeg", 100).find("jpeg: level 100"), std::string::npos);
  EXPECT_NE(render("scale", std::nan("")).find("scale"), std::string::npos);
  EXPECT_NE(render("items", 2.5).find("whole"), std::string::npos);
  const std::span<const Image> two(Items().data(), 2);
  EXPECT_NE(message(RenderStress("items", 3, two, Occluder(), Background(), 1)).find("2 items"),
            std::string::npos);
  EXPECT_EQ(message(RenderStress("view", 0, {}, Occluder(), Background(), 1)), "no items");
  EXPECT_EQ(message(RenderStress("view", 0, two, {}, Background(), 1)), "the occluder is empty");
  EXPECT_EQ(message(RenderStress("view", 0, two, Occluder(), {}, 1)), "the background is empty");
  const std::vector<Image> empty(1);
  EXPECT_EQ(message(RenderStress("view", 0, empty, Occluder(), Background(), 1)),
            "item 0 is empty");
  EXPECT_EQ(message(RenderView({}, Occluder(), Background(), 1)), "item 0 is empty");
  Image torn = Item();
  torn.pixels.resize(100);
  EXPECT_NE(message(RenderView(torn, Occluder(), Background(), 1)).find("100 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace inlier
