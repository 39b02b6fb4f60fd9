// The model that scripts/setup-deep fetches, on a photo from Debian's documentation of OpenCV,
// which scripts/demo fetches.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "deep/deep_model.h"
#include "deep/detector.h"

namespace inlier {
namespace {

std::string PhotoOfAPlayer() {
  if (const char* own = std::getenv("INLIER_PICTURES");
      own && std::filesystem::exists(std::string(own) + "/messi5.jpg"))
    return std::string(own) + "/messi5.jpg";
  for (const char* folder : {"/usr/share/doc/opencv-doc/examples/data/",
                             INLIER_DEMO "/opencv-doc/usr/share/doc/opencv-doc/examples/data/",
                             INLIER_DEMO "/catalogue/"}) {
    if (std::filesystem::exists(folder + std::string("messi5.jpg")))
      return folder + std::string("messi5.jpg");
  }
  return "";
}

TEST(NanoDet, FindsThePlayerAndTheBall) {
  if (!INLIER_HAS_DEEP || !FindModel("nanodet-g"))
    GTEST_SKIP() << "no NanoDet-g here (scripts/setup-deep)";
  if (PhotoOfAPlayer().empty()) GTEST_SKIP() << "no messi5.jpg here (scripts/demo fetches it)";
  const auto image = ReadImage(PhotoOfAPlayer());
  ASSERT_TRUE(image) << image.error().message;
  const auto model = DeepModel::Load("nanodet-g");
  ASSERT_TRUE(model) << model.error().message;
  constexpr int kPerson = 0, kBall = 32;  // of COCO's 80 classes
  struct Expected {
    int label;
    float x_px, y_px, width_px, height_px, score;
  };
  const auto regions = (*model)->Regions(*image);
  for (const Expected& e :
       {Expected{kPerson, 61, 67, 399, 266, 0.84f}, Expected{kBall, 337, 287, 51, 47, 0.48f}}) {
    const auto found = std::find_if(regions.begin() + 1, regions.end(), [&e](const Detection& d) {
      return d.label == e.label && d.score > 0;
    });
    ASSERT_NE(found, regions.end()) << "class " << e.label;
    EXPECT_NEAR(found->box.left_px, e.x_px, 3);
    EXPECT_NEAR(found->box.top_px, e.y_px, 3);
    EXPECT_NEAR(found->box.width_px(), e.width_px, 4);
    EXPECT_NEAR(found->box.height_px(), e.height_px, 4);
    EXPECT_NEAR(found->score, e.score, 0.02);
  }
}

}  // namespace
}  // namespace inlier
