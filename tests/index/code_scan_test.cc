#include "index/code_scan.h"

#include <bit>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/targets.h"

namespace inlier {
namespace {

class ScanCodesTest : public testing::TestWithParam<std::pair<int, std::size_t>> {};

TEST_P(ScanCodesTest, AgreesWithTheDefinitionOnEveryTarget) {
  const auto [words, count] = GetParam();
  const auto n = static_cast<std::size_t>(words);
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> codes(count * n), query(n);
  for (auto& word : codes) word = random();
  for (auto& word : query) word = random();
  const int limit = 28 * words;
  test::ForEachSimdTarget([&, n = n, words = words, count = count] {
    std::vector<CodeMatch> found(count);
    found.resize(ScanCodes(codes.data(), count, words, query.data(), limit, found.data()));
    std::size_t next = 0;
    for (std::size_t i = 0; i < count; ++i) {
      std::uint32_t distance = 0;
      for (std::size_t w = 0; w < n; ++w)
        distance += static_cast<std::uint32_t>(std::popcount(codes[i * n + w] ^ query[w]));
      if (distance > static_cast<std::uint32_t>(limit)) continue;
      ASSERT_LT(next, found.size());
      EXPECT_EQ(found[next].index, i);
      EXPECT_EQ(found[next].distance, distance);
      ++next;
    }
    EXPECT_EQ(next, found.size());
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, ScanCodesTest,
                         testing::Values(std::pair{1, std::size_t{0}}, std::pair{1, std::size_t{1}},
                                         std::pair{1, std::size_t{7}}, std::pair{1, std::size_t{8}},
                                         std::pair{1, std::size_t{45}},
                                         std::pair{1, std::size_t{1000}},
                                         std::pair{4, std::size_t{3}},
                                         std::pair{4, std::size_t{333}},
                                         std::pair{3, std::size_t{50}}));

}  // namespace
}  // namespace inlier
