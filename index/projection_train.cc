// The projection takes the axes of most variance (PCA) and turns them by a random rotation, which
// shares the variance out so that every bit of a code says as much. It is scaled so that the rows
// which it was learnt from just fit the whole numbers of the space of the cells.
//
// Shards that are built on different machines have to agree, so nothing here may depend on the
// processor. Sums over rows are of whole numbers, which doubles hold exactly in any order. Eigen
// does the rest; it has no code that is chosen at run time, but it cuts large products into blocks
// by the sizes of the processor's caches, so those are set here. Of the mathematical library only
// the square root is used, which IEEE 754 defines to the last bit.
#include "index/projection_train.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "core/random.h"
#include "index/cell_block.h"

namespace inlier {
namespace {

using Matrix = Eigen::MatrixXd;
using Eigen::Index;

constexpr Index kMaxRows = 16'384;  // that the axes are learnt from
constexpr double kMaxShift = 31;
constexpr int kUniformsOfANormal = 12;  // their sum has a variance of 1

void SetCacheSizes() {
  static const bool set = [] {
    Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
    return true;
  }();
  static_cast<void>(set);
}

// Orthonormal rows, or orthonormal columns where there are fewer of these.
Matrix RandomRotation(Index rows, Index columns, std::uint64_t seed) {
  const Index large = std::max(rows, columns), small = std::min(rows, columns);
  Random random(seed);
  Matrix normal(large, small);
  for (Index j = 0; j < small; ++j) {
    for (Index i = 0; i < large; ++i) {
      double sum = 0;
      for (int k = 0; k < kUniformsOfANormal; ++k) sum += random.Uniform(-0.5, 0.5);
      normal(i, j) = sum;
    }
  }
  const Matrix basis =
      Eigen::HouseholderQR<Matrix>(normal).householderQ() * Matrix::Identity(large, small);
  return rows >= columns ? basis : basis.transpose();
}

// The axes of most variance, one per row. `values`: one column for each row of the sample.
Matrix PrincipalAxes(const Matrix& values, Index count) {
  // n Σ x xᵀ − Σ x Σ xᵀ: whole numbers below 2^53, so exact.
  const auto n = static_cast<double>(values.cols());
  const Eigen::VectorXd sum = values.rowwise().sum();
  Matrix covariance = Matrix::Zero(values.rows(), values.rows());
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(values, n);
  covariance.noalias() -= sum * sum.transpose();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);  // reads the lower triangle
  return solver.eigenvectors().rightCols(count).transpose();
}

// The largest shift with which neither an entry leaves 16 bits nor a sum leaves 32.
std::uint32_t ShiftFor(const Matrix& map) {
  const double most = std::min(
      32'767.0 / map.cwiseAbs().maxCoeff(),
      static_cast<double>(IntegerMap::kMaxMagnitude) / map.cwiseAbs().rowwise().sum().maxCoeff());
  std::uint32_t shift = 0;
  while (shift < kMaxShift && std::ldexp(2.0, static_cast<int>(shift)) <= most) ++shift;
  return shift;
}

}  // namespace

CellProjection TrainProjection(std::span<const std::uint8_t> rows, DescriptorKind kind,
                               int row_bytes, std::uint64_t seed) {
  SetCacheSizes();
  const Index dims = RowValues(kind, row_bytes);
  const auto bytes = static_cast<std::size_t>(row_bytes);
  const std::size_t all = rows.size() / bytes;
  // Evenly from all rows: those of a few faces alone would say less.
  const auto n = static_cast<Index>(std::min(all, static_cast<std::size_t>(kMaxRows)));
  Matrix values(dims, n);
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = static_cast<std::size_t>(i) * all / static_cast<std::size_t>(n);
    const auto of_row = ToValues(rows.subspan(row * bytes, bytes), kind);
    for (Index j = 0; j < dims; ++j) values(j, i) = of_row[static_cast<std::size_t>(j)];
  }
  // Too few rows for a covariance, or too few values for a choice of axes.
  Matrix map = n <= dims || dims <= kCellDims
                   ? RandomRotation(kCellDims, dims, seed)
                   : RandomRotation(kCellDims, kCellDims, seed) * PrincipalAxes(values, kCellDims);
  const Eigen::VectorXd mean = values.rowwise().sum() / static_cast<double>(n);
  const double largest = (map * (values.colwise() - mean)).cwiseAbs().maxCoeff();
  if (largest > 0) map *= kMaxCellValue / largest;

  CellProjection projection{.shift = ShiftFor(map)};
  const double unit = std::ldexp(1.0, static_cast<int>(projection.shift));
  for (Index i = 0; i < kCellDims; ++i) {
    double offset = 0;
    for (Index j = 0; j < dims; ++j) {
      projection.matrix.push_back(static_cast<std::int16_t>(std::lround(map(i, j) * unit)));
      offset += projection.matrix.back() * mean(j);
    }
    projection.offsets.push_back(static_cast<std::int32_t>(std::lround(offset)));
  }
  return projection;
}

}  // namespace inlier
