#include "index/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <cblas.h>
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/VectorTransform.h>

#include "core/parallel.h"
#include "index/cell_block.h"
#include "index/single_thread.h"

namespace inlier {
namespace {

constexpr int kDims = kCellDims;  // and bits of an embedded code
// Of the cells of a row those are left out that are so much farther, in squared distance, than its
// nearest.
constexpr double kFarther = 1.4;
constexpr int kMostWords = 2;  // of a row of bits
constexpr int kMaxRowBytes = 4096;
constexpr std::uint64_t kFeaturesPerCell = 1024;
constexpr std::uint64_t kMinCells = 16;
constexpr std::uint64_t kMaxCells = 65'536;
constexpr std::size_t kChunkRows = 1024;
constexpr int kIterations = 10;
constexpr std::size_t kPcaRows = 65'536;
constexpr std::size_t kRowsPerGroup = 256;  // for training the groups themselves

using Row = faiss::Index::idx_t;

class ChunkedFlat final : public faiss::IndexFlatL2 {
 public:
  ChunkedFlat(int dims, int threads) : IndexFlatL2(dims), threads_(threads) {}
  void search(idx_t n, const float* x, idx_t k, float* distances, idx_t* labels,
              const faiss::SearchParameters* params) const override {
    const auto rows = static_cast<std::size_t>(n);
    ParallelFor((rows + kChunkRows - 1) / kChunkRows, threads_, [&](std::size_t chunk) {
      const SingleThread single;
      const std::size_t begin = chunk * kChunkRows;
      const std::size_t count = std::min(kChunkRows, rows - begin);
      const auto columns = static_cast<std::size_t>(k);
      IndexFlatL2::search(static_cast<idx_t>(count), x + begin * static_cast<std::size_t>(d), k,
                          distances + begin * columns, labels + begin * columns, params);
    });
  }

 private:
  int threads_;
};

std::vector<float> ToFloats(std::span<const std::uint8_t> rows, DescriptorKind kind) {
  if (kind == DescriptorKind::kBytes) return {rows.begin(), rows.end()};
  std::vector<float> bits(rows.size() * 8);
  for (std::size_t i = 0; i < bits.size(); ++i)
    bits[i] = static_cast<float>(rows[i / 8] >> i % 8 & 1);
  return bits;
}

int RowValues(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? row_bytes : row_bytes * 8;
}

// rows · columnsᵀ: n × m from n × d and m × d.
void Multiply(const float* rows, std::size_t n, const float* columns, std::size_t m, int d,
              float* out) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(n), static_cast<int>(m), d,
              1.0f, rows, d, columns, d, 0.0f, out, static_cast<int>(m));
}

bool AreCellValues(const std::vector<std::int16_t>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](int value) { return std::abs(value) <= kMaxCellValue; });
}

// Projections are scaled at training so that few values of any row are cut off here.
std::int16_t ToCellValue(float value) {
  return static_cast<std::int16_t>(
      std::lround(std::clamp(value, -float{kMaxCellValue}, float{kMaxCellValue})));
}

std::vector<std::int16_t> ToCellValues(const std::vector<float>& values) {
  std::vector<std::int16_t> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), ToCellValue);
  return out;
}

std::vector<float> KMeans(const std::vector<float>& rows, std::size_t k, std::uint32_t seed,
                          int threads) {
  faiss::ClusteringParameters parameters;
  parameters.niter = kIterations;
  parameters.seed = static_cast<int>(seed & 0x7FFFFFFF);
  parameters.min_points_per_centroid = 1;        // silences a warning; small catalogues are normal
  parameters.max_points_per_centroid = 1 << 20;  // the caller has chosen the sample
  faiss::Clustering clustering(kDims, static_cast<int>(k), parameters);
  ChunkedFlat assigner(kDims, threads);
  clustering.train(static_cast<Row>(rows.size()) / kDims, rows.data(), assigner);
  return std::move(clustering.centroids);
}

// The axes of most variance; a random rotation behind the PCA shares it out, so that every bit
// tells as much. Shape: kDims × values of a row.
std::vector<float> TrainProjection(std::span<const std::uint8_t> rows, DescriptorKind kind,
                                   int row_bytes, std::uint32_t seed) {
  const std::vector<float> values = ToFloats(rows, kind);
  const int d = RowValues(kind, row_bytes);
  const auto n = static_cast<Row>(rows.size() / static_cast<std::size_t>(row_bytes));
  if (n < d ||
      d < kDims) {  // too few rows for a covariance, or too few values for a choice of axes
    faiss::RandomRotationMatrix rotation(d, kDims);
    rotation.init(static_cast<int>(seed & 0x7FFFFFFF));
    return rotation.A;
  }
  faiss::PCAMatrix pca(d, kDims, 0, true);
  pca.train(n, values.data());
  return pca.A;
}

// So that the projections of these rows use the range of cell values; of other rows a few may be
// cut off.
void ScaleProjection(std::vector<float>& projection, const std::vector<float>& rows,
                     int row_values) {
  const std::size_t n = rows.size() / static_cast<std::size_t>(row_values);
  std::vector<float> projected(n * kDims);
  Multiply(rows.data(), n, projection.data(), kDims, row_values, projected.data());
  float largest = 0;
  for (const float value : projected) largest = std::max(largest, std::abs(value));
  for (float& value : projection) value *= largest > 0 ? kMaxCellValue / largest : 1.0f;
}

// Shares `cells` out in proportion to `rows`; every group that has rows has a cell, and none more
// cells than rows.
std::vector<std::size_t> ShareOut(std::size_t cells,
                                  const std::vector<std::vector<std::size_t>>& groups) {
  std::size_t total = 0;
  for (const auto& group : groups) total += group.size();
  std::vector<std::size_t> shares;
  std::size_t rows_before = 0, cells_before = 0;
  for (const auto& group : groups) {
    rows_before += group.size();
    const std::size_t until = cells * rows_before / total;
    const std::size_t share = std::clamp(until - std::min(until, cells_before),
                                         std::size_t{group.empty() ? 0u : 1u}, group.size());
    shares.push_back(share);
    cells_before += share;
  }
  return shares;
}

}  // namespace

struct Vocabulary::State {
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  std::vector<float> projection;              // kDims × values of a row
  std::vector<std::int16_t> group_centroids;  // groups × kDims
  std::vector<std::uint32_t> group_begin;     // groups + 1: the cells of group g are [g] to [g + 1]
  std::vector<std::int16_t> centroids;        // cells × kDims, group by group
  std::vector<CellBlock> groups;              // one block: the groups
  std::vector<CellBlock> cells;               // a block for each group

  int row_values() const { return RowValues(kind, row_bytes); }

  // What searching needs besides what is stored.
  void Prepare() {
    groups.emplace_back(group_centroids, kDims, 0);
    for (std::size_t g = 0; g + 1 < group_begin.size(); ++g) {
      const std::span all(centroids);
      cells.emplace_back(all.subspan(group_begin[g] * std::size_t{kDims},
                                     (group_begin[g + 1] - group_begin[g]) * std::size_t{kDims}),
                         kDims, static_cast<std::int32_t>(group_begin[g]));
    }
  }

  // Rows into the space of the cells, n × kDims.
  void Project(std::span<const std::uint8_t> rows, std::int16_t* out) const {
    const std::vector<float> values = ToFloats(rows, kind);
    const std::size_t n = rows.size() / static_cast<std::size_t>(row_bytes);
    std::vector<float> projected(n * kDims);
    Multiply(values.data(), n, projection.data(), kDims, row_values(), projected.data());
    std::transform(projected.begin(), projected.end(), out, ToCellValue);
  }

  // The `probes` nearest cells of each of n rows, nearest first. The rows that look into one group
  // meet its cells together, while they are in the processor's cache.
  std::vector<NearCell> NearestCells(const std::vector<std::int16_t>& rows, std::size_t n,
                                     std::size_t probes) const {
    const std::size_t group_count = groups.front().size();
    const std::size_t looks = std::min(std::max(kGroupsProbed, probes), group_count);
    std::vector<NearCell> near_groups(n * looks), best(n * probes);
    std::vector<const std::int16_t*> pointers;
    std::vector<NearCell*> found;
    for (std::size_t i = 0; i < n; ++i) {
      pointers.push_back(&rows[i * kDims]);
      found.push_back(&near_groups[i * looks]);
    }
    groups.front().Nearest(pointers, looks, found);
    std::vector<std::vector<std::uint32_t>> visitors(group_count);
    for (std::size_t i = 0; i < near_groups.size(); ++i) {
      visitors[static_cast<std::size_t>(near_groups[i].cell)].push_back(
          static_cast<std::uint32_t>(i / looks));
    }
    for (std::size_t group = 0; group < group_count; ++group) {
      pointers.clear();
      found.clear();
      for (const std::uint32_t row : visitors[group]) {
        pointers.push_back(&rows[row * std::size_t{kDims}]);
        found.push_back(&best[row * probes]);
      }
      cells[group].Nearest(pointers, probes, found);
    }
    return best;
  }
};

int CellsFor(std::uint64_t features) {
  return static_cast<int>(
      std::clamp(std::bit_floor(features / kFeaturesPerCell + 1), kMinCells, kMaxCells));
}

int CodeWordsFor(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? kDims / 64 : std::min(row_bytes / 8, kMostWords);
}

Vocabulary::Vocabulary(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vocabulary::~Vocabulary() = default;
int Vocabulary::cells() const { return static_cast<int>(state_->group_begin.back()); }
int Vocabulary::code_words() const { return CodeWordsFor(state_->kind, state_->row_bytes); }

std::uint64_t Vocabulary::bytes() const {
  const std::size_t cells = state_->centroids.size() + state_->group_centroids.size();
  return state_->projection.size() * sizeof(float) + 2 * cells * sizeof(std::int16_t);
}

bool Vocabulary::embeds() const { return state_->kind == DescriptorKind::kBytes; }

bool Vocabulary::Fits(const Features& features) const {
  return features.kind == state_->kind && features.descriptor_bytes == state_->row_bytes &&
         features.descriptors.size() == features.size() * features.descriptor_bytes;
}

std::unique_ptr<Vocabulary> Vocabulary::Train(std::span<const std::uint8_t> rows,
                                              DescriptorKind kind, int row_bytes, int cells,
                                              std::uint32_t seed, int threads) {
  const SingleThread single;
  auto state = std::make_unique<State>();
  state->kind = kind;
  state->row_bytes = row_bytes;
  const auto bytes = static_cast<std::size_t>(row_bytes);
  const std::size_t n = rows.size() / bytes;
  const std::size_t k = std::min(static_cast<std::size_t>(cells), n);
  const auto first_rows = rows.first(std::min(n, kPcaRows) * bytes);
  state->projection = TrainProjection(first_rows, kind, row_bytes, seed);
  ScaleProjection(state->projection, ToFloats(first_rows, kind), state->row_values());
  const std::size_t chunks = (n + kChunkRows - 1) / kChunkRows;
  std::vector<std::int16_t> x(n * kDims);
  ParallelFor(chunks, threads, [&](std::size_t chunk) {
    const SingleThread one;
    const std::size_t begin = chunk * kChunkRows, count = std::min(kChunkRows, n - begin);
    state->Project(rows.subspan(begin * bytes, count * bytes), &x[begin * kDims]);
  });
  const auto append = [&x](std::size_t row, std::vector<float>& out) {
    out.insert(out.end(), &x[row * kDims], &x[row * kDims] + kDims);
  };

  // Two levels: as many groups as each then has cells.
  const auto group_count =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(k))));
  std::vector<float> sample;
  const std::size_t step = std::max<std::size_t>(1, n / (group_count * kRowsPerGroup));
  for (std::size_t i = 0; i < n; i += step) append(i, sample);
  state->group_centroids = ToCellValues(KMeans(sample, group_count, seed, threads));
  const CellBlock groups(state->group_centroids, kDims, 0);
  std::vector<NearCell> group_of(n);
  ParallelFor(chunks, threads, [&](std::size_t chunk) {
    const std::size_t begin = chunk * kChunkRows, end = std::min(begin + kChunkRows, n);
    for (std::size_t i = begin; i < end; ++i) {
      const std::int16_t* row = &x[i * kDims];
      NearCell* found = &group_of[i];
      groups.Nearest({&row, 1}, 1, {&found, 1});
    }
  });
  std::vector<std::vector<std::size_t>> members(group_count);
  for (std::size_t i = 0; i < n; ++i)
    members[static_cast<std::size_t>(group_of[i].cell)].push_back(i);
  const std::vector<std::size_t> shares = ShareOut(k, members);
  std::vector<std::vector<std::int16_t>> centroids(group_count);
  ParallelFor(group_count, threads, [&](std::size_t group) {
    if (shares[group] == 0) return;
    const SingleThread one;
    std::vector<float> own;
    for (const std::size_t i : members[group]) append(i, own);
    centroids[group] = ToCellValues(KMeans(own, shares[group], seed, 1));
  });
  state->group_begin = {0};
  for (const auto& of_group : centroids) {
    state->centroids.insert(state->centroids.end(), of_group.begin(), of_group.end());
    state->group_begin.push_back(static_cast<std::uint32_t>(state->centroids.size() / kDims));
  }
  state->Prepare();
  return std::unique_ptr<Vocabulary>(new Vocabulary(std::move(state)));
}

CellCodes Vocabulary::Assign(const Features& features, int probes) const {
  const SingleThread single;
  const std::size_t n = features.size();
  const std::size_t words = static_cast<std::size_t>(code_words());
  CellCodes out{.probes = std::min(probes, cells()), .code_words = code_words()};
  const auto columns = static_cast<std::size_t>(out.probes);
  out.codes.resize(n * columns * words);
  if (n == 0) return out;
  std::vector<std::int16_t> rows(n * kDims);
  state_->Project(features.descriptors, rows.data());
  const std::vector<NearCell> nearest = state_->NearestCells(rows, n, columns);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    const std::int16_t* row = &rows[i / columns * kDims];
    const NearCell& first = nearest[i - i % columns];
    // Distances lack the row's own length.
    const std::int64_t length = std::inner_product(row, row + kDims, row, std::int64_t{0});
    const bool near = kFarther * static_cast<double>(first.distance + length) >=
                      static_cast<double>(nearest[i].distance + length);
    out.cells.push_back(near ? nearest[i].cell : -1);
  }
  for (std::size_t i = 0; i < n * columns; ++i) {
    if (out.cells[i] < 0) continue;
    if (!embeds()) {
      std::memcpy(&out.codes[i * words], features.row(i / columns).data(),
                  words * sizeof(std::uint64_t));
      continue;
    }
    const std::int16_t* value = &rows[i / columns * kDims];
    const std::int16_t* centroid =
        &state_->centroids[static_cast<std::size_t>(out.cells[i]) * kDims];
    std::uint64_t code = 0;
    for (int bit = 0; bit < kDims; ++bit)
      code |= static_cast<std::uint64_t>(value[bit] > centroid[bit]) << bit;
    out.codes[i] = code;
  }
  return out;
}

void Vocabulary::Write(BlobWriter& writer) const {
  writer.Put(state_->kind);
  writer.Put<std::int32_t>(state_->row_bytes);
  writer.PutArray(std::span<const float>(state_->projection));
  writer.PutArray(std::span<const std::int16_t>(state_->group_centroids));
  writer.PutArray(std::span<const std::uint32_t>(state_->group_begin));
  writer.PutArray(std::span<const std::int16_t>(state_->centroids));
}

Result<std::unique_ptr<Vocabulary>> Vocabulary::Read(BlobReader& reader) {
  auto state = std::make_unique<State>();
  state->kind = reader.Get<DescriptorKind>();
  state->row_bytes = reader.Get<std::int32_t>();
  state->projection = reader.GetArray<float>();
  state->group_centroids = reader.GetArray<std::int16_t>();
  state->group_begin = reader.GetArray<std::uint32_t>();
  state->centroids = reader.GetArray<std::int16_t>();
  if (!reader.ok()) return Fail(ErrorCode::kCorrupt, "vocabulary: fields do not add up");
  const auto& begin = state->group_begin;
  const bool bits = state->kind == DescriptorKind::kBits;
  if ((!bits && state->kind != DescriptorKind::kBytes) || (bits && state->row_bytes % 8 != 0) ||
      state->row_bytes <= 0 || state->row_bytes > kMaxRowBytes || begin.size() < 2 ||
      state->projection.size() !=
          static_cast<std::size_t>(kDims) * static_cast<std::size_t>(state->row_values()) ||
      state->group_centroids.size() != (begin.size() - 1) * kDims || begin.front() != 0 ||
      begin.back() == 0 || state->centroids.size() != begin.back() * std::size_t{kDims} ||
      !std::is_sorted(begin.begin(), begin.end()) || !AreCellValues(state->group_centroids) ||
      !AreCellValues(state->centroids)) {
    return Fail(ErrorCode::kCorrupt, "vocabulary: shapes do not agree");
  }
  state->Prepare();
  return std::unique_ptr<Vocabulary>(new Vocabulary(std::move(state)));
}

}  // namespace inlier
