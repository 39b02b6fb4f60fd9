#include "deep/model_config.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/files.h"
#include "tests/support/tiny_onnx.h"

namespace inlier {
namespace {

class ModelConfigTest : public testing::Test {
 protected:
  ModelConfigTest() { test::WriteTinyModel(folder.path()); }
  std::string ErrorWith(const std::string& from, const std::string& to) {
    std::string text = test::kTinyConfig;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    test::WriteBytes(folder / "bad.json", text.replace(at, from.size(), to));
    const auto config = ReadModelConfig(folder / "bad.json");
    EXPECT_FALSE(config) << from << " as " << to;
    return config ? "" : config.error().message;
  }
  test::TempFolder folder;
};

TEST_F(ModelConfigTest, ReadsAllFields) {
  const auto config = ReadModelConfig(folder / "tiny.json");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->name, "tiny");
  EXPECT_TRUE(config->detects);
  EXPECT_EQ(config->detector.strides_px, std::vector<int>{8});
  EXPECT_EQ(config->detector.bins, 1);
  EXPECT_EQ(config->embedding.onnx, folder / "tiny-embedding.onnx");
  EXPECT_FALSE(config->embedding.input.rgb);
  EXPECT_EQ(config->calibration.margin, 200);
}

TEST_F(ModelConfigTest, AnOutputIsANameOrSaysMoreOfItself) {
  std::string text = test::kTinyConfig;
  const std::string plain = "\"outputs\": [\"map\"], \"pooling\": \"average\"";
  text.replace(text.find(plain), plain.size(),
               R"("pooling": "gem", "gem_power": 2, "outputs": ["map", {"name": "vector",
                  "pooling": "none", "weight": 0.5, "whitened": 8}])");
  test::WriteBytes(folder / "two.json", text);
  const auto config = ReadModelConfig(folder / "two.json");
  ASSERT_TRUE(config) << config.error().message;
  const auto& outputs = config->embedding.outputs;
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].name, "map");
  EXPECT_EQ(outputs[0].pooling, Pooling::kGem);
  EXPECT_EQ(outputs[0].gem_power, 2);
  EXPECT_EQ(outputs[0].whitened, 0);
  EXPECT_EQ(outputs[1].name, "vector");
  EXPECT_EQ(outputs[1].pooling, Pooling::kNone);
  EXPECT_EQ(outputs[1].gem_power, 2);
  EXPECT_EQ(outputs[1].weight, 0.5f);
  EXPECT_EQ(outputs[1].whitened, 8);
}

TEST_F(ModelConfigTest, ErrorsNameTheField) {
  const std::pair<std::pair<std::string, std::string>, std::string> cases[] = {
      {{"{\n  \"name\"", "{ {\n  \"name\""}, "not JSON"},
      {{"\"name\": \"tiny\",", ""}, "name is missing"},
      {{"\"kind\": \"fcos\"", "\"kind\": \"yolo\""}, "detector.kind is \"yolo\", not one of fcos"},
      {{"\"width_px\": 32", "\"width_px\": \"wide\""},
       "detector.input.width_px is \"wide\", not a whole number from 8 to 4096"},
      {{"\"strides\": [8]", "\"strides\": [7]"},
       "detector.strides has 7, which does not divide the input"},
      {{"\"strides\": [8]", "\"strides\": [8, 16]"},
       "detector does not have as many scores and boxes as strides"},
      {{"[\"map\"]", "[]"}, "embedding.outputs is not a list with at least one entry"},
      {{"[\"map\"]", "[3]"}, "embedding.outputs has an entry of the wrong type"},
      {{"[\"map\"]", "\"map\""}, "embedding.outputs is not a list with at least one entry"},
      {{"[\"map\"]", "[\"\"]"}, "embedding.outputs has an entry without a name"},
      {{"[\"map\"]", "[{\"weight\": 1}]"}, "embedding.outputs.name is missing"},
      {{"[\"map\"]", "[{\"name\": \"map\", \"wait\": 1}]"},
       "embedding.outputs.wait is not a known field"},
      {{"[\"map\"]", "[{\"name\": \"map\", \"weight\": 0}]"}, "embedding.outputs.weight is 0"},
      {{"[\"map\"]", "[{\"name\": \"map\", \"whitened\": 4}]"},
       "embedding.outputs has nothing that is not whitened"},
      {{"\"height_px\": 32, \"scale\"", "\"height_px\": 32, \"fit\": \"fill\", \"scale\""},
       "input.fit is \"fill\", not one of stretch, letterbox, crop"},
      {{"\"pooling\": \"average\"", "\"pooling\": \"most\""},
       "embedding.pooling is \"most\", not one of none, average, gem, class_token, patch_mean"},
      {{"\"regions\": 2", "\"regoins\": 2"}, "detector.regoins is not a known field"},
      {{"\"margin\": 200", "\"margin\": -1"}, "calibration.margin is -1"},
      {{"\"embedding\": {", "\"embedding\": 3, \"other\": {"}, "embedding is not an object"},
      {{"tiny-detector.onnx", "gone.onnx"}, "no such file"},
  };
  for (const auto& [change, expected] : cases) {
    const std::string message = ErrorWith(change.first, change.second);
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  }
}

TEST_F(ModelConfigTest, TheHashCoversAllFiles) {
  const auto before = ReadModelConfig(folder / "tiny.json");
  test::WriteBytes(folder / "tiny-embedding.onnx", "other");
  const auto after = ReadModelConfig(folder / "tiny.json");
  ASSERT_TRUE(before && after);
  EXPECT_NE(before->hash, after->hash);
}

TEST_F(ModelConfigTest, NamesAreLookedForInTheModelsFolder) {
  ASSERT_EQ(setenv("INLIER_MODELS", folder.path().c_str(), 1), 0);
  const auto found = FindModel("tiny");
  EXPECT_TRUE(found && *found == folder / "tiny.json");
  const auto gone = FindModel("none");
  EXPECT_TRUE(!gone && gone.error().code == ErrorCode::kNotFound);
  unsetenv("INLIER_MODELS");
  EXPECT_TRUE(FindModel(folder / "tiny.json"));
}

}  // namespace
}  // namespace inlier
