// Learns the tables of a vocabulary: the projection (index/projection_train.h) and the cells.
//
// Cells come from k-means on two levels: √k groups first, then in each group a share of the k cells
// in proportion to its rows. Each group is clustered on its own, so the groups are done in
// parallel, and assigning a row to its cell later takes two short searches.
//
// FAISS does the k-means except for the search for the nearest centroid, which is done in whole
// numbers (index/cell_block.h): its own would go through a BLAS, whose sums differ from processor
// to processor, and shards that are built on different machines have to agree. The centroids are
// means that FAISS sums in the order of the rows, with one thread.
#include "index/vocabulary_train.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include "core/parallel.h"
#include "index/cell_block.h"
#include "index/cell_space.h"
#include "index/projection_train.h"
#include "index/single_thread.h"

namespace inlier {
namespace {

constexpr std::size_t kChunkRows = 1024;
constexpr int kIterations = 10;
constexpr std::size_t kRowsPerGroup = 256;  // for the clustering into groups

using Row = faiss::Index::idx_t;

void ForEachChunk(std::size_t rows, int threads,
                  const std::function<void(std::size_t begin, std::size_t count)>& work) {
  ParallelFor((rows + kChunkRows - 1) / kChunkRows, threads, [&](std::size_t chunk) {
    const std::size_t begin = chunk * kChunkRows;
    work(begin, std::min(kChunkRows, rows - begin));
  });
}

std::vector<std::int16_t> ToCellValues(std::span<const float> values) {
  std::vector<std::int16_t> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(),
                 [](float value) { return ToCellValue(std::lround(value)); });
  return out;
}

// Finds nearest centroids for FAISS's k-means. Rows and centroids are rounded to cell values.
class WholeNumbers final : public faiss::IndexFlatL2 {
 public:
  WholeNumbers(int dims, int threads) : IndexFlatL2(dims), threads_(threads) {}
  void search(idx_t n, const float* x, idx_t, float* distances, idx_t* labels,
              const faiss::SearchParameters*) const override {
    const auto dims = static_cast<std::size_t>(d);
    const CellBlock centroids(ToCellValues({get_xb(), static_cast<std::size_t>(ntotal) * dims}),
                              dims, 0);
    ForEachChunk(static_cast<std::size_t>(n), threads_, [&](std::size_t begin, std::size_t count) {
      const std::vector<std::int16_t> rows = ToCellValues({x + begin * dims, count * dims});
      std::vector<NearCell> nearest(count);
      std::vector<const std::int16_t*> row(count);
      std::vector<NearCell*> found(count);
      for (std::size_t i = 0; i < count; ++i) {
        row[i] = &rows[i * dims];
        found[i] = &nearest[i];
      }
      centroids.Nearest(row, 1, found);
      for (std::size_t i = 0; i < count; ++i) {
        labels[begin + i] = nearest[i].cell;
        distances[begin + i] = static_cast<float>(nearest[i].distance);  // FAISS only reports it
      }
    });
  }

 private:
  int threads_;
};

// Centroids, k × kCellDims, of rows of the space of the cells.
std::vector<std::int16_t> KMeans(const std::vector<float>& rows, std::size_t k, std::uint32_t seed,
                                 int threads) {
  faiss::ClusteringParameters parameters;
  parameters.niter = kIterations;
  parameters.seed = static_cast<int>(seed & 0x7FFFFFFF);
  // Small catalogues are normal, so FAISS should not warn about them; and the caller has chosen the
  // sample.
  parameters.min_points_per_centroid = 1;
  parameters.max_points_per_centroid = 1 << 20;
  faiss::Clustering clustering(kCellDims, static_cast<int>(k), parameters);
  WholeNumbers assigner(kCellDims, threads);
  clustering.train(static_cast<Row>(rows.size()) / kCellDims, rows.data(), assigner);
  return ToCellValues(clustering.centroids);
}

// Shares `cells` out between the groups in proportion to their rows. Every group that has rows gets
// a cell, and none gets more cells than rows.
std::vector<std::size_t> ShareOut(std::size_t cells,
                                  const std::vector<std::vector<std::size_t>>& groups) {
  std::size_t total = 0;
  for (const auto& group : groups) total += group.size();
  std::vector<std::size_t> shares;
  std::size_t rows_before = 0, cells_before = 0;
  for (const auto& group : groups) {
    rows_before += group.size();
    const std::size_t until = cells * rows_before / std::max<std::size_t>(total, 1);
    const std::size_t share = std::clamp(until - std::min(until, cells_before),
                                         std::size_t{group.empty() ? 0u : 1u}, group.size());
    shares.push_back(share);
    cells_before += share;
  }
  return shares;
}

// The training rows in the space of the cells.
class CellRows {
 public:
  CellRows(const VocabularyTables& tables, std::span<const std::uint8_t> rows, int threads)
      : count_(rows.size() / static_cast<std::size_t>(tables.row_bytes)),
        values_(count_ * kCellDims) {
    const auto row_bytes = static_cast<std::size_t>(tables.row_bytes);
    const IntegerMap sums(tables.projection.matrix,
                          static_cast<std::size_t>(RowValues(tables.kind, tables.row_bytes)));
    ForEachChunk(count_, threads, [&](std::size_t begin, std::size_t count) {
      Project(tables.projection, sums, rows.subspan(begin * row_bytes, count * row_bytes),
              tables.kind, &values_[begin * kCellDims]);
    });
  }
  std::size_t size() const { return count_; }
  const std::int16_t* row(std::size_t i) const { return &values_[i * kCellDims]; }
  void AppendTo(std::vector<float>& out, std::size_t i) const {
    out.insert(out.end(), row(i), row(i) + kCellDims);
  }

 private:
  std::size_t count_;
  std::vector<std::int16_t> values_;
};

// The rows that are nearest to each of the groups.
std::vector<std::vector<std::size_t>> MembersOfGroups(
    const CellRows& rows, const std::vector<std::int16_t>& group_centroids, int threads) {
  const CellBlock groups(group_centroids, kCellDims, 0);
  std::vector<NearCell> group_of(rows.size());
  ForEachChunk(rows.size(), threads, [&](std::size_t begin, std::size_t count) {
    for (std::size_t i = begin; i < begin + count; ++i) {
      const std::int16_t* row = rows.row(i);
      NearCell* found = &group_of[i];
      groups.Nearest({&row, 1}, 1, {&found, 1});
    }
  });
  std::vector<std::vector<std::size_t>> members(groups.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    members[static_cast<std::size_t>(group_of[i].cell)].push_back(i);
  return members;
}

}  // namespace

std::unique_ptr<Vocabulary> TrainVocabulary(std::span<const std::uint8_t> rows, DescriptorKind kind,
                                            int row_bytes, int cells, std::uint32_t seed,
                                            int threads) {
  const SingleThread single;
  const auto bytes = static_cast<std::size_t>(row_bytes);
  const std::size_t n = rows.size() / bytes;
  const std::size_t k = std::min(static_cast<std::size_t>(cells), n);
  VocabularyTables tables{.kind = kind,
                          .row_bytes = row_bytes,
                          .projection = TrainProjection(rows, kind, row_bytes, seed)};
  const CellRows cell_rows(tables, rows, threads);

  // As many groups as each group then has cells.
  const auto group_count =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(k))));
  const std::size_t step = std::max<std::size_t>(1, n / (group_count * kRowsPerGroup));
  std::vector<float> sample;
  for (std::size_t i = 0; i < n; i += step) cell_rows.AppendTo(sample, i);
  tables.group_centroids = KMeans(sample, group_count, seed, threads);

  const auto members = MembersOfGroups(cell_rows, tables.group_centroids, threads);
  const std::vector<std::size_t> shares = ShareOut(k, members);
  std::vector<std::vector<std::int16_t>> centroids(group_count);
  ParallelFor(group_count, threads, [&](std::size_t group) {
    if (shares[group] == 0) return;
    const SingleThread one;
    std::vector<float> own;
    for (const std::size_t i : members[group]) cell_rows.AppendTo(own, i);
    centroids[group] = KMeans(own, shares[group], seed, 1);
  });
  tables.group_begin = {0};
  for (const auto& of_group : centroids) {
    tables.centroids.insert(tables.centroids.end(), of_group.begin(), of_group.end());
    tables.group_begin.push_back(static_cast<std::uint32_t>(tables.centroids.size() / kCellDims));
  }
  return std::make_unique<Vocabulary>(std::move(tables));
}

}  // namespace inlier
