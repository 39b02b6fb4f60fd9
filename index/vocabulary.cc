#include "index/vocabulary.h"

#include <algorithm>
#include <cstring>

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

constexpr int kCodeBits = 64;
constexpr std::size_t kChunkRows = 1024;
constexpr int kIterations = 10;

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
  std::vector<float> out(rows.size() * 8);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(rows[i / 8] >> i % 8 & 1);
  return out;
}

int Dims(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? row_bytes : row_bytes * 8;
}

}  // namespace

struct Vocabulary::State {
  DescriptorKind kind = DescriptorKind::kBytes;
  int row_bytes = 0;
  faiss::IndexFlatL2 centroids;
  std::vector<float> projection;  // kCodeBits × dims; empty for bits
  std::vector<float> thresholds;  // cells × kCodeBits: the projected centroids; empty for bits

  int dims() const { return Dims(kind, row_bytes); }

  std::vector<float> Project(const float* rows, std::size_t n) const {
    std::vector<float> out(n * kCodeBits);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(n), kCodeBits, dims(), 1.0f,
                rows, dims(), projection.data(), dims(), 0.0f, out.data(), kCodeBits);
    return out;
  }
};

Vocabulary::Vocabulary(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vocabulary::~Vocabulary() = default;
int Vocabulary::cells() const { return static_cast<int>(state_->centroids.ntotal); }
int Vocabulary::code_words() const {
  return state_->kind == DescriptorKind::kBytes ? kCodeBits / 64 : state_->row_bytes / 8;
}

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
  const int dims = state->dims();
  const std::vector<float> floats = ToFloats(rows, kind);
  const auto n = static_cast<faiss::Index::idx_t>(rows.size()) / row_bytes;

  faiss::ClusteringParameters parameters;
  parameters.niter = kIterations;
  parameters.seed = static_cast<int>(seed & 0x7FFFFFFF);
  parameters.min_points_per_centroid = 1;      // silences a warning; small catalogues are normal
  parameters.max_points_per_centroid = 1 << 20;  // the caller has chosen the sample
  const int k = static_cast<int>(std::min<faiss::Index::idx_t>(cells, n));
  faiss::Clustering clustering(dims, k, parameters);
  ChunkedFlat assigner(dims, threads);
  clustering.train(n, floats.data(), assigner);
  state->centroids = faiss::IndexFlatL2(dims);
  state->centroids.add(k, clustering.centroids.data());

  if (kind == DescriptorKind::kBytes) {
    // A random rotation behind the PCA shares the variance out, so that every bit tells as much.
    faiss::PCAMatrix pca(dims, kCodeBits, 0, true);
    constexpr faiss::Index::idx_t kPcaRows = 65'536;
    if (n >= kCodeBits) {
      pca.train(std::min(n, kPcaRows), floats.data());
      state->projection = pca.A;
    } else {  // too few rows for a covariance
      faiss::RandomRotationMatrix rotation(dims, kCodeBits);
      rotation.init(static_cast<int>(seed & 0x7FFFFFFF));
      state->projection = rotation.A;
    }
    state->thresholds = state->Project(clustering.centroids.data(), static_cast<std::size_t>(k));
  }
  return std::unique_ptr<Vocabulary>(new Vocabulary(std::move(state)));
}

CellCodes Vocabulary::Assign(const Features& features, int probes) const {
  const SingleThread single;
  const std::size_t n = features.size();
  const std::size_t words = static_cast<std::size_t>(code_words());
  CellCodes out{.probes = std::min(probes, cells()), .code_words = code_words()};
  const auto columns = static_cast<std::size_t>(out.probes);
  out.cells.resize(n * columns);
  out.codes.resize(n * columns * words);
  if (n == 0) return out;
  const std::vector<float> floats = ToFloats(features.descriptors, features.kind);
  std::vector<float> distances(n * columns);
  std::vector<faiss::Index::idx_t> labels(n * columns);
  state_->centroids.search(static_cast<faiss::Index::idx_t>(n), floats.data(), out.probes,
                           distances.data(), labels.data());
  std::vector<float> projected;
  if (!state_->projection.empty()) projected = state_->Project(floats.data(), n);
  for (std::size_t i = 0; i < n * columns; ++i) {
    const auto cell = std::max<faiss::Index::idx_t>(labels[i], 0);
    out.cells[i] = static_cast<std::int32_t>(cell);
    const std::size_t row = i / columns;
    if (projected.empty()) {
      std::memcpy(&out.codes[i * words], features.row(row).data(), words * sizeof(std::uint64_t));
      continue;
    }
    const float* value = &projected[row * kCodeBits];
    const float* threshold = &state_->thresholds[static_cast<std::size_t>(cell) * kCodeBits];
    std::uint64_t code = 0;
    for (int bit = 0; bit < kCodeBits; ++bit) {
      code |= static_cast<std::uint64_t>(value[bit] > threshold[bit]) << bit;
    }
    out.codes[i] = code;
  }
  return out;
}

void Vocabulary::Write(BlobWriter& writer) const {
  faiss::VectorIOWriter centroids;
  faiss::write_index(&state_->centroids, &centroids);
  writer.Put(state_->kind);
  writer.Put<std::int32_t>(state_->row_bytes);
  writer.PutArray(std::span<const float>(state_->projection));
  writer.PutArray(std::span<const float>(state_->thresholds));
  writer.PutArray(std::span<const std::uint8_t>(centroids.data));
}

Result<std::unique_ptr<Vocabulary>> Vocabulary::Read(BlobReader& reader) {
  auto state = std::make_unique<State>();
  state->kind = reader.Get<DescriptorKind>();
  state->row_bytes = reader.Get<std::int32_t>();
  state->projection = reader.GetArray<float>();
  state->thresholds = reader.GetArray<float>();
  faiss::VectorIOReader centroids;
  centroids.data = reader.GetArray<std::uint8_t>();
  if (!reader.ok()) return Fail(ErrorCode::kCorrupt, "vocabulary: fields do not add up");
  try {
    const std::unique_ptr<faiss::Index> index(faiss::read_index(&centroids));
    const auto* flat = dynamic_cast<const faiss::IndexFlatL2*>(index.get());
    const auto bits = static_cast<std::size_t>(kCodeBits);
    const bool floats = state->kind == DescriptorKind::kBytes;
    if (!flat || flat->d != state->dims() || flat->ntotal < 1 ||
        state->projection.size() != (floats ? bits * static_cast<std::size_t>(flat->d) : 0) ||
        state->thresholds.size() != (floats ? bits * static_cast<std::size_t>(flat->ntotal) : 0)) {
      return Fail(ErrorCode::kCorrupt, "vocabulary: shapes do not agree");
    }
    state->centroids = *flat;
  } catch (const std::exception& e) {
    return Fail(ErrorCode::kCorrupt, std::string("vocabulary: ") + e.what());
  }
  return std::unique_ptr<Vocabulary>(new Vocabulary(std::move(state)));
}

}  // namespace inlier
