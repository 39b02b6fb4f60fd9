// These tests index and ask with method xfeat from the command line.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "deep/model_folders.h"
#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kIndex = {"index", "items", "--db", "x.db", "--features", "xfeat"};

class CliXfeat : public Shop {
 protected:
  void SetUp() override {
    if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
    if (const Outcome index = Inlier(kIndex);
        index.err.find("run scripts/setup-deep") != std::string::npos)
      GTEST_SKIP() << "no XFeat here (scripts/setup-deep)";
  }
  nlohmann::json Ask(const std::string& photo, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"query", photo, "--db", "x.db", "--format", "jsonl"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome query = Inlier(arguments);
    EXPECT_EQ(query.exit, 0) << query.err;
    return nlohmann::json::parse(query.out);
  }
};

TEST_F(CliXfeat, IndexesAndAnswers) {
  const auto stats =
      nlohmann::json::parse(Inlier({"stats", "--db", "x.db", "--format", "jsonl"}).out);
  EXPECT_EQ(stats["method"], "xfeat");
  EXPECT_EQ(Inlier({"check", "--db", "x.db"}).exit, 0);
  WriteImage(
      File("photo.png"),
      Warp(mug_, Similarity(mug_.width_px, mug_.height_px, 0.9, 0.1, {320, 240}), 640, 480, 77));
  const auto answer = Ask("photo.png");
  ASSERT_EQ(answer["hits"].size(), 1u);
  EXPECT_EQ(answer["hits"][0]["id"], "mug");
}

// The features are upright, so the photo is looked at in quarter turns.
TEST_F(CliXfeat, APhotoMayBeTurned) {
  constexpr double kQuarter_rad = 1.5707963267948966;
  for (const int quarters : {1, 2, 3}) {
    const Homography pose =
        Similarity(mug_.width_px, mug_.height_px, 0.9, quarters * kQuarter_rad, {300, 260});
    WriteImage(File("photo.png"), Warp(mug_, pose, 640, 480, 77));
    const auto answer = Ask("photo.png");
    ASSERT_EQ(answer["hits"].size(), 1u) << quarters;
    EXPECT_EQ(answer["hits"][0]["id"], "mug");
    const Point corner = Transform(pose, {-0.5f, -0.5f});
    EXPECT_NEAR(answer["hits"][0]["polygon"][0][0], corner.x_px, 4) << quarters;
    EXPECT_NEAR(answer["hits"][0]["polygon"][0][1], corner.y_px, 4) << quarters;
    EXPECT_TRUE(Ask("photo.png", {"--set", "photo.turns=false"})["hits"].empty()) << quarters;
  }
}

TEST_F(CliXfeat, AnotherNetworkIsRefused) {
  const auto own = FindModelFile("xfeat.onnx");
  ASSERT_TRUE(own);
  std::filesystem::create_directory(File("models"));
  // The same network in other bytes: a field without a number that anybody knows, of no length.
  std::string network = ReadText(own->string());
  network += std::string("\xc2\x3e\x00", 3);
  const auto refusal = [&](const std::string& bytes) {
    WriteBytes(File("models/xfeat.onnx"), bytes);
    setenv("INLIER_MODELS", File("models").c_str(), /*overwrite=*/1);
    const Outcome query = Inlier({"query", "items/mug.png", "--db", "x.db"});
    unsetenv("INLIER_MODELS");
    EXPECT_NE(query.exit, 0);
    return query.err;
  };
  EXPECT_THAT(refusal(network), HasSubstr("the network that it was made with has changed"));
  EXPECT_THAT(refusal("no network"), HasSubstr("xfeat.onnx"));
}

}  // namespace
}  // namespace inlier::test
