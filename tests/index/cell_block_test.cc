#include "index/cell_block.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/targets.h"

namespace inlier {
namespace {

constexpr std::size_t kDims = 64;

std::vector<std::int16_t> Values(std::size_t n, std::size_t dims, int largest, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int16_t> values(n * dims);
  for (auto& value : values)
    value = static_cast<std::int16_t>(
        static_cast<int>(random() % static_cast<unsigned>(2 * largest + 1)) - largest);
  return values;
}

// Follows the definition: computes all distances and sorts them, with ties in order of number.
std::vector<NearCell> Slow(const std::int16_t* row, std::span<const std::int16_t> cells,
                           std::size_t dims, std::int32_t first) {
  std::vector<NearCell> all;
  for (std::size_t c = 0; c * dims < cells.size(); ++c) {
    std::int64_t distance = 0, own = 0;
    for (std::size_t k = 0; k < dims; ++k) {
      const std::int64_t d = row[k] - cells[c * dims + k];
      distance += d * d;
      own += std::int64_t{row[k]} * row[k];
    }
    all.push_back(
        {static_cast<std::int32_t>(distance - own), first + static_cast<std::int32_t>(c)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const NearCell& a, const NearCell& b) { return a.distance < b.distance; });
  return all;
}

void ExpectNearest(std::size_t cell_count, std::size_t row_count, std::size_t probes,
                   std::size_t dims, int largest) {
  const auto cells = Values(cell_count, dims, largest, 1),
             values = Values(row_count, dims, largest, 2);
  const CellBlock block(cells, dims, 1000);
  ASSERT_EQ(block.size(), cell_count);
  std::vector<NearCell> best(row_count * probes);
  std::vector<const std::int16_t*> rows;
  std::vector<NearCell*> found;
  for (std::size_t r = 0; r < row_count; ++r) {
    rows.push_back(&values[r * dims]);
    found.push_back(&best[r * probes]);
  }
  block.Nearest(rows, probes, found);
  for (std::size_t r = 0; r < row_count; ++r) {
    auto expected = Slow(rows[r], cells, dims, 1000);
    expected.resize(probes);  // there are no cells after the last one
    for (std::size_t p = 0; p < probes; ++p) {
      ASSERT_EQ(found[r][p].cell, expected[p].cell)
          << cell_count << " cells, row " << r << " of " << row_count << ", probe " << p;
      ASSERT_EQ(found[r][p].distance, expected[p].distance);
    }
  }
}

class CellBlockTest : public testing::TestWithParam<std::size_t> {};

TEST_P(CellBlockTest, AgreesWithTheDefinitionOnEveryTarget) {
  test::ForEachSimdTarget([&] {
    for (std::size_t rows = 1; rows <= 9; ++rows) {
      for (std::size_t probes = 1; probes <= 8; ++probes)
        ExpectNearest(GetParam(), rows, probes, kDims, kMaxCellValue);
    }
    ExpectNearest(GetParam(), 5, 4, 2, 50);
  });
}

TEST_P(CellBlockTest, TiesComeInTheOrderOfCells) {
  // With values from −1 to 1 in two dimensions, nearly every cell ties with another.
  test::ForEachSimdTarget([&] { ExpectNearest(GetParam(), 9, 8, 2, 1); });
}

INSTANTIATE_TEST_SUITE_P(Cells, CellBlockTest, testing::Values(1, 3, 15, 16, 17, 250));

TEST(CellBlock, TheLargestValuesStayWithin32Bits) {
  const std::vector<std::int16_t> high(kDims, kMaxCellValue), low(kDims, -kMaxCellValue);
  std::vector<std::int16_t> both = high;
  both.insert(both.end(), low.begin(), low.end());
  const CellBlock block(both, kDims, 0);
  const std::int32_t length = static_cast<std::int32_t>(kDims) * kMaxCellValue * kMaxCellValue;
  test::ForEachSimdTarget([&] {
    std::vector<NearCell> best(2);
    const std::int16_t* row = low.data();
    NearCell* found = best.data();
    block.Nearest({&row, 1}, 2, {&found, 1});
    EXPECT_EQ(best[0].cell, 1);
    EXPECT_EQ(best[0].distance, -length);
    EXPECT_EQ(best[1].cell, 0);
    EXPECT_EQ(best[1].distance, 3 * length);
  });
}

TEST(CellBlock, BlockAfterBlockIsOneOfAll) {
  const auto cells = Values(100, kDims, kMaxCellValue, 3), row = Values(1, kDims, kMaxCellValue, 4);
  const std::span all(cells);
  const std::int16_t* pointer = row.data();
  std::vector<NearCell> apart(6), together(6);
  NearCell *apart_found = apart.data(), *together_found = together.data();
  for (std::size_t begin = 0; begin < 100; begin += 30) {
    const CellBlock part(all.subspan(begin * kDims, std::min<std::size_t>(30, 100 - begin) * kDims),
                         kDims, static_cast<std::int32_t>(begin));
    part.Nearest({&pointer, 1}, 6, {&apart_found, 1});
  }
  CellBlock(cells, kDims, 0).Nearest({&pointer, 1}, 6, {&together_found, 1});
  for (std::size_t p = 0; p < 6; ++p) {
    EXPECT_EQ(apart[p].cell, together[p].cell);
    EXPECT_EQ(apart[p].distance, together[p].distance);
  }
}

}  // namespace
}  // namespace inlier
