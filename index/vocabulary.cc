#include "index/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

namespace inlier {
namespace {

constexpr std::size_t kDims = kCellDims;
// A probed cell is left out when its squared distance is more than this times that of the row's
// nearest cell.
constexpr double kFarther = 1.4;
constexpr int kMaxWords = 2;  // of a row of bits
constexpr int kMaxRowBytes = 4096;
constexpr std::uint32_t kMaxShift = 31;
constexpr std::uint64_t kFeaturesPerCell = 1024;
constexpr std::uint64_t kMinCells = 16;
constexpr std::uint64_t kMaxCells = 65'536;

bool AreCellValues(const std::vector<std::int16_t>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](int value) { return std::abs(value) <= kMaxCellValue; });
}

// Whether no sum of a projected row can leave 32 bits.
bool SumsFit(const std::vector<std::int16_t>& matrix, std::size_t inputs) {
  for (std::size_t begin = 0; begin < matrix.size(); begin += inputs) {
    std::int64_t magnitude = 0;
    for (std::size_t j = 0; j < inputs; ++j) magnitude += std::abs(int{matrix[begin + j]});
    if (magnitude > IntegerMap::kMaxMagnitude) return false;
  }
  return true;
}

bool ShapesAgree(const VocabularyTables& tables) {
  const bool bits = tables.kind == DescriptorKind::kBits;
  if (!bits && tables.kind != DescriptorKind::kBytes) return false;
  if (tables.row_bytes <= 0 || tables.row_bytes > kMaxRowBytes ||
      (bits && tables.row_bytes % 8 != 0))
    return false;
  const auto& begin = tables.group_begin;
  if (begin.size() < 2 || begin.front() != 0 || begin.back() == 0 ||
      !std::is_sorted(begin.begin(), begin.end()))
    return false;
  const auto row_values = static_cast<std::size_t>(RowValues(tables.kind, tables.row_bytes));
  const CellProjection& projection = tables.projection;
  return projection.matrix.size() == kDims * row_values && projection.offsets.size() == kDims &&
         projection.shift <= kMaxShift && SumsFit(projection.matrix, row_values) &&
         tables.group_centroids.size() == (begin.size() - 1) * kDims &&
         tables.centroids.size() == begin.back() * kDims && AreCellValues(tables.group_centroids) &&
         AreCellValues(tables.centroids);
}

// One bit for each axis along which the row lies beyond its cell's centroid.
std::uint64_t EmbeddedCode(const std::int16_t* row, const std::int16_t* centroid) {
  std::array<std::uint8_t, kDims> beyond;
  for (std::size_t bit = 0; bit < kDims; ++bit) beyond[bit] = row[bit] > centroid[bit];
  std::uint64_t code = 0;
  for (std::size_t byte = 0; byte < kDims / 8; ++byte) {
    std::uint64_t flags;
    std::memcpy(&flags, &beyond[8 * byte], sizeof(flags));
    // The product brings the flags of eight bytes together in the highest one.
    code |= (flags * 0x0102040810204080) >> 56 << 8 * byte;
  }
  return code;
}

}  // namespace

int CellsFor(std::uint64_t features) {
  return static_cast<int>(
      std::clamp(std::bit_floor(features / kFeaturesPerCell + 1), kMinCells, kMaxCells));
}

int CodeWordsFor(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? kCellDims / 64 : std::min(row_bytes / 8, kMaxWords);
}

Vocabulary::Vocabulary(VocabularyTables tables)
    : tables_(std::move(tables)),
      sums_(tables_.projection.matrix,
            static_cast<std::size_t>(RowValues(tables_.kind, tables_.row_bytes))),
      groups_(tables_.group_centroids, kDims, 0) {
  const std::span<const std::int16_t> all(tables_.centroids);
  const auto& begin = tables_.group_begin;
  for (std::size_t g = 0; g + 1 < begin.size(); ++g) {
    cells_.emplace_back(all.subspan(begin[g] * kDims, (begin[g + 1] - begin[g]) * kDims), kDims,
                        static_cast<std::int32_t>(begin[g]));
  }
}

std::uint64_t Vocabulary::bytes() const {
  const std::size_t values = tables_.centroids.size() + tables_.group_centroids.size();
  return 2 * (tables_.projection.matrix.size() + values) * sizeof(std::int16_t);
}

bool Vocabulary::Fits(const Features& features) const {
  return features.kind == tables_.kind && features.descriptor_bytes == tables_.row_bytes &&
         features.descriptors.size() == features.size() * features.descriptor_bytes;
}

// The `probes` nearest cells of each of n rows, nearest first. All rows that look into the same
// group meet its cells one after the other, while these are in the processor's cache. Each row
// meets its nearest group first, so that few cells of the others get into its list.
std::vector<NearCell> Vocabulary::NearestCells(const std::vector<std::int16_t>& rows, std::size_t n,
                                               std::size_t probes) const {
  const std::size_t looks = std::min(std::max(kGroupsProbed, probes), groups_.size());
  std::vector<NearCell> near_groups(n * looks), best(n * probes);
  std::vector<const std::int16_t*> pointers;
  std::vector<NearCell*> found;
  for (std::size_t i = 0; i < n; ++i) {
    pointers.push_back(&rows[i * kDims]);
    found.push_back(&near_groups[i * looks]);
  }
  groups_.Nearest(pointers, looks, found);
  std::vector<std::vector<std::uint32_t>> visitors(groups_.size());
  for (std::size_t look = 0; look < looks; ++look) {
    for (std::vector<std::uint32_t>& of_group : visitors) of_group.clear();
    for (std::size_t i = 0; i < n; ++i) {
      visitors[static_cast<std::size_t>(near_groups[i * looks + look].cell)].push_back(
          static_cast<std::uint32_t>(i));
    }
    for (std::size_t group = 0; group < visitors.size(); ++group) {
      pointers.clear();
      found.clear();
      for (const std::uint32_t row : visitors[group]) {
        pointers.push_back(&rows[row * kDims]);
        found.push_back(&best[row * probes]);
      }
      cells_[group].Nearest(pointers, probes, found);
    }
  }
  return best;
}

CellCodes Vocabulary::Assign(const Features& features, int probes, std::size_t most) const {
  const std::size_t n = std::min(features.size(), most);
  const auto words = static_cast<std::size_t>(code_words());
  CellCodes out{.probes = std::min(probes, cells()), .code_words = code_words()};
  const auto columns = static_cast<std::size_t>(out.probes);
  out.codes.resize(n * columns * words);
  if (n == 0) return out;
  std::vector<std::int16_t> rows(n * kDims);
  Project(tables_.projection, sums_,
          std::span(features.descriptors).first(n * features.descriptor_bytes), tables_.kind,
          rows.data());
  const std::vector<NearCell> nearest = NearestCells(rows, n, columns);
  out.cells.reserve(nearest.size());
  std::int64_t length = 0;
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    const std::int16_t* row = &rows[i / columns * kDims];
    const NearCell& first = nearest[i - i % columns];
    // NearCell's distances lack the squared length of the row itself.
    if (i % columns == 0) length = std::inner_product(row, row + kDims, row, std::int64_t{0});
    const bool near = kFarther * static_cast<double>(first.distance + length) >=
                      static_cast<double>(nearest[i].distance + length);
    out.cells.push_back(near ? nearest[i].cell : -1);
    if (!near) continue;
    if (embeds()) {
      out.codes[i] =
          EmbeddedCode(row, &tables_.centroids[static_cast<std::size_t>(nearest[i].cell) * kDims]);
    } else {
      std::memcpy(&out.codes[i * words], features.row(i / columns).data(),
                  words * sizeof(std::uint64_t));
    }
  }
  return out;
}

void Vocabulary::Write(BlobWriter& writer) const {
  writer.Put(tables_.kind);
  writer.Put<std::int32_t>(tables_.row_bytes);
  writer.PutArray(std::span<const std::int16_t>(tables_.projection.matrix));
  writer.PutArray(std::span<const std::int32_t>(tables_.projection.offsets));
  writer.Put(tables_.projection.shift);
  writer.PutArray(std::span<const std::int16_t>(tables_.group_centroids));
  writer.PutArray(std::span<const std::uint32_t>(tables_.group_begin));
  writer.PutArray(std::span<const std::int16_t>(tables_.centroids));
}

Result<std::unique_ptr<Vocabulary>> Vocabulary::Read(BlobReader& reader) {
  VocabularyTables tables;
  tables.kind = reader.Get<DescriptorKind>();
  tables.row_bytes = reader.Get<std::int32_t>();
  tables.projection.matrix = reader.GetArray<std::int16_t>();
  tables.projection.offsets = reader.GetArray<std::int32_t>();
  tables.projection.shift = reader.Get<std::uint32_t>();
  tables.group_centroids = reader.GetArray<std::int16_t>();
  tables.group_begin = reader.GetArray<std::uint32_t>();
  tables.centroids = reader.GetArray<std::int16_t>();
  if (!reader.ok()) return Fail(ErrorCode::kCorrupt, "vocabulary: fields do not add up");
  if (!ShapesAgree(tables)) {
    return Fail(ErrorCode::kCorrupt, "vocabulary: the shapes of its tables do not agree");
  }
  return std::make_unique<Vocabulary>(std::move(tables));
}

}  // namespace inlier
