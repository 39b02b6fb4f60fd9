#include <cmath>
#include <numeric>

#include "core/parallel.h"
#include "deep/deep.h"
#include "deep/deep_model.h"
#include "deep/projection.h"
#include "extractor/methods.h"
#include "tests/deep/tiny_model.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

using test::TinyModelTest;

Image Plain(int width_px, int height_px, int channels = 3, std::uint8_t value = 0) {
  return {
      width_px, height_px, channels,
      std::vector<std::uint8_t>(static_cast<std::size_t>(width_px * height_px * channels), value)};
}

std::unique_ptr<Extractor> Create(const ExtractorOptions& options) {
  AddDeepMethods();
  auto extractor = CreateExtractor(options);
  EXPECT_TRUE(extractor) << extractor.error().message;
  return extractor ? std::move(*extractor) : nullptr;
}

std::string ErrorOf(const ExtractorOptions& options) {
  AddDeepMethods();
  const auto extractor = CreateExtractor(options);
  return extractor ? "" : extractor.error().message;
}

TEST(Deep, WithoutARuntimeSaysHowToGetIt) {
  if (INLIER_HAS_DEEP) GTEST_SKIP() << "this build has ONNX Runtime";
  test::TempFolder folder;
  test::WriteTinyModel(folder.path());
  EXPECT_NE(
      ErrorOf({.method = "deep", .deep_model = folder / "tiny.json"}).find("scripts/setup-deep"),
      std::string::npos);
}

TEST_F(TinyModelTest, BoxesAreInPixelsOfTheImage) {
  const auto model = DeepModel::Load(config());
  ASSERT_TRUE(model) << model.error().message;
  // The image is twice as wide and three times as high as the network's input, so cell (2, 1) is
  // the rectangle 32..48 × 24..48.
  Image image = Plain(64, 96);
  for (int y = 24; y < 48; ++y) {
    for (int x = 32; x < 48; ++x)
      image.pixels[(static_cast<std::size_t>(y) * 64 + static_cast<std::size_t>(x)) * 3 + 1] = 255;
  }
  const auto regions = (*model)->Regions(image);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].box.left_px, -0.5f);
  EXPECT_EQ(regions[0].box.bottom_px, 95.5f);
  EXPECT_EQ(regions[1].label, 1);
  EXPECT_NEAR(regions[1].score, 1, 1e-4);
  // The cell's centre is (20, 12) in the network. The box reaches 12 px to the left and up, and 4
  // px to the right and down.
  EXPECT_NEAR(regions[1].box.left_px, 2 * 8 - 0.5, 1e-3);
  EXPECT_NEAR(regions[1].box.top_px, 3 * 0 - 0.5, 1e-3);
  EXPECT_NEAR(regions[1].box.right_px, 2 * 24 - 0.5, 1e-3);
  EXPECT_NEAR(regions[1].box.bottom_px, 3 * 16 - 0.5, 1e-3);
}

TEST_F(TinyModelTest, OfOverlappingBoxesOnlyTheBestStaysWhateverItsClass) {
  const auto model = DeepModel::Load(Changed("\"most_overlap\": 0.5", "\"most_overlap\": 0.3"));
  ASSERT_TRUE(model) << model.error().message;
  Image image = Plain(32, 32);
  for (int y = 16; y < 24; ++y) {
    for (int x = 8; x < 24; ++x)
      image.pixels[(static_cast<std::size_t>(y) * 32 + static_cast<std::size_t>(x)) * 3 +
                   (x < 16 ? 0 : 2)] = x < 16 ? 240 : 250;
  }
  const auto regions = (*model)->Regions(image);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[1].label, 2);
}

TEST_F(TinyModelTest, EachRegionIsAFeatureWithADirection) {
  const auto extractor = Create({.method = "deep", .deep_model = config()});
  ASSERT_NE(extractor, nullptr);
  Image image = test::DrawTexture(3, 90, 70);
  for (int y = 0; y < 40; ++y)
    std::fill_n(&image.pixels[static_cast<std::size_t>(y) * 90 * 3], 3 * 60, std::uint8_t{255});
  const Features features = extractor->Extract(image);
  ASSERT_GT(features.size(), 1u);
  EXPECT_EQ(features.kind, DescriptorKind::kEmbedding);
  EXPECT_EQ(features.descriptor_bytes, 16);
  EXPECT_EQ(features.descriptors.size(), features.size() * 16);
  EXPECT_EQ(features.regions.size(), features.size());
  EXPECT_EQ(features.image_width_px, 90u);
  EXPECT_EQ(features.keypoints[0].point.x_px, 44.5f);
  EXPECT_EQ(features.keypoints[0].size_px, 90);
  std::vector<float> unit(16);
  UnitDirection(features.row(0), unit.data());
  EXPECT_NEAR(std::inner_product(unit.begin(), unit.end(), unit.begin(), 0.0), 1, 1e-5);
  // The tiny network ends in a rectifier.
  for (const float value : unit) EXPECT_GE(value, -1e-6);
}

TEST_F(TinyModelTest, GivesTheSameOnAnyThread) {
  const auto extractor = Create({.method = "deep", .deep_model = config()});
  ASSERT_NE(extractor, nullptr);
  std::vector<Image> images;
  for (unsigned i = 0; i < 12; ++i) images.push_back(test::DrawTexture(i, 120, 80));
  std::vector<Features> alone, together(images.size());
  for (const Image& image : images) alone.push_back(extractor->Extract(image));
  ParallelFor(images.size(), 4,
              [&](std::size_t i) { together[i] = extractor->Extract(images[i]); });
  for (std::size_t i = 0; i < images.size(); ++i)
    EXPECT_EQ(alone[i].descriptors, together[i].descriptors) << i;
  EXPECT_NE(alone[0].descriptors, alone[1].descriptors);
}

TEST_F(TinyModelTest, AVectorOutputIsThePooledMap) {
  const Image image = test::DrawTexture(8, 64, 64);
  const auto pooled = DeepModel::Load(config());
  ASSERT_TRUE(pooled);
  const std::vector<float> mean = (*pooled)->embedder().Embed(image, WholeImage(image));
  const auto vector = DeepModel::Load(
      Changed("[\"map\"], \"pooling\": \"average\"", "[\"vector\"], \"pooling\": \"none\""));
  ASSERT_TRUE(vector) << vector.error().message;
  const std::vector<float> given = (*vector)->embedder().Embed(image, WholeImage(image));
  ASSERT_EQ(given.size(), mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(given[i], mean[i], 1e-5);
}

TEST_F(TinyModelTest, TokensArePooledByTheClassOrThePatches) {
  // The tokens of this network are the windows of its map, and a black window is a token of zeros.
  // Only the first window of this image is not black.
  Image image = Plain(32, 32, 3, 0);
  const Image texture = test::DrawTexture(8, 64, 64);
  for (int y = 0; y < 8; ++y)
    std::copy_n(&texture.pixels[static_cast<std::size_t>(y) * 64 * 3], 8 * 3,
                &image.pixels[static_cast<std::size_t>(y) * 32 * 3]);
  const auto embedded = [&](const std::string& outputs) {
    const auto model = DeepModel::Load(Changed("[\"map\"], \"pooling\": \"average\"", outputs));
    EXPECT_TRUE(model) << model.error().message;
    return model ? (*model)->embedder().Embed(image, WholeImage(image)) : std::vector<float>();
  };
  const auto mean = embedded("[\"map\"], \"pooling\": \"average\"");
  const auto all = embedded("[\"tokens\"], \"pooling\": \"patch_mean\", \"prefix_tokens\": 0");
  const auto first = embedded("[\"tokens\"], \"pooling\": \"class_token\"");
  const auto rest = embedded("[\"tokens\"], \"pooling\": \"patch_mean\"");
  EXPECT_GT(*std::max_element(mean.begin(), mean.end()), 0.1f);
  ASSERT_EQ(all.size(), mean.size());
  ASSERT_EQ(first.size(), mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    EXPECT_NEAR(all[i], mean[i], 1e-5);
    EXPECT_NEAR(first[i], mean[i], 1e-5);
    EXPECT_EQ(rest[i], 0);
  }
}

TEST_F(TinyModelTest, PoolingRefusesWhatItDoesNotSuit) {
  const std::pair<const char*, const char*> cases[] = {
      {"[\"map\"], \"pooling\": \"class_token\"", "'map' is not 1 × tokens × channels"},
      {"[\"tokens\"], \"pooling\": \"patch_mean\", \"prefix_tokens\": 16",
       "'tokens' is not 1 × tokens × channels with enough tokens"},
      {"[\"tokens\"], \"pooling\": \"gem\"", "'tokens' is not a feature map"}};
  for (const auto& [outputs, expected] : cases) {
    const auto model = DeepModel::Load(Changed("[\"map\"], \"pooling\": \"average\"", outputs));
    ASSERT_FALSE(model) << outputs;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(model.error().message.find(expected), std::string::npos) << model.error().message;
  }
}

TEST_F(TinyModelTest, TheGeneralisedMeanLiesBetweenMeanAndMaximum) {
  const Image image = test::DrawTexture(8, 64, 64);
  std::vector<std::vector<float>> pooled;
  for (const char* pooling : {"\"average\"", "\"gem\", \"gem_power\": 1",
                              "\"gem\", \"gem_power\": 3", "\"gem\", \"gem_power\": 3.0001"}) {
    const auto model = DeepModel::Load(Changed("\"average\"", pooling));
    ASSERT_TRUE(model) << model.error().message;
    pooled.push_back((*model)->embedder().Embed(image, WholeImage(image)));
  }
  double moved = 0;
  for (std::size_t i = 0; i < pooled[0].size(); ++i) {
    EXPECT_NEAR(pooled[0][i], pooled[1][i], 1e-4);
    EXPECT_NEAR(pooled[2][i], pooled[3][i], 1e-3);
    moved += std::abs(pooled[0][i] - pooled[2][i]);
  }
  EXPECT_GT(moved, 0.01);
}

TEST_F(TinyModelTest, TheCentreIsCutOutWhenTheInputIsToBeFilled) {
  const auto model = DeepModel::Load(
      Changed("\"width_px\": 32, \"height_px\": 32, \"scale\": [0.00392156862, 0.00392156862, "
              "0.00392156862]},\n    \"outputs\"",
              "\"width_px\": 32, \"height_px\": 32, \"fit\": \"crop\", \"scale\": [0.00392156862, "
              "0.00392156862, 0.00392156862]},\n    \"outputs\""));
  ASSERT_TRUE(model) << model.error().message;
  const Image centre = test::DrawTexture(5, 40, 40);
  for (const bool upright : {false, true}) {
    Image framed = upright ? Plain(40, 70, 3, 200) : Plain(70, 40, 3, 200);
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 40 * 3; ++x) {
        const int in_x = x + (upright ? 0 : 45), in_y = y + (upright ? 15 : 0);
        framed.pixels[static_cast<std::size_t>(in_y * framed.width_px * 3 + in_x)] =
            centre.pixels[static_cast<std::size_t>(y * 120 + x)];
      }
    }
    EXPECT_EQ((*model)->embedder().Embed(framed, WholeImage(framed)),
              (*model)->embedder().Embed(centre, WholeImage(centre)));
  }
}

TEST_F(TinyModelTest, PartsHaveTheirWeights) {
  const Image image = test::DrawTexture(8, 64, 64);
  const auto model =
      DeepModel::Load(Changed("[\"map\"]",
                              "[\"map\", {\"name\": \"vector\", \"pooling\": \"none\", "
                              "\"weight\": 0.5}]"));
  ASSERT_TRUE(model) << model.error().message;
  const std::vector<float> joined = (*model)->embedder().Embed(image, WholeImage(image));
  ASSERT_EQ(joined.size(), 32u);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(joined[i], 2 * joined[16 + i], 1e-5);
}

TEST_F(TinyModelTest, APartToBeWhitenedWaitsForWhatIsLearnt) {
  const std::string whitened = Changed("[\"map\"]",
                                       "[\"map\", {\"name\": \"vector\", \"pooling\": \"none\", "
                                       "\"whitened\": 8}]");
  const Image image = test::DrawTexture(8, 64, 64);
  const auto waiting = Create({.method = "deep", .deep_model = whitened});
  ASSERT_NE(waiting, nullptr);
  const auto plain = Create({.method = "deep", .deep_model = config()});
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(waiting->ExtractItem(image).descriptors, plain->ExtractItem(image).descriptors);

  const auto model = DeepModel::Load(whitened);
  ASSERT_TRUE(model);
  std::vector<std::vector<float>> items;
  for (unsigned i = 0; i < 20; ++i) {
    const Image item = test::DrawTexture(i, 64, 64);
    items.push_back((*model)->embedder().Embed(item, WholeImage(item)));
  }
  auto projection = FitWhitening(items, (*model)->embedder().parts());
  ASSERT_TRUE(projection) << projection.error().message;
  projection->model_hash = (*model)->config().hash;
  ASSERT_TRUE(projection->Write(folder / "p"));
  const auto learnt =
      Create({.method = "deep", .deep_model = whitened, .deep_projection = folder / "p"});
  ASSERT_NE(learnt, nullptr);
  EXPECT_EQ(learnt->ExtractItem(image).descriptor_bytes, 16 + 8);
}

TEST_F(TinyModelTest, CropsAreFurtherRegions) {
  const auto model =
      DeepModel::Load(Changed("\"name\": \"tiny\",", "\"name\": \"tiny\", \"crops\": [0.5],"));
  ASSERT_TRUE(model) << model.error().message;
  const auto regions = (*model)->Regions(Plain(40, 20));
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[1].box.left_px, 9.5f);
  EXPECT_EQ(regions[1].box.right_px, 29.5f);
  EXPECT_EQ(regions[1].box.top_px, 4.5f);
}

TEST_F(TinyModelTest, GreyAndTinyImagesAreDescribed) {
  const auto extractor = Create({.method = "deep", .deep_model = config()});
  ASSERT_NE(extractor, nullptr);
  for (const Image& image : {Plain(1, 1), Plain(50, 3, 1, 90), Plain(3, 400, 3, 255)})
    EXPECT_GE(extractor->Extract(image).size(), 1u);
}

TEST_F(TinyModelTest, BadNetworksAreErrors) {
  EXPECT_NE(ErrorOf({.method = "deep", .deep_model = Changed("[\"map\"]", "[\"mop\"]")})
                .find("no output 'mop'; it has map, vector"),
            std::string::npos);
  EXPECT_NE(ErrorOf({.method = "deep",
                     .deep_model = Changed("\"regions\": 2", "\"bins\": 8, \"regions\": 2")})
                .find("4 × 8 bins"),
            std::string::npos);
  EXPECT_NE(
      ErrorOf({.method = "deep", .deep_model = Changed("\"strides\": [8]", "\"strides\": [16]")})
          .find("is not 4 rows (stride 16)"),
      std::string::npos);
  EXPECT_NE(ErrorOf({.method = "deep",
                     .deep_model =
                         Changed("\"width_px\": 32, \"height_px\": 32, \"scale\": [0.00392156862, "
                                 "0.00392156862, 0.00392156862]},\n    \"outputs\"",
                                 "\"width_px\": 40, \"height_px\": 32},\n    \"outputs\"")}),
            "");
  test::WriteBytes(folder / "tiny-embedding.onnx", "not a network at all");
  const std::string broken = ErrorOf({.method = "deep", .deep_model = config()});
  EXPECT_NE(broken.find("tiny-embedding.onnx"), std::string::npos) << broken;
}

TEST_F(TinyModelTest, AProjectionOfAnotherModelIsRefused) {
  Projection projection{
      .model_hash = "another",
      .parts = {{.in = 16, .mean = std::vector<float>(16), .matrix = std::vector<float>(32, 1)}}};
  const std::string path = folder / "p.proj";
  ASSERT_TRUE(projection.Write(path));
  EXPECT_NE(ErrorOf({.method = "deep", .deep_model = config(), .deep_projection = path})
                .find("learnt with another model than tiny"),
            std::string::npos);
  projection.model_hash = (*DeepModel::Load(config()))->config().hash;
  ASSERT_TRUE(projection.Write(path));
  const auto extractor =
      Create({.method = "deep", .deep_model = config(), .deep_projection = path});
  ASSERT_NE(extractor, nullptr);
  EXPECT_EQ(extractor->Extract(Plain(30, 30)).descriptor_bytes, 2);
  EXPECT_NE(ErrorOf({.method = "deep", .deep_model = config(), .deep_projection = folder / "none"})
                .find("no such file"),
            std::string::npos);
}

}  // namespace
}  // namespace inlier
