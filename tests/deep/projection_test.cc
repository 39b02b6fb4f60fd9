#include "deep/projection.h"

#include <cmath>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "deep/calibrate.h"
#include "deep/embedder.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// Along the first kDistinctive axes items differ, and a photo stays close to its item. Along the
// other axes items and photos are independent of each other, and spread three times as wide.
constexpr std::size_t kDims = 24, kDistinctive = 6, kItems = 60, kViews = 5;

struct Planted {
  ProjectionSamples samples;
  std::vector<std::vector<float>> photos;  // one of each item, which is not among the samples
};

Planted Plant(unsigned seed) {
  std::mt19937 random(seed);
  const auto normal = [&random] {  // nearly: a sum of uniform numbers (Irwin and Hall)
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random()) / 4294967296.0;
    return static_cast<float>(sum);
  };
  Planted planted;
  for (std::size_t i = 0; i < kItems; ++i) {
    std::vector<float> item(kDims, 5);
    for (std::size_t k = 0; k < kDims; ++k) item[k] += k < kDistinctive ? normal() : 3 * normal();
    const auto photo = [&] {
      std::vector<float> moved = item;
      for (std::size_t k = 0; k < kDims; ++k)
        moved[k] = k < kDistinctive ? item[k] + 0.1f * normal() : 5 + 3 * normal();
      return moved;
    };
    for (std::size_t v = 0; v < kViews; ++v) planted.samples.views.push_back({i, photo()});
    planted.photos.push_back(photo());
    planted.samples.items.push_back(std::move(item));
  }
  return planted;
}

double FirstHits(std::vector<std::vector<float>> items, std::vector<std::vector<float>> photos) {
  for (auto* vectors : {&items, &photos}) {
    for (auto& values : *vectors) Normalise(values);
  }
  return Calibrate(items, photos).first_hit;
}

TEST(Projection, FindsTheDirectionsThatDistinguishItems) {
  Planted planted = Plant(1);
  EXPECT_LT(FirstHits(planted.samples.items, planted.photos), 0.3);
  const auto projection =
      FitProjection(planted.samples, {.dims = static_cast<int>(kDistinctive), .shrinkage = 0.01});
  ASSERT_TRUE(projection) << projection.error().message;
  ASSERT_EQ(projection->dims(), kDistinctive);
  for (auto* vectors : {&planted.samples.items, &planted.photos}) {
    for (auto& values : *vectors) values = projection->Apply(values);
  }
  EXPECT_GT(FirstHits(planted.samples.items, planted.photos), 0.95);
  // The directions in which photos vary have next to no weight.
  double distinctive = 0, varying = 0;
  ASSERT_EQ(projection->parts.size(), 1u);
  const std::vector<float>& matrix = projection->parts[0].matrix;
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    (i % kDims < kDistinctive ? distinctive : varying) +=
        static_cast<double>(matrix[i]) * matrix[i];
  }
  EXPECT_GT(distinctive, 100 * varying);
}

// The length of the numbers from `begin` on.
double LengthOf(const std::vector<float>& values, std::size_t begin, std::size_t count) {
  double squares = 0;
  for (std::size_t i = begin; i < begin + count; ++i)
    squares += static_cast<double>(values[i]) * values[i];
  return std::sqrt(squares);
}

TEST(Projection, WhitensOnePartAndLeavesTheOther) {
  const Planted planted = Plant(4);
  constexpr std::size_t kPlain = 6, kOthers = kDims - kPlain;
  const EmbeddingPart parts[] = {{.begin = 0, .dims = kPlain},
                                 {.begin = kPlain, .dims = kOthers, .weight = 0.5f, .whitened = 4}};
  const auto projection = FitWhitening(planted.samples.items, parts);
  ASSERT_TRUE(projection) << projection.error().message;
  ASSERT_EQ(projection->dims(), kPlain + 4);
  EXPECT_EQ(projection->in(), kDims);
  std::vector<double> sums(4), products(16);
  for (const auto& item : planted.samples.items) {
    const std::vector<float> projected = projection->Apply(item);
    EXPECT_NEAR(LengthOf(projected, 0, kPlain + 4), 1, 1e-5);
    EXPECT_NEAR(LengthOf(projected, kPlain, 4) / LengthOf(projected, 0, kPlain), 0.5, 1e-5);
    for (std::size_t i = 1; i < kPlain; ++i)
      EXPECT_NEAR(projected[i] / projected[0], item[i] / item[0], 1e-4);
    // Before its length is set, the part is white.
    const ProjectedPart& white = projection->parts[1];
    std::vector<double> values(4);
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t k = 0; k < kOthers; ++k)
        values[row] += white.matrix[row * kOthers + k] *
                       (static_cast<double>(item[kPlain + k]) - white.mean[k]);
      sums[row] += values[row] / kItems;
    }
    for (std::size_t i = 0; i < 16; ++i) products[i] += values[i / 4] * values[i % 4] / kItems;
  }
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(products[i], i / 4 == i % 4 ? 1 : 0, 1e-3);
  for (const double sum : sums) EXPECT_NEAR(sum, 0, 1e-4);
  EXPECT_FALSE(FitWhitening(std::span(planted.samples.items).first(1), parts));
  EXPECT_EQ(WithoutWhitening(parts).dims(), kPlain);
}

TEST(Projection, HasFewerDimensionsThanItems) {
  ProjectionSamples samples = Plant(2).samples;
  samples.items.resize(4);
  std::erase_if(samples.views, [](const auto& view) { return view.item >= 4; });
  const auto projection = FitProjection(samples, {.dims = 100});
  ASSERT_TRUE(projection);
  EXPECT_EQ(projection->dims(), 3u);
  samples.items.resize(1);
  EXPECT_FALSE(FitProjection(samples, {}));
}

TEST(Projection, IsWrittenAndReadBack) {
  const test::TempFolder folder;
  auto projection = FitProjection(Plant(3).samples, {.dims = 4});
  ASSERT_TRUE(projection);
  projection->model_hash = "hash";
  projection->calibration = {-1, 2, 3};
  projection->parts.push_back({.begin = 3, .in = 5, .weight = 0.5f});
  ASSERT_TRUE(projection->Write(folder / "p"));
  const auto read = Projection::Read(folder / "p");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->parts.size(), 2u);
  EXPECT_EQ(read->parts[0].matrix, projection->parts[0].matrix);
  EXPECT_EQ(read->parts[0].mean, projection->parts[0].mean);
  EXPECT_EQ(read->parts[1].begin, 3u);
  EXPECT_EQ(read->parts[1].in, 5u);
  EXPECT_EQ(read->parts[1].weight, 0.5f);
  EXPECT_TRUE(read->parts[1].matrix.empty());
  EXPECT_EQ(read->model_hash, "hash");
  EXPECT_EQ(read->calibration.margin, 3);

  std::ifstream in(folder / "p", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (const std::size_t at : {std::size_t{2}, std::size_t{9}, std::size_t{40}, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    test::WriteBytes(folder / "d", damaged);
    const auto broken = Projection::Read(folder / "d");
    EXPECT_TRUE(!broken && broken.error().code == ErrorCode::kCorrupt) << at;
  }
  test::WriteBytes(folder / "d", bytes.substr(0, bytes.size() / 2));
  EXPECT_FALSE(Projection::Read(folder / "d"));
  EXPECT_EQ(Projection::Read(folder / "none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace inlier
