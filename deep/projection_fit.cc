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

}  // namespace

Result<Projection> FitProjection(const ProjectionSamples& samples,
                                 const ProjectionOptions& options) {
  if (samples.items.size() < 2 || samples.views.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "a projection is learnt from two items at least, and views of them");
  }
  const auto in = static_cast<Eigen::Index>(samples.items.front().size());
  const auto n = static_cast<Eigen::Index>(samples.items.size()),
             m = static_cast<Eigen::Index>(samples.views.size());
  Matrix items(in, n), differences(in, m);
  for (Eigen::Index i = 0; i < n; ++i)
    items.col(i) = ToVector(samples.items[static_cast<std::size_t>(i)]);
  // Photos have a mean of their own: what views have in common is no difference between items
  // either.
  Vector mean = items.rowwise().mean();
  Vector views_mean = Vector::Zero(in);
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto& view = samples.views[static_cast<std::size_t>(j)];
    const Vector values = ToVector(view.values);
    differences.col(j) = values - items.col(static_cast<Eigen::Index>(view.item));
    views_mean += values / static_cast<double>(m);
  }
  mean = (mean + views_mean) / 2;
  Matrix within = Matrix::Zero(in, in);
  within.selfadjointView<Eigen::Lower>().rankUpdate(differences, 1.0 / static_cast<double>(m));
  within = within.selfadjointView<Eigen::Lower>();
  const double variance = std::max(within.trace() / static_cast<double>(in), 1e-12);
  within.diagonal().array() += options.shrinkage * variance;
  const Eigen::SelfAdjointEigenSolver<Matrix> whitening(within);
  const Matrix whiten = whitening.operatorInverseSqrt();

  const Matrix white = whiten * (items.colwise() - items.rowwise().mean());
  Matrix between = Matrix::Zero(in, in);
  between.selfadjointView<Eigen::Lower>().rankUpdate(white, 1.0 / static_cast<double>(n));
  const Eigen::SelfAdjointEigenSolver<Matrix> principal(between.selfadjointView<Eigen::Lower>());
  const Eigen::Index out =
      std::min<Eigen::Index>({options.dims, in, std::max<Eigen::Index>(n - 1, 1)});
  const Matrix matrix =
      principal.eigenvectors().rightCols(out).rowwise().reverse().transpose() * whiten;

  Projection projection;
  projection.mean.resize(static_cast<std::size_t>(in));
  Eigen::Map<Eigen::VectorXf>(projection.mean.data(), in) = mean.cast<float>();
  projection.matrix.resize(static_cast<std::size_t>(out * in));
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor>(projection.matrix.data(), out, in) = matrix.cast<float>();
  return projection;
}

}  // namespace inlier
