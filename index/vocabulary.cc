#include "index/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <cblas.h>
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/VectorTransform.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <omp.h>

#include "core/parallel.h"

namespace inlier {
namespace {

constexpr int kDims = kCellDims;  // and bits of an embedded code
constexpr int kMaxRowBytes = 4096;
constexpr std::uint64_t kFeaturesPerCell = 1024;
constexpr std::uint64_t kMinCells = 16;
constexpr std::uint64_t kMaxCells = 65'536;
constexpr std::size_t kChunkRows = 1024;
constexpr int kIterations = 10;
constexpr std::size_t kPcaRows = 65'536;
constexpr std::size_t kRowsPerGroup = 256;  // for training the groups themselves

using Row = faiss::Index::idx_t;

// FAISS starts OpenMP threads of its own; parallelism is ours, over whole chunks, so that a sum is
// never split in a way that depends on the number of threads.
struct SingleThread {
  SingleThread() : before(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThread() { omp_set_num_threads(before); }
  int before;
};

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
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<float>(rows[i / 8] >> i % 8 & 1);
  return bits;
}

int RowValues(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? row_bytes : row_bytes * 8;
}

// rows · columnsᵀ: n × m from n × d and m × d.
void Multiply(const float* rows, std::size_t n, const float* columns, std::size_t m, int d, float* out) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(n), static_cast<int>(m), d, 1.0f, rows, d, columns,
              d, 0.0f, out, static_cast<int>(m));
}

std::vector<float> KMeans(const std::vector<float>& rows, std::size_t k, std::uint32_t seed, int threads) {
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

// The axes of most variance; a random rotation behind the PCA shares it out, so that every bit tells as
// much. Shape: kDims × values of a row.
std::vector<float> TrainProjection(std::span<const std::uint8_t> rows, DescriptorKind kind, int row_bytes, std::uint32_t seed) {
  const std::vector<float> values = ToFloats(rows, kind);
  const int d = RowValues(kind, row_bytes);
  const auto n = static_cast<Row>(rows.size() / static_cast<std::size_t>(row_bytes));
  if (n < d || d < kDims) {  // too few rows for a covariance, or too few values for a choice of axes
    faiss::RandomRotationMatrix rotation(d, kDims);
    rotation.init(static_cast<int>(seed & 0x7FFFFFFF));
    return rotation.A;
  }
  faiss::PCAMatrix pca(d, kDims, 0, true);
  pca.train(n, values.data());
  return pca.A;
}

// Shares `cells` out in proportion to `rows`; every group that has rows has a cell, and none more cells
// than rows.
std::vector<std::size_t> ShareOut(std::size_t cells, const std::vector<std::vector<std::size_t>>& groups) {
  std::size_t total = 0;
  for (const auto& group : groups) total += group.size();
  std::vector<std::size_t> shares;
  std::size_t rows_before = 0, cells_before = 0;
  for (const auto& group : groups) {
    rows_before += group.size();
    const std::size_t until = cells * rows_before / total;
    const std::size_t share = std::clamp(until - std::min(until, cells_before), std::size_t{group.empty() ? 0u : 1u}, group.size());
    shares.push_back(share);
    cells_before += share;
  }
  return shares;
}

}  // namespace

struct Vocabulary::State {
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  std::vector<float> projection;            // kDims × values of a row
  faiss::IndexFlatL2 groups{kDims};         // centroids of the groups of cells
  std::vector<std::uint32_t> group_begin;   // groups + 1: the cells of group g are [g] to [g + 1]
  faiss::IndexFlatL2 centroids{kDims};      // of the cells, group by group
  std::vector<float> norms;                 // cells: squared lengths of the centroids

  int row_values() const { return RowValues(kind, row_bytes); }

  void SetNorms() {
    norms.clear();
    for (std::size_t cell = 0; cell < static_cast<std::size_t>(centroids.ntotal); ++cell) {
      const float* c = centroids.get_xb() + cell * kDims;
      norms.push_back(cblas_sdot(kDims, c, 1, c, 1));
    }
  }

  // Rows into the space of the cells, n × kDims.
  void Project(std::span<const std::uint8_t> rows, float* out) const {
    const std::vector<float> values = ToFloats(rows, kind);
    Multiply(values.data(), rows.size() / static_cast<std::size_t>(row_bytes), projection.data(), kDims, row_values(), out);
  }

  // The `probes` nearest cells of each of n rows, nearest first. The rows that look into one group meet
  // its cells in one matrix product.
  std::vector<std::int32_t> NearestCells(const std::vector<float>& rows, std::size_t n, std::size_t probes) const {
    const std::size_t group_count = group_begin.size() - 1;
    const std::size_t looks = std::min(std::max(kGroupsProbed, probes), group_count);
    std::vector<float> group_distances(n * looks);
    std::vector<Row> group_labels(n * looks);
    groups.search(static_cast<Row>(n), rows.data(), static_cast<Row>(looks), group_distances.data(), group_labels.data());
    std::vector<std::vector<std::uint32_t>> visitors(group_count);
    for (std::size_t i = 0; i < group_labels.size(); ++i) {
      if (group_labels[i] >= 0) visitors[static_cast<std::size_t>(group_labels[i])].push_back(static_cast<std::uint32_t>(i / looks));
    }
    struct Found {
      float distance = std::numeric_limits<float>::max();
      std::int32_t cell = -1;
    };
    std::vector<Found> best(n * probes);
    std::vector<float> gathered, products;
    for (std::size_t group = 0; group < group_count; ++group) {
      const auto& visiting = visitors[group];
      const std::size_t begin = group_begin[group], cells = group_begin[group + 1] - begin;
      if (visiting.empty() || cells == 0) continue;
      gathered.clear();
      for (const std::uint32_t row : visiting) gathered.insert(gathered.end(), &rows[row * kDims], &rows[row * kDims] + kDims);
      products.resize(visiting.size() * cells);
      Multiply(gathered.data(), visiting.size(), centroids.get_xb() + begin * kDims, cells, kDims, products.data());
      for (std::size_t v = 0; v < visiting.size(); ++v) {
        Found* found = &best[visiting[v] * probes];
        for (std::size_t c = 0; c < cells; ++c) {
          const float distance = norms[begin + c] - 2 * products[v * cells + c];  // less the row's own length
          if (distance >= found[probes - 1].distance) continue;
          std::size_t at = probes - 1;
          for (; at > 0 && found[at - 1].distance > distance; --at) found[at] = found[at - 1];
          found[at] = {distance, static_cast<std::int32_t>(begin + c)};
        }
      }
    }
    std::vector<std::int32_t> nearest;
    for (const Found& found : best) nearest.push_back(found.cell);
    for (std::size_t i = 0; i < nearest.size(); i += probes) nearest[i] = std::max(nearest[i], 0);
    return nearest;
  }
};

int CellsFor(std::uint64_t features) {
  return static_cast<int>(std::clamp(std::bit_floor(features / kFeaturesPerCell + 1), kMinCells, kMaxCells));
}

int CodeWordsFor(DescriptorKind kind, int row_bytes) { return kind == DescriptorKind::kBytes ? kDims / 64 : row_bytes / 8; }

Vocabulary::Vocabulary(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vocabulary::~Vocabulary() = default;
int Vocabulary::cells() const { return static_cast<int>(state_->centroids.ntotal); }
int Vocabulary::code_words() const { return CodeWordsFor(state_->kind, state_->row_bytes); }

std::uint64_t Vocabulary::bytes() const {
  const std::size_t floats = state_->projection.size() + state_->norms.size() * (kDims + 1) +
                             static_cast<std::size_t>(state_->groups.ntotal) * kDims;
  return floats * sizeof(float);
}

bool Vocabulary::embeds() const { return state_->kind == DescriptorKind::kBytes; }

bool Vocabulary::Fits(const Features& features) const {
  return features.kind == state_->kind && features.descriptor_bytes == state_->row_bytes &&
         features.descriptors.size() == features.size() * features.descriptor_bytes;
}

std::unique_ptr<Vocabulary> Vocabulary::Train(std::span<const std::uint8_t> rows, DescriptorKind kind,
                                              int row_bytes, int cells, std::uint32_t seed,
                                              int threads) {
  const SingleThread single;
  auto state = std::make_unique<State>();
  state->kind = kind;
  state->row_bytes = row_bytes;
  const auto bytes = static_cast<std::size_t>(row_bytes);
  const std::size_t n = rows.size() / bytes;
  const std::size_t k = std::min(static_cast<std::size_t>(cells), n);
  state->projection = TrainProjection(rows.first(std::min(n, kPcaRows) * bytes), kind, row_bytes, seed);
  const std::size_t chunks = (n + kChunkRows - 1) / kChunkRows;
  std::vector<float> x(n * kDims);
  ParallelFor(chunks, threads, [&](std::size_t chunk) {
    const SingleThread one;
    const std::size_t begin = chunk * kChunkRows, count = std::min(kChunkRows, n - begin);
    state->Project(rows.subspan(begin * bytes, count * bytes), &x[begin * kDims]);
  });
  const auto append = [&x](std::size_t row, std::vector<float>& out) {
    out.insert(out.end(), &x[row * kDims], &x[row * kDims] + kDims);
  };

  // Two levels: as many groups as each then has cells.
  const auto group_count = std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(k))));
  std::vector<float> sample;
  const std::size_t step = std::max<std::size_t>(1, n / (group_count * kRowsPerGroup));
  for (std::size_t i = 0; i < n; i += step) append(i, sample);
  state->groups.add(static_cast<Row>(group_count), KMeans(sample, group_count, seed, threads).data());
  std::vector<Row> group_of(n);
  ParallelFor(chunks, threads, [&](std::size_t chunk) {
    const SingleThread one;
    const std::size_t begin = chunk * kChunkRows, count = std::min(kChunkRows, n - begin);
    std::vector<float> distances(count);
    state->groups.search(static_cast<Row>(count), &x[begin * kDims], 1, distances.data(), &group_of[begin]);
  });
  std::vector<std::vector<std::size_t>> members(group_count);
  for (std::size_t i = 0; i < n; ++i) members[static_cast<std::size_t>(std::max<Row>(group_of[i], 0))].push_back(i);
  const std::vector<std::size_t> shares = ShareOut(k, members);
  std::vector<std::vector<float>> centroids(group_count);
  ParallelFor(group_count, threads, [&](std::size_t group) {
    if (shares[group] == 0) return;
    const SingleThread one;
    std::vector<float> own;
    for (const std::size_t i : members[group]) append(i, own);
    centroids[group] = KMeans(own, shares[group], seed, 1);
  });
  state->group_begin = {0};
  for (std::size_t group = 0; group < group_count; ++group) {
    state->centroids.add(static_cast<Row>(shares[group]), centroids[group].data());
    state->group_begin.push_back(static_cast<std::uint32_t>(state->centroids.ntotal));
  }
  state->SetNorms();
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
  std::vector<float> projected(n * kDims);
  state_->Project(features.descriptors, projected.data());
  out.cells = state_->NearestCells(projected, n, columns);
  for (std::size_t i = 0; i < n * columns; ++i) {
    const std::size_t row = i / columns;
    if (out.cells[i] < 0) continue;
    if (!embeds()) {
      std::memcpy(&out.codes[i * words], features.row(row).data(), words * sizeof(std::uint64_t));
      continue;
    }
    const float* value = &projected[row * kDims];
    const float* centroid = state_->centroids.get_xb() + static_cast<std::size_t>(out.cells[i]) * kDims;
    std::uint64_t code = 0;
    for (int bit = 0; bit < kDims; ++bit) {
      code |= static_cast<std::uint64_t>(value[bit] > centroid[bit]) << bit;
    }
    out.codes[i] = code;
  }
  return out;
}

void Vocabulary::Write(BlobWriter& writer) const {
  writer.Put(state_->kind);
  writer.Put<std::int32_t>(state_->row_bytes);
  writer.PutArray(std::span<const float>(state_->projection));
  writer.PutArray(std::span<const std::uint32_t>(state_->group_begin));
  for (const faiss::IndexFlatL2* index : {&state_->groups, &state_->centroids}) {
    faiss::VectorIOWriter bytes;
    faiss::write_index(index, &bytes);
    writer.PutArray(std::span<const std::uint8_t>(bytes.data));
  }
}

Result<std::unique_ptr<Vocabulary>> Vocabulary::Read(BlobReader& reader) {
  auto state = std::make_unique<State>();
  state->kind = reader.Get<DescriptorKind>();
  state->row_bytes = reader.Get<std::int32_t>();
  state->projection = reader.GetArray<float>();
  state->group_begin = reader.GetArray<std::uint32_t>();
  std::array<faiss::VectorIOReader, 2> bytes;
  for (faiss::VectorIOReader& b : bytes) b.data = reader.GetArray<std::uint8_t>();
  if (!reader.ok()) return Fail(ErrorCode::kCorrupt, "vocabulary: fields do not add up");
  try {
    std::array<faiss::IndexFlatL2*, 2> into{&state->groups, &state->centroids};
    for (std::size_t i = 0; i < 2; ++i) {
      const std::unique_ptr<faiss::Index> index(faiss::read_index(&bytes[i]));
      const auto* flat = dynamic_cast<const faiss::IndexFlatL2*>(index.get());
      if (!flat || flat->d != kDims || flat->ntotal < 1) {
        return Fail(ErrorCode::kCorrupt, "vocabulary: shapes do not agree");
      }
      *into[i] = *flat;
    }
  } catch (const std::exception& e) {
    return Fail(ErrorCode::kCorrupt, std::string("vocabulary: ") + e.what());
  }
  const auto cells = static_cast<std::size_t>(state->centroids.ntotal);
  const auto& begin = state->group_begin;
  if (state->row_bytes <= 0 || state->row_bytes > kMaxRowBytes ||
      state->projection.size() != static_cast<std::size_t>(kDims) * static_cast<std::size_t>(state->row_values()) ||
      begin.size() != static_cast<std::size_t>(state->groups.ntotal) + 1 || begin.front() != 0 ||
      begin.back() != cells || !std::is_sorted(begin.begin(), begin.end())) {
    return Fail(ErrorCode::kCorrupt, "vocabulary: shapes do not agree");
  }
  state->SetNorms();
  return std::unique_ptr<Vocabulary>(new Vocabulary(std::move(state)));
}

}  // namespace inlier
