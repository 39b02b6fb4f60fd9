// Rows lie in blocks that never change, as the postings of local features lie in segments: adding
// faces makes a small block, and blocks of similar size are merged, so n additions leave about log
// n blocks. A row is held as the bytes that the store has, so that a million look vectors take a
// gigabyte and not four, and a cosine is an exact product over two lengths.
#include "index/embedding_rows.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "index/direction_products.h"

namespace inlier {
namespace {

std::size_t Padded(std::size_t bytes) {
  return (bytes + kDirectionPadding - 1) / kDirectionPadding * kDirectionPadding;
}

// A row that is 128 throughout has no direction, and a cosine of 0 with everything.
float InverseLength(std::span<const std::uint8_t> row) {
  double squares = 0;
  for (const std::uint8_t byte : row) squares += (byte - 128.0) * (byte - 128.0);
  return static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
}

bool Alive(FaceNumber face, std::span<const std::uint32_t> live) {
  return face < live.size() && live[face] > 0;
}

}  // namespace

// Does not change once it is made.
struct EmbeddingRows::Block {
  struct Row {
    FaceNumber face = 0;
    std::uint16_t feature = 0;
    float inverse_length = 0;
  };
  std::vector<std::int8_t> values;  // padded rows
  std::vector<Row> rows;

  void Add(FaceNumber face, std::uint16_t feature, std::span<const std::uint8_t> row) {
    const std::size_t begin = values.size();
    values.resize(begin + Padded(row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      values[begin + i] = static_cast<std::int8_t>(row[i] - 128);
    rows.push_back({face, feature, InverseLength(row)});
  }
};

std::uint64_t EmbeddingRows::rows() const {
  std::uint64_t sum = 0;
  for (const auto& block : blocks_) sum += block->rows.size();
  return sum;
}

std::uint64_t EmbeddingRows::bytes() const {
  return rows() * (Padded(static_cast<std::size_t>(row_bytes_)) + sizeof(Block::Row));
}

std::shared_ptr<const EmbeddingRows::Block> EmbeddingRows::Merge(
    std::span<const std::shared_ptr<const Block>> from, int row_bytes,
    std::span<const std::uint32_t> live) {
  auto merged = std::make_shared<Block>();
  const auto padded = static_cast<std::ptrdiff_t>(Padded(static_cast<std::size_t>(row_bytes)));
  for (const auto& block : from) {
    auto row = block->values.begin();
    for (const Block::Row& described : block->rows) {
      if (Alive(described.face, live)) {
        merged->values.insert(merged->values.end(), row, row + padded);
        merged->rows.push_back(described);
      }
      row += padded;
    }
  }
  return merged;
}

EmbeddingRows EmbeddingRows::With(std::span<const NewRows> added,
                                  std::span<const std::uint32_t> live) const {
  EmbeddingRows next = *this;
  std::shared_ptr<Block> fresh;
  for (const auto& [face, features] : added) {
    if (features->size() == 0) continue;
    if (next.row_bytes_ == 0) next.row_bytes_ = features->descriptor_bytes;
    if (!fresh) fresh = std::make_shared<Block>();
    for (std::size_t i = 0; i < features->size(); ++i)
      fresh->Add(face, static_cast<std::uint16_t>(i), features->row(i));
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

namespace {

bool ComesBefore(const NearFace& a, const NearFace& b) {
  if (a.similarity != b.similarity) return a.similarity > b.similarity;
  return KeyComesBefore(a.key, a.number, b.key, b.number);
}

// The nearest faces so far. It holds more than are wanted, so that it is seldom sorted.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}
  void Offer(const NearFace& face) {
    if (found_.size() >= count_ && face.similarity < least_) return;
    found_.push_back(face);
    if (found_.size() >= 2 * count_ + kSpare) Cut();
  }
  std::vector<NearFace> Take() && { return std::move(found_); }

 private:
  static constexpr std::size_t kSpare = 64;
  void Cut() {
    const auto last = found_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(found_.begin(), last - 1, found_.end(), ComesBefore);
    found_.erase(last, found_.end());
    least_ = found_.back().similarity;
  }

  std::size_t count_;
  std::vector<NearFace> found_;
  float least_ = -2;  // of the best `count_` at the last cut; less than any cosine before
};

// Rows of a photo as DirectionProducts takes them.
struct PhotoRows {
  explicit PhotoRows(const Features& photo)
      : count(photo.size()), padded(Padded(photo.descriptor_bytes)), values(count * padded) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = photo.row(i);
      for (std::size_t k = 0; k < row.size(); ++k)
        values[i * padded + k] = static_cast<std::int16_t>(row[k] - 128);
      inverse_lengths.push_back(InverseLength(row));
    }
  }
  std::size_t count, padded;
  std::vector<std::int16_t> values;
  std::vector<float> inverse_lengths;
};

}  // namespace

void KeepNearest(std::vector<NearFace>& faces, int count) {
  std::ranges::sort(faces, ComesBefore);
  faces.resize(std::min(faces.size(), static_cast<std::size_t>(std::max(count, 0))));
}

std::vector<NearFace> EmbeddingRows::Nearest(const Features& photo, int count,
                                             const FaceTable& faces) const {
  if (photo.size() == 0 || count <= 0) return {};
  const PhotoRows rows(photo);
  std::vector<std::int32_t> products(rows.count);
  Best best(static_cast<std::size_t>(count));
  for (const auto& block : blocks_) {
    // The rows of a face lie behind each other, so its nearest one is known when the next begins.
    NearFace face{.similarity = -2};  // less than any cosine
    for (std::size_t i = 0; i < block->rows.size(); ++i) {
      const Block::Row& row = block->rows[i];
      if (!Alive(row.face, faces.counts)) continue;
      if (face.number != row.face && face.similarity > -2) {
        best.Offer(face);
        face.similarity = -2;
      }
      DirectionProducts(&block->values[i * rows.padded], rows.values.data(), rows.count,
                        rows.padded, products.data());
      for (std::size_t p = 0; p < rows.count; ++p) {
        const float cosine =
            static_cast<float>(products[p]) * row.inverse_length * rows.inverse_lengths[p];
        const auto photo_row = static_cast<std::uint16_t>(p);
        if (cosine > face.similarity || (cosine == face.similarity && photo_row < face.photo_row))
          face = {row.face, cosine, photo_row, row.feature, faces.key(row.face)};
      }
    }
    if (face.similarity > -2) best.Offer(face);
  }
  auto nearest = std::move(best).Take();
  KeepNearest(nearest, count);
  return nearest;
}

}  // namespace inlier
