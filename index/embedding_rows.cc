// Rows lie in blocks that never change, as the postings of local features lie in segments: adding
// faces makes a small block, and blocks of similar size are merged, so n additions leave about log
// n blocks. Each block is a flat FAISS index of unit vectors, in which an inner product is a
// cosine.
#include "index/embedding_rows.h"

#include <algorithm>
#include <tuple>

#include <faiss/IndexFlat.h>
#include <faiss/impl/IDSelector.h>

#include "index/single_thread.h"

namespace inlier {

// Does not change once it is made.
struct EmbeddingRows::Block {
  explicit Block(int dims) : vectors(dims) {}
  struct Row {
    FaceNumber face = 0;
    std::uint16_t feature = 0;
  };
  faiss::IndexFlatIP vectors;
  std::vector<Row> rows;  // of each vector
  std::size_t most_rows_an_item = 0;

  void Add(FaceNumber face, std::uint16_t feature, const float* vector) {
    vectors.add(1, vector);
    rows.push_back({face, feature});
    most_rows_an_item = std::max<std::size_t>(most_rows_an_item, feature + std::size_t{1});
  }
};

namespace {

bool Alive(FaceNumber face, std::span<const std::uint32_t> live) {
  return face < live.size() && live[face] > 0;
}

// Selects the rows of a block whose faces may be returned.
template <class Row>
class LiveRows final : public faiss::IDSelector {
 public:
  LiveRows(const std::vector<Row>& rows, std::span<const std::uint32_t> live)
      : rows_(rows), live_(live) {}
  bool is_member(faiss::Index::idx_t row) const override {
    return Alive(rows_[static_cast<std::size_t>(row)].face, live_);
  }

 private:
  const std::vector<Row>& rows_;
  std::span<const std::uint32_t> live_;
};

}  // namespace

std::uint64_t EmbeddingRows::rows() const {
  std::uint64_t sum = 0;
  for (const auto& block : blocks_) sum += block->rows.size();
  return sum;
}

std::uint64_t EmbeddingRows::bytes() const {
  return rows() * (static_cast<std::uint64_t>(row_bytes_) * sizeof(float) + sizeof(Block::Row));
}

std::shared_ptr<const EmbeddingRows::Block> EmbeddingRows::Merge(
    std::span<const std::shared_ptr<const Block>> from, int row_bytes,
    std::span<const std::uint32_t> live) {
  auto merged = std::make_shared<Block>(row_bytes);
  for (const auto& block : from) {
    for (std::size_t i = 0; i < block->rows.size(); ++i) {
      const auto [face, feature] = block->rows[i];
      if (Alive(face, live))
        merged->Add(face, feature,
                    block->vectors.get_xb() + i * static_cast<std::size_t>(row_bytes));
    }
  }
  return merged;
}

EmbeddingRows EmbeddingRows::With(std::span<const NewRows> added,
                                  std::span<const std::uint32_t> live) const {
  EmbeddingRows next = *this;
  std::shared_ptr<Block> fresh;
  std::vector<float> vector;
  for (const auto& [face, features] : added) {
    if (features->size() == 0) continue;
    if (next.row_bytes_ == 0) next.row_bytes_ = features->descriptor_bytes;
    if (!fresh) fresh = std::make_shared<Block>(next.row_bytes_);
    vector.resize(features->descriptor_bytes);
    for (std::size_t i = 0; i < features->size(); ++i) {
      UnitDirection(features->row(i), vector.data());
      fresh->Add(face, static_cast<std::uint16_t>(i), vector.data());
    }
  }
  if (fresh) next.blocks_.push_back(std::move(fresh));
  auto& blocks = next.blocks_;
  const auto merge_from = [&](std::size_t first) {
    auto merged = Merge(std::span(blocks).subspan(first), next.row_bytes_, live);
    blocks.resize(first);
    blocks.push_back(std::move(merged));
  };
  while (blocks.size() > 1 &&
         blocks[blocks.size() - 2]->rows.size() < 2 * blocks.back()->rows.size())
    merge_from(blocks.size() - 2);
  std::uint64_t alive = 0;
  for (const auto& block : blocks) {
    for (const auto& row : block->rows) alive += Alive(row.face, live);
  }
  if (2 * alive < next.rows()) merge_from(0);
  return next;
}

void KeepNearest(std::vector<NearFace>& faces, int count) {
  std::ranges::sort(faces, [](const NearFace& a, const NearFace& b) {
    if (a.similarity != b.similarity) return a.similarity > b.similarity;
    return KeyComesBefore(a.key, a.number, b.key, b.number);
  });
  faces.resize(std::min(faces.size(), static_cast<std::size_t>(std::max(count, 0))));
}

std::vector<NearFace> EmbeddingRows::Nearest(const Features& photo, int count,
                                             const FaceTable& faces) const {
  std::vector<NearFace> nearest;
  if (photo.size() == 0 || count <= 0) return nearest;
  const std::size_t row_bytes = photo.descriptor_bytes;
  std::vector<float> queries(photo.size() * row_bytes);
  for (std::size_t i = 0; i < photo.size(); ++i)
    UnitDirection(photo.row(i), &queries[i * row_bytes]);

  const SingleThread single;
  std::vector<NearFace> found;
  for (const auto& block : blocks_) {
    if (block->rows.empty()) continue;
    // So many rows belong to at least `count` faces.
    const std::size_t k =
        std::min(static_cast<std::size_t>(count) * block->most_rows_an_item, block->rows.size());
    LiveRows selector(block->rows, faces.counts);
    faiss::SearchParameters parameters;
    parameters.sel = &selector;
    std::vector<float> cosines(photo.size() * k);
    std::vector<faiss::Index::idx_t> labels(photo.size() * k);
    block->vectors.search(static_cast<faiss::Index::idx_t>(photo.size()), queries.data(),
                          static_cast<faiss::Index::idx_t>(k), cosines.data(), labels.data(),
                          &parameters);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0) continue;  // fewer live rows than k
      const auto [face, feature] = block->rows[static_cast<std::size_t>(labels[i])];
      found.push_back({face, cosines[i], static_cast<std::uint16_t>(i / k), feature});
    }
  }
  std::sort(found.begin(), found.end(), [](const NearFace& a, const NearFace& b) {
    if (a.number != b.number) return a.number < b.number;
    if (a.similarity != b.similarity) return a.similarity > b.similarity;
    return std::tie(a.photo_row, a.face_row) < std::tie(b.photo_row, b.face_row);
  });
  for (const NearFace& f : found) {
    if (nearest.empty() || nearest.back().number != f.number) nearest.push_back(f);
  }
  for (NearFace& near : nearest) near.key = faces.key(near.number);
  KeepNearest(nearest, count);
  return nearest;
}

}  // namespace inlier
