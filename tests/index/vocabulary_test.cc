#include "index/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "index/cell_block.h"
#include "index/vocabulary_train.h"
#include "tests/index/made_items.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

constexpr std::size_t kDims = kCellDims;

// All that a vocabulary stores, for a comparison field by field.
struct Fields {
  DescriptorKind kind{};
  std::int32_t row_bytes = 0;
  std::vector<std::int16_t> projection;
  std::vector<std::int32_t> offsets;
  std::uint32_t shift = 0;
  std::vector<std::int16_t> group_centroids;
  std::vector<std::uint32_t> group_begin;
  std::vector<std::int16_t> centroids;
};

std::string Stored(const Vocabulary& vocabulary) {
  BlobWriter writer;
  vocabulary.Write(writer);
  return writer.Seal("TEST", 1);
}

Fields FieldsOf(const Vocabulary& vocabulary) {
  const std::string bytes = Stored(vocabulary);
  BlobReader reader = *BlobReader::Open(bytes, "TEST", 1, "test");
  Fields fields;
  fields.kind = reader.Get<DescriptorKind>();
  fields.row_bytes = reader.Get<std::int32_t>();
  fields.projection = reader.GetArray<std::int16_t>();
  fields.offsets = reader.GetArray<std::int32_t>();
  fields.shift = reader.Get<std::uint32_t>();
  fields.group_centroids = reader.GetArray<std::int16_t>();
  fields.group_begin = reader.GetArray<std::uint32_t>();
  fields.centroids = reader.GetArray<std::int16_t>();
  EXPECT_TRUE(reader.Complete());
  return fields;
}

Result<std::unique_ptr<Vocabulary>> Read(const std::string& bytes) {
  BlobReader reader = *BlobReader::Open(bytes, "TEST", 1, "test");
  return Vocabulary::Read(reader);
}

Result<std::unique_ptr<Vocabulary>> Read(const Fields& fields) {
  BlobWriter writer;
  writer.Put(fields.kind);
  writer.Put(fields.row_bytes);
  writer.PutArray(std::span<const std::int16_t>(fields.projection));
  writer.PutArray(std::span<const std::int32_t>(fields.offsets));
  writer.Put(fields.shift);
  writer.PutArray(std::span<const std::int16_t>(fields.group_centroids));
  writer.PutArray(std::span<const std::uint32_t>(fields.group_begin));
  writer.PutArray(std::span<const std::int16_t>(fields.centroids));
  return Read(writer.Seal("TEST", 1));
}

// Joins the rows of many made items in one matrix.
Features ManyRows(unsigned begin, unsigned end) {
  Features all{.descriptor_bytes = 128};
  for (unsigned i = begin; i < end; ++i) {
    const Features one = test::FeaturesOf(test::MakeItem(i));
    all.keypoints.insert(all.keypoints.end(), one.keypoints.begin(), one.keypoints.end());
    all.descriptors.insert(all.descriptors.end(), one.descriptors.begin(), one.descriptors.end());
  }
  return all;
}

// Rows without any structure, which are the hardest case for a search through groups.
Features RandomRows(std::size_t n, unsigned seed) {
  Features features{.descriptor_bytes = 128, .keypoints = std::vector<Keypoint>(n)};
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < n * 128; ++i)
    features.descriptors.push_back(static_cast<std::uint8_t>(random()));
  return features;
}

// Makes 128 rows of 32 bytes that scatter around eight bit patterns.
Features BitRows() {
  Features features{.kind = DescriptorKind::kBits, .descriptor_bytes = 32};
  std::mt19937 random(3);
  for (unsigned i = 0; i < 128; ++i) {
    std::mt19937 pattern(i % 8);
    for (int k = 0; k < 32; ++k)
      features.descriptors.push_back(static_cast<std::uint8_t>(pattern() ^ (1u << random() % 8)));
    features.keypoints.emplace_back();
  }
  return features;
}

std::unique_ptr<Vocabulary> Train(const Features& features, int cells, int threads = 1) {
  return TrainVocabulary(features.descriptors, features.kind, features.descriptor_bytes, cells, 20,
                         threads);
}

// Finds the nearest of all cells by comparing with every stored cell.
std::int32_t Exhaustive(const Fields& fields, std::span<const std::uint8_t> row) {
  std::vector<double> value(kDims);
  for (std::size_t d = 0; d < kDims; ++d) {
    double sum = -fields.offsets[d];
    for (std::size_t k = 0; k < row.size(); ++k)
      sum += static_cast<double>(fields.projection[d * row.size() + k]) * row[k];
    const double rounded = std::floor(std::ldexp(sum, -static_cast<int>(fields.shift)) + 0.5);
    value[d] = std::clamp(rounded, -double{kMaxCellValue}, double{kMaxCellValue});
  }
  std::int32_t best = -1;
  double least = 1e300;
  for (std::size_t c = 0; c * kDims < fields.centroids.size(); ++c) {
    double distance = 0;
    for (std::size_t d = 0; d < kDims; ++d)
      distance += std::pow(value[d] - fields.centroids[c * kDims + d], 2);
    if (distance < least) best = static_cast<std::int32_t>(c), least = distance;
  }
  return best;
}

// Returns the share of the rows whose first cell is the nearest of all cells.
double NearestShare(const Features& training, const Features& photo) {
  const auto vocabulary = Train(training, 1000);
  EXPECT_EQ(vocabulary->cells(), 1000);
  const Fields fields = FieldsOf(*vocabulary);
  const CellCodes found = vocabulary->Assign(photo, 4);
  EXPECT_EQ(found.probes, 4);
  std::size_t agree = 0;
  for (std::size_t i = 0; i < photo.size(); ++i)
    agree += found.cells[i * 4] == Exhaustive(fields, photo.row(i));
  return static_cast<double>(agree) / static_cast<double>(photo.size());
}

TEST(Vocabulary, TheNearestCellIsNearlyAlwaysFound) {
  EXPECT_GT(NearestShare(ManyRows(0, 100), ManyRows(100, 110)), 0.99);     // 1.000
  EXPECT_GT(NearestShare(RandomRows(6000, 1), RandomRows(600, 2)), 0.88);  // 0.918
}

TEST(Vocabulary, ProbesAreDifferentCellsAndTheFirstIsTheOnlyOneOfOne) {
  const auto vocabulary = Train(ManyRows(0, 100), 300);
  const Features photo = ManyRows(200, 203);
  const CellCodes one = vocabulary->Assign(photo, 1), eight = vocabulary->Assign(photo, 8);
  ASSERT_EQ(eight.cells.size(), photo.size() * 8);
  for (std::size_t i = 0; i < photo.size(); ++i) {
    EXPECT_EQ(one.cells[i], eight.cells[i * 8]);
    EXPECT_EQ(one.codes[i], eight.codes[i * 8]);
    std::vector<std::int32_t> cells(&eight.cells[i * 8], &eight.cells[i * 8] + 8);
    // Cells that are much farther away than the nearest one are dropped from the end of the list.
    const auto end = std::find(cells.begin(), cells.end(), -1);
    EXPECT_TRUE(std::all_of(end, cells.end(), [](std::int32_t cell) { return cell == -1; }));
    cells.erase(end, cells.end());
    ASSERT_FALSE(cells.empty());
    std::sort(cells.begin(), cells.end());
    EXPECT_EQ(std::adjacent_find(cells.begin(), cells.end()), cells.end());
    EXPECT_GE(cells.front(), 0);
    EXPECT_LT(cells.back(), vocabulary->cells());
  }
}

TEST(Vocabulary, IsTheSameForAnyNumberOfThreads) {
  const Features rows = ManyRows(0, 60);
  const std::string one = Stored(*Train(rows, 200, 1));
  EXPECT_EQ(one, Stored(*Train(rows, 200, 2)));
  EXPECT_EQ(one, Stored(*Train(rows, 200, 5)));
}

TEST(Vocabulary, IsTheSameOnEverySimdTarget) {
  for (const Features& rows : {ManyRows(0, 40), BitRows()}) {
    std::vector<std::string> of_target;
    std::vector<CellCodes> assigned;
    test::ForEachSimdTarget([&] {
      const auto vocabulary = Train(rows, 60);
      of_target.push_back(Stored(*vocabulary));
      assigned.push_back(vocabulary->Assign(rows, 3));
    });
    for (std::size_t i = 0; i < of_target.size(); ++i) {
      EXPECT_TRUE(of_target[i] == of_target.front());
      EXPECT_EQ(assigned[i].cells, assigned.front().cells);
      EXPECT_EQ(assigned[i].codes, assigned.front().codes);
    }
  }
}

TEST(Vocabulary, ComesBackAsItWasWritten) {
  for (const Features& rows : {ManyRows(0, 40), BitRows()}) {
    const auto before = Train(rows, 30);
    const auto after = Read(Stored(*before));
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ((*after)->cells(), before->cells());
    EXPECT_EQ((*after)->code_words(), before->code_words());
    EXPECT_EQ((*after)->embeds(), before->embeds());
    EXPECT_EQ((*after)->bytes(), before->bytes());
    EXPECT_TRUE((*after)->Fits(rows));
    const CellCodes expected = before->Assign(rows, 3), found = (*after)->Assign(rows, 3);
    EXPECT_EQ(found.cells, expected.cells);
    EXPECT_EQ(found.codes, expected.codes);
  }
}

TEST(Vocabulary, TheFirst128BitsOfARowAreItsCode) {
  const Features rows = BitRows();
  const auto vocabulary = Train(rows, 4);
  EXPECT_FALSE(vocabulary->embeds());
  EXPECT_EQ(vocabulary->code_words(), 2);
  const CellCodes codes = vocabulary->Assign(rows, 2);
  ASSERT_EQ(codes.codes.size(), rows.size() * 2 * 2);
  for (std::size_t i = 0; i < rows.size() * 2; ++i) {
    if (codes.cells[i] < 0) continue;
    EXPECT_EQ(std::memcmp(&codes.codes[i * 2], rows.row(i / 2).data(), 16), 0);
  }
}

TEST(Vocabulary, FewRowsAndEqualRowsMakeFewCells) {
  Features few = ManyRows(0, 1);
  const auto vocabulary = Train(few, 4096);
  EXPECT_LE(vocabulary->cells(), static_cast<int>(few.size()));
  std::fill(few.descriptors.begin(), few.descriptors.end(), std::uint8_t{7});
  const auto equal = Train(few, 16);
  for (const std::int32_t cell : equal->Assign(few, 1).cells) EXPECT_GE(cell, 0);
  EXPECT_TRUE(Read(Stored(*equal)));
  EXPECT_TRUE(vocabulary->Assign(Features{.descriptor_bytes = 128}, 4).cells.empty());
}

TEST(Vocabulary, FitsNoOtherShape) {
  const auto vocabulary = Train(ManyRows(0, 2), 16);
  Features other = ManyRows(0, 1);
  EXPECT_TRUE(vocabulary->Fits(other));
  other.descriptors.pop_back();
  EXPECT_FALSE(vocabulary->Fits(other));
  other = ManyRows(0, 1);
  other.kind = DescriptorKind::kBits;
  EXPECT_FALSE(vocabulary->Fits(other));
  EXPECT_FALSE(vocabulary->Fits(BitRows()));
}

TEST(Vocabulary, ShapesThatDoNotAgreeAreCorrupt) {
  const Fields whole = FieldsOf(*Train(ManyRows(0, 20), 50));
  const Fields bits = FieldsOf(*Train(BitRows(), 4));
  ASSERT_TRUE(Read(whole));
  ASSERT_TRUE(Read(bits));
  const auto expect_corrupt = [](Fields fields, const char* what,
                                 const std::function<void(Fields&)>& damage) {
    damage(fields);
    const auto read = Read(fields);
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << what;
  };
  expect_corrupt(whole, "kind", [](Fields& f) { f.kind = static_cast<DescriptorKind>(2); });
  expect_corrupt(bits, "kind of bits", [](Fields& f) { f.kind = static_cast<DescriptorKind>(2); });
  expect_corrupt(whole, "no bytes", [](Fields& f) { f.row_bytes = 0; });
  expect_corrupt(whole, "negative", [](Fields& f) { f.row_bytes = -128; });
  expect_corrupt(whole, "other row", [](Fields& f) { f.row_bytes = 64; });
  expect_corrupt(whole, "projection", [](Fields& f) { f.projection.pop_back(); });
  expect_corrupt(whole, "offsets", [](Fields& f) { f.offsets.pop_back(); });
  expect_corrupt(whole, "shift", [](Fields& f) { f.shift = 32; });
  expect_corrupt(whole, "sums beyond 32 bits", [](Fields& f) {
    f.row_bytes = 512;
    f.projection.assign(kDims * 512, std::int16_t{-32'768});
  });
  expect_corrupt(whole, "group",
                 [](Fields& f) { f.group_centroids.resize(f.group_centroids.size() - kDims); });
  expect_corrupt(whole, "centroid", [](Fields& f) { f.centroids.pop_back(); });
  expect_corrupt(whole, "no groups", [](Fields& f) { f.group_begin = {}; });
  expect_corrupt(whole, "one end", [](Fields& f) { f.group_begin = {0}; });
  expect_corrupt(whole, "begin", [](Fields& f) { f.group_begin.front() = 1; });
  expect_corrupt(whole, "descending",
                 [](Fields& f) { f.group_begin[1] = f.group_begin.back() + 1; });
  expect_corrupt(whole, "no cells", [](Fields& f) {
    f.centroids.clear();
    std::fill(f.group_begin.begin(), f.group_begin.end(), 0u);
  });
  expect_corrupt(whole, "value of a cell",
                 [](Fields& f) { f.centroids.back() = kMaxCellValue + 1; });
  expect_corrupt(whole, "value of a group",
                 [](Fields& f) { f.group_centroids.front() = -kMaxCellValue - 1; });
  expect_corrupt(bits, "row of no whole words", [](Fields& f) {
    f.row_bytes = 28;
    f.projection.resize(kDims * 28 * 8);
  });
}

}  // namespace
}  // namespace inlier
