// Learns a projection from items and views of them, in closed form ("whitening learnt from pairs":
// Mikolajczyk and Matas, ICCV 2007; Radenović, Tolias and Chum, TPAMI 2019).
//
// Two covariances say what a direction is worth. The one of the differences between an item and its
// views, C_within, is large along directions in which photos of one thing vary; the one of the
// items, C_between, is large along directions in which things differ. First C_within becomes the
// identity: W = (C_within + λ I)^-½, where λ is `shrinkage` times the mean variance. Then the
// principal directions P of the whitened items are kept, the largest eigenvalues first. The result
// is the matrix Pᵀ W.
#include <algorithm>

#include <Eigen/Eigenvalues>

#include "deep/projection.h"

namespace inlier {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

Vector ToVector(const std::vector<float>& values) {
  return Eigen::Map<const Eigen::VectorXf>(values.data(), static_cast<Eigen::Index>(values.size()))
      .cast<double>();
}

// The lower triangle of 1/n Σ xxᵀ over the columns x; the upper one is zero.
Matrix Covariance(const Matrix& columns) {
  Matrix covariance = Matrix::Zero(columns.rows(), columns.rows());
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(columns,
                                                        1.0 / static_cast<double>(columns.cols()));
  return covariance;
}

// The symmetric matrix W with W (covariance + λ I) W = I.
Matrix Whitening(Matrix covariance, double shrinkage) {
  const double mean_variance =
      std::max(covariance.trace() / static_cast<double>(covariance.rows()), 1e-12);
  covariance.diagonal().array() += shrinkage * mean_variance;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);  // reads the lower triangle
  const Vector scales = solver.eigenvalues().cwiseInverse().cwiseSqrt();
  const Matrix scaled = solver.eigenvectors() * scales.asDiagonal();
  return scaled * solver.eigenvectors().transpose();
}

// As rows, the `count` directions along which the columns vary most; the columns have mean zero.
using RowMajorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
RowMajorMatrix PrincipalDirections(const Matrix& columns, Eigen::Index count) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(Covariance(columns));
  return solver.eigenvectors().rightCols(count).rowwise().reverse().transpose();
}

}  // namespace

Result<Projection> FitProjection(const ProjectionSamples& samples,
                                 const ProjectionOptions& options) {
  if (samples.items.size() < 2 || samples.views.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "a projection is learnt from at least two items and from views of them");
  }
  const auto in = static_cast<Eigen::Index>(samples.items.front().size());
  const auto n = static_cast<Eigen::Index>(samples.items.size()),
             m = static_cast<Eigen::Index>(samples.views.size());
  Matrix items(in, n), differences(in, m);
  for (Eigen::Index i = 0; i < n; ++i)
    items.col(i) = ToVector(samples.items[static_cast<std::size_t>(i)]);
  Vector views_mean = Vector::Zero(in);
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto& view = samples.views[static_cast<std::size_t>(j)];
    const Vector values = ToVector(view.values);
    differences.col(j) = values - items.col(static_cast<Eigen::Index>(view.item));
    views_mean += values / static_cast<double>(m);
  }
  const Vector items_mean = items.rowwise().mean();
  const Matrix whiten = Whitening(Covariance(differences), options.shrinkage);
  items.colwise() -= items_mean;
  const Matrix white_items = whiten * items;
  const Eigen::Index out =
      std::min<Eigen::Index>({options.dims, in, std::max<Eigen::Index>(n - 1, 1)});
  const Matrix matrix = PrincipalDirections(white_items, out) * whiten;

  Projection projection;
  projection.mean.resize(static_cast<std::size_t>(in));
  // Photos have a mean of their own: what all views have in common does not tell items apart.
  Eigen::Map<Eigen::VectorXf>(projection.mean.data(), in) =
      ((items_mean + views_mean) / 2).cast<float>();
  projection.matrix.resize(static_cast<std::size_t>(out * in));
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor>(projection.matrix.data(), out, in) = matrix.cast<float>();
  return projection;
}

}  // namespace inlier
