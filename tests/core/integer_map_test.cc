#include "core/integer_map.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/targets.h"

namespace inlier {
namespace {

class IntegerMapTest : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(IntegerMapTest, IsTheMatrixTimesTheRowOnEveryTarget) {
  const auto [outputs, inputs] = GetParam();
  const auto largest = static_cast<int>(std::min<std::int64_t>(
      IntegerMap::kMaxMagnitude / static_cast<std::int64_t>(inputs), 32'767));
  std::mt19937 random(3);
  std::vector<std::int16_t> matrix(outputs * inputs);
  for (auto& value : matrix)
    value = static_cast<std::int16_t>(
        static_cast<int>(random() % static_cast<unsigned>(2 * largest + 1)) - largest);
  std::fill_n(matrix.begin(), inputs, static_cast<std::int16_t>(largest));
  std::vector<std::uint8_t> row(inputs);
  for (const bool full : {false, true}) {
    for (auto& value : row) value = full ? 255 : static_cast<std::uint8_t>(random());
    test::ForEachSimdTarget([&, outputs = outputs, inputs = inputs] {
      const IntegerMap map(matrix, inputs);
      ASSERT_EQ(map.outputs(), outputs);
      std::vector<std::int32_t> out(outputs + 1, 77);
      map.Apply(row.data(), out.data());
      for (std::size_t i = 0; i < outputs; ++i) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < inputs; ++j)
          sum += std::int64_t{matrix[i * inputs + j]} * row[j];
        EXPECT_EQ(out[i], sum) << i;
      }
      EXPECT_EQ(out[outputs], 77);  // nothing behind the last output is written
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, IntegerMapTest,
                         testing::Values(std::pair{64u, 128u}, std::pair{64u, 256u},
                                         std::pair{1u, 1u}, std::pair{17u, 7u},
                                         std::pair{33u, 64u}));

}  // namespace
}  // namespace inlier
