// Learns a projection from items and views of them, in closed form ("whitening learnt from pairs":
// Mikolajczyk and Matas, ICCV 2007; Radenović, Tolias and Chum, TPAMI 2019).
//
// Two covariances say what a direction is worth. The one of the differences between an item and its
// views, C_within, is large along directions in which photos of one thing vary; the one of the
// items, C_between, is large along directions in which things differ. First C_within becomes the
// identity: W = (C_within + λ I)^-½, where λ is `shrinkage` times the mean variance. Then the
// principal directions P of the whitened items are kept, the largest eigenvalues first. The result
// is the matrix Pᵀ W.
//
// Without views only the items can say something. The principal directions of a part of their
// embeddings, each scaled to variance 1, take away what all pictures have in common and give more
// weight to rare directions (Jégou and Chum, "Negative evidences and co-occurrences in image
// retrieval: the benefit of PCA and whitening", ECCV 2012).
#include <algorithm>

#include <Eigen/Eigenvalues>

#include "deep/projection.h"

namespace inlier {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// With vectors of about unit length, directions along which items vary less than this are rounding.
constexpr double kMinVariance = 1e-9;

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

// The map of an embedding's numbers from `begin` on.
ProjectedPart PartOf(const Vector& mean, const Matrix& matrix, std::size_t begin = 0,
                     float weight = 1) {
  ProjectedPart part{.begin = static_cast<std::uint32_t>(begin),
                     .in = static_cast<std::uint32_t>(mean.size()),
                     .weight = weight};
  part.mean.resize(part.in);
  Eigen::Map<Eigen::VectorXf>(part.mean.data(), mean.size()) = mean.cast<float>();
  part.matrix.resize(static_cast<std::size_t>(matrix.size()));
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor>(part.matrix.data(), matrix.rows(), matrix.cols()) = matrix.cast<float>();
  return part;
}

// Embeddings have one part after the other, each scaled to its weight before all are scaled
// together, so a part has the same length in all of them.
ProjectedPart Whitened(std::span<const std::vector<float>> items, const EmbeddingPart& part) {
  const auto in = static_cast<Eigen::Index>(part.dims), n = static_cast<Eigen::Index>(items.size());
  Matrix columns(in, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    columns.col(i) =
        Eigen::Map<const Eigen::VectorXf>(&items[static_cast<std::size_t>(i)][part.begin], in)
            .cast<double>();
  }
  const Vector mean = columns.rowwise().mean();
  columns.colwise() -= mean;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(Covariance(columns));
  const Eigen::Index out =
      std::min<Eigen::Index>({part.whitened, in, std::max<Eigen::Index>(n - 1, 1)});
  const Vector scales =
      solver.eigenvalues().tail(out).cwiseMax(kMinVariance).cwiseInverse().cwiseSqrt();
  const Matrix matrix =
      (solver.eigenvectors().rightCols(out) * scales.asDiagonal()).rowwise().reverse().transpose();
  return PartOf(mean, matrix, part.begin, part.weight);
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

  // Photos have a mean of their own: what all views have in common does not tell items apart.
  Projection projection;
  projection.parts.push_back(PartOf((items_mean + views_mean) / 2, matrix));
  return projection;
}

Result<Projection> FitWhitening(std::span<const std::vector<float>> items,
                                std::span<const EmbeddingPart> parts) {
  if (items.size() < 2)
    return Fail(ErrorCode::kInvalidArgument, "a projection is learnt from at least two items");
  Projection projection = WithoutWhitening(parts);
  for (const EmbeddingPart& part : parts) {
    if (part.whitened > 0) projection.parts.push_back(Whitened(items, part));
  }
  return projection;
}

}  // namespace inlier
