// What makes real items hard, in drawn scenes: labels around a bottle, siblings that differ in a
// colour or a word, grey references.
#include <cmath>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "core/image.h"
#include "core/mat.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr int kWidth = 300, kHeight = 360;
constexpr int kPhotoWidth = 800, kPhotoHeight = 600;
constexpr Point kMiddle{400, 300};
const cv::Scalar kRed(40, 40, 210), kGreen(60, 170, 40);

// A label of a brand, with a disc in this colour in the middle.
Image Label(const cv::Scalar& disc) {
  Image label = test::DrawTexture(500, kWidth, kHeight);
  cv::Mat pixels = AsMat(label);
  cv::circle(pixels, {kWidth / 2, kHeight / 2}, 90, disc, cv::FILLED);
  return label;
}

Image LabelWithWord(const char* word) {
  Image label = test::DrawTexture(501, kWidth, kHeight);
  cv::Mat pixels = AsMat(label);
  cv::rectangle(pixels, {20, 140, 260, 80}, cv::Scalar(235, 235, 235), cv::FILLED);
  cv::putText(pixels, word, {30, 200}, cv::FONT_HERSHEY_DUPLEX, 2, cv::Scalar(30, 30, 30), 5);
  return label;
}

Image Grey(const Image& image) {
  cv::Mat grey;
  cv::cvtColor(AsMat(image), grey, cv::COLOR_BGR2GRAY);
  return {.width_px = grey.cols,
          .height_px = grey.rows,
          .channels = 1,
          .pixels = {grey.datastart, grey.dataend}};
}

// The picture as it looks around an upright cylinder of which it covers `turn_rad`.
Image AroundACylinder(const Image& image, double turn_rad) {
  const double radius_px = image.width_px / turn_rad;
  const double half_px = radius_px * std::sin(turn_rad / 2);
  const int width_px = static_cast<int>(2 * half_px);
  cv::Mat x(image.height_px, width_px, CV_32F), y(x.size(), CV_32F), bent;
  for (int v = 0; v < x.rows; ++v) {
    for (int u = 0; u < x.cols; ++u) {
      const double angle = std::asin((u + 0.5 - half_px) / radius_px);
      x.at<float>(v, u) = static_cast<float>(image.width_px / 2.0 + angle * radius_px - 0.5);
      y.at<float>(v, u) = static_cast<float>(v);
    }
  }
  cv::remap(AsMat(image), bent, x, y, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return {.width_px = bent.cols,
          .height_px = bent.rows,
          .channels = bent.channels(),
          .pixels = {bent.datastart, bent.dataend}};
}

class ScenesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::Open(folder_ / "db", OpenMode::kCreate);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    for (unsigned i = 0; i < 6; ++i)
      Add("other" + std::to_string(i), test::DrawTexture(600 + i, kWidth, kHeight));
  }

  void Add(const std::string& id, const Image& image) {
    test::WriteImage(folder_ / (id + ".png"), image);
    ASSERT_TRUE(engine_->Add(id, folder_ / (id + ".png")));
  }

  static Homography Place(const Image& shown) {
    return test::Similarity(shown.width_px, shown.height_px, 1.2, 0.1, kMiddle);
  }

  // The hits of a photo that shows the picture on a busy ground, likeliest first.
  std::vector<Hit> Ask(const Image& shown) {
    auto answer = engine_->Query(test::Warp(shown, Place(shown), kPhotoWidth, kPhotoHeight, 700),
                                 {.all = true});
    EXPECT_TRUE(answer) << answer.error().message;
    if (!answer || answer->hits.empty()) return {Hit{}};
    return std::move(answer->hits);
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(ScenesTest, ALabelAroundABottleIsAccepted) {
  const Image label = test::DrawTexture(502, kWidth, kHeight);
  Add("label", label);
  for (const double turn_rad : {0.8, 1.4, 2.0}) {
    const auto hits = Ask(AroundACylinder(label, turn_rad));
    EXPECT_EQ(hits[0].id, "label") << turn_rad;
    EXPECT_TRUE(hits[0].accepted) << turn_rad << ": " << hits[0].probability;
  }
}

TEST_F(ScenesTest, OfTwoSiblingsThatDifferInAColourTheRightOneIsAccepted) {
  Add("red", Label(kRed));
  Add("green", Label(kGreen));
  const auto hits = Ask(Label(kGreen));
  EXPECT_EQ(hits[0].id, "green");
  EXPECT_TRUE(hits[0].accepted);
  for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_FALSE(hits[i].accepted) << hits[i].id;
}

TEST_F(ScenesTest, ASiblingInAnotherColourIsNotTakenForTheOneThatIsAbsent) {
  Add("red", Label(kRed));
  const auto hits = Ask(Label(kGreen));
  EXPECT_EQ(hits[0].id, "red");
  EXPECT_FALSE(hits[0].accepted) << hits[0].probability;
  EXPECT_EQ(hits[0].reason, Reason::kDiffers);
  // Where the disc is.
  ASSERT_TRUE(hits[0].difference);
  Point middle{};
  for (const Point& p : *hits[0].difference)
    middle = {middle.x_px + p.x_px / 4, middle.y_px + p.y_px / 4};
  EXPECT_NEAR(middle.x_px, kMiddle.x_px, 15);
  EXPECT_NEAR(middle.y_px, kMiddle.y_px, 15);
}

TEST_F(ScenesTest, OfTwoSiblingsThatDifferInAWordTheRightOneIsAccepted) {
  Add("lager", LabelWithWord("LAGER"));
  Add("stout", LabelWithWord("STOUT"));
  for (const char* const word : {"LAGER", "STOUT"}) {
    const auto hits = Ask(LabelWithWord(word));
    EXPECT_EQ(hits[0].id, word == std::string("LAGER") ? "lager" : "stout");
    EXPECT_TRUE(hits[0].accepted) << word;
    for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_FALSE(hits[i].accepted) << hits[i].id;
  }
}

TEST_F(ScenesTest, AGreyReferenceIsFoundInAColourPhoto) {
  const Image label = test::DrawTexture(503, kWidth, kHeight);
  Add("grey", Grey(label));
  const auto hits = Ask(label);
  EXPECT_EQ(hits[0].id, "grey");
  EXPECT_TRUE(hits[0].accepted) << hits[0].probability;
}

}  // namespace
}  // namespace inlier
