// The search for a model is a RANSAC of two stages (photo_matcher.cc has the order of the steps).
//
// A match of two oriented, scaled keypoints implies a whole similarity transform, so hypotheses
// come from single matches and need no random sample: PoseOf computes one and Agrees counts how
// many other matches support it, by place, orientation and scale. The tolerance is wide there, a
// share of the item's extent in the photo, since the item may be seen in perspective. FitAffine and
// FitHomography then fit finer models to the support. OpenCV's USAC runs MAGSAC++ with a fixed seed
// and in one thread, so results are the same on every run.
//
// Validate decides whether a model stands: its outline must be plausible (outline.h), and enough
// inliers must remain after those that share a place have been dropped. The measures that it adds
// (coverage, share of the photo's features, mean error) are evidence for the decision on the item.
#include "matcher/model_search.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <numbers>

#include <opencv2/calib3d.hpp>

#include "matcher/outline.h"

namespace inlier {
namespace {

constexpr double kReferenceSide = 800;       // options in pixels refer to this long side
constexpr std::size_t kMaxHypotheses = 150;  // one-match poses that are tried
constexpr float kMaxTurn_rad = 0.6f;         // between a match's orientation and the pose's
constexpr float kMaxOctaves = 1.0f;          // between their scales
constexpr double kSamePlace_px = 1.5;        // inliers closer than this are at one place
constexpr double kOnALine = 1e-9;            // points this near to one line have no affine map
constexpr int kCoverageGrid = 8;             // cells along each side of the item

Homography ToHomography(const cv::Mat& m) {
  Homography h{0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (int y = 0; y < m.rows; ++y) {
    for (int x = 0; x < 3; ++x) h[static_cast<std::size_t>(y * 3 + x)] = m.at<double>(y, x);
  }
  return h;
}

static_assert(sizeof(Point) == 2 * sizeof(float));
cv::Mat AsMat(std::vector<Point>& points) {
  return cv::Mat(static_cast<int>(points.size()), 1, CV_32FC2, points.data());
}

bool IsNear(Point a, Point b, double px) {
  return std::abs(a.x_px - b.x_px) < px && std::abs(a.y_px - b.y_px) < px;
}

}  // namespace

ModelSearch::ModelSearch(const Features& photo, const Features& item,
                         const std::vector<FeatureMatch>& matches, const MatcherOptions& options,
                         double photo_side_px)
    : photo_(photo),
      item_(item),
      matches_(matches),
      options_(options),
      photo_side_px_(photo_side_px) {
  corners_ = OutlineOf(item.image_width_px, item.image_height_px);
  for (const FeatureMatch& match : matches) {
    const Keypoint& p = photo.keypoints[match.photo];
    const Keypoint& q = item.keypoints[match.item];
    poses_.push_back(
        {p.point, q.point, p.angle_rad - q.angle_rad, std::log2(p.size_px / q.size_px)});
  }
}

double ModelSearch::Similarity::scale() const { return std::hypot(a, b); }

double ModelSearch::inlier_tolerance_px() const {
  return options_.inlier_px * photo_side_px_ / kReferenceSide;
}

std::vector<std::size_t> ModelSearch::BestPose() const {
  std::vector<std::size_t> order(matches_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return matches_[a].ratio != matches_[b].ratio ? matches_[a].ratio < matches_[b].ratio : a < b;
  });
  order.resize(std::min(order.size(), kMaxHypotheses));
  std::vector<std::size_t> best, agreeing;
  const double item_extent_px = std::hypot(item_.image_width_px, item_.image_height_px);
  for (const std::size_t i : order) {
    const Similarity pose = PoseOf(i);
    const double tolerance =
        std::max(options_.hypothesis_frac * pose.scale() * item_extent_px, inlier_tolerance_px());
    agreeing.clear();
    for (std::size_t j = 0; j < matches_.size(); ++j) {
      if (agreeing.size() + (matches_.size() - j) <= best.size())
        break;  // it can no longer become the best
      if (Agrees(pose, i, j, tolerance)) agreeing.push_back(j);
    }
    if (agreeing.size() > best.size()) best.swap(agreeing);
  }
  return best;
}

ModelSearch::Similarity ModelSearch::PoseOf(std::size_t i) const {
  const MatchPose& m = poses_[i];
  const double scale = std::exp2(m.octaves);
  Similarity pose{scale * std::cos(m.turn_rad), scale * std::sin(m.turn_rad)};
  pose.tx = m.photo.x_px - (pose.a * m.item.x_px - pose.b * m.item.y_px);
  pose.ty = m.photo.y_px - (pose.b * m.item.x_px + pose.a * m.item.y_px);
  return pose;
}

bool ModelSearch::Agrees(const Similarity& pose, std::size_t i, std::size_t j,
                         double tolerance_px) const {
  const MatchPose& m = poses_[j];
  const double dx = pose.a * m.item.x_px - pose.b * m.item.y_px + pose.tx - m.photo.x_px;
  const double dy = pose.b * m.item.x_px + pose.a * m.item.y_px + pose.ty - m.photo.y_px;
  return dx * dx + dy * dy <= tolerance_px * tolerance_px &&
         std::abs(m.octaves - poses_[i].octaves) <= kMaxOctaves &&
         std::abs(std::remainder(m.turn_rad - poses_[i].turn_rad, 2 * std::numbers::pi_v<float>)) <=
             kMaxTurn_rad;
}

std::optional<Homography> ModelSearch::FitHomography(
    const std::vector<std::size_t>& support) const {
  std::vector<Point> from, to;
  Gather(support, from, to);
  cv::UsacParams parameters;
  parameters.threshold = inlier_tolerance_px();
  parameters.maxIterations = options_.max_iterations;
  parameters.confidence = 0.999;
  parameters.score = cv::SCORE_METHOD_MAGSAC;
  parameters.loMethod = cv::LOCAL_OPTIM_SIGMA;
  parameters.isParallel = false;
  try {
    const cv::Mat h = cv::findHomography(AsMat(from), AsMat(to), cv::noArray(), parameters);
    if (h.empty()) return std::nullopt;
    return ToHomography(h);
  } catch (const cv::Exception& e) {
    if (e.code == cv::Error::StsNoMem) throw std::bad_alloc();
    // The matches are degenerate, for example on one line.
    return std::nullopt;
  }
}

// Least squares around the means of both sides, by the normal equations. Not by cv::solve(): that
// goes through a BLAS, whose sums differ from processor to processor.
std::optional<Homography> ModelSearch::FitAffine(const std::vector<std::size_t>& support) const {
  std::vector<Point> from, to;
  Gather(support, from, to);
  const auto n = static_cast<double>(from.size());
  double from_x = 0, from_y = 0, to_x = 0, to_y = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from_x += from[i].x_px / n, from_y += from[i].y_px / n;
    to_x += to[i].x_px / n, to_y += to[i].y_px / n;
  }
  double xx = 0, xy = 0, yy = 0;                          // of the item's points
  double x_to_x = 0, y_to_x = 0, x_to_y = 0, y_to_y = 0;  // with the photo's
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = from[i].x_px - from_x, y = from[i].y_px - from_y;
    const double u = to[i].x_px - to_x, v = to[i].y_px - to_y;
    xx += x * x, xy += x * y, yy += y * y;
    x_to_x += x * u, y_to_x += y * u, x_to_y += x * v, y_to_y += y * v;
  }
  const double determinant = xx * yy - xy * xy;
  if (determinant <= kOnALine * xx * yy) return std::nullopt;
  Homography h{0, 0, 0, 0, 0, 0, 0, 0, 1};
  h[0] = (yy * x_to_x - xy * y_to_x) / determinant;
  h[1] = (xx * y_to_x - xy * x_to_x) / determinant;
  h[2] = to_x - h[0] * from_x - h[1] * from_y;
  h[3] = (yy * x_to_y - xy * y_to_y) / determinant;
  h[4] = (xx * y_to_y - xy * x_to_y) / determinant;
  h[5] = to_y - h[3] * from_x - h[4] * from_y;
  return h;
}

std::vector<std::size_t> ModelSearch::Support(const Homography& h, double tolerance_px) const {
  std::vector<std::size_t> support;
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    if (TransferError(h, matches_[i]) <= tolerance_px) support.push_back(i);
  }
  return support;
}

std::optional<Geometry> ModelSearch::Validate(const std::optional<Homography>& model) const {
  if (!model) return std::nullopt;
  Geometry geometry{.photo_from_item = *model, .matches = static_cast<int>(matches_.size())};
  for (std::size_t i = 0; i < 4; ++i) geometry.polygon[i] = Transform(*model, corners_[i]);
  if (!PlausibleOutline(*model, corners_, geometry.polygon, photo_side_px_)) return std::nullopt;
  double error_sum = 0;
  geometry.inliers = Inliers(*model, inlier_tolerance_px(), &error_sum);
  if (geometry.inliers.size() < static_cast<std::size_t>(options_.min_inliers)) return std::nullopt;
  geometry.mean_error_px =
      error_sum / static_cast<double>(geometry.inliers.size()) * kReferenceSide / photo_side_px_;
  geometry.item_coverage = Coverage(geometry.inliers);
  const auto inside =
      std::count_if(photo_.keypoints.begin(), photo_.keypoints.end(),
                    [&](const Keypoint& k) { return Contains(geometry.polygon, k.point); });
  geometry.photo_share =
      std::min(1.0, static_cast<double>(geometry.inliers.size()) /
                        static_cast<double>(std::max<std::ptrdiff_t>(inside, 1)));
  return geometry;
}

std::vector<FeatureMatch> ModelSearch::Inliers(const Homography& h, double tolerance_px,
                                               double* error_sum) const {
  struct Scored {
    double error;
    const FeatureMatch* match;
  };
  std::vector<Scored> scored;
  for (const FeatureMatch& match : matches_) {
    const double error = TransferError(h, match);
    if (error <= tolerance_px) scored.push_back({error, &match});
  }
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return a.error != b.error ? a.error < b.error : a.match->photo < b.match->photo;
  });
  std::vector<FeatureMatch> kept;
  const double photo_px = kSamePlace_px * photo_side_px_ / kReferenceSide;
  const double item_px =
      kSamePlace_px * std::max(item_.image_width_px, item_.image_height_px) / kReferenceSide;
  for (const Scored& s : scored) {
    const bool taken = std::any_of(kept.begin(), kept.end(), [&](const FeatureMatch& k) {
      return IsNear(PhotoPoint(k), PhotoPoint(*s.match), photo_px) ||
             IsNear(ItemPoint(k), ItemPoint(*s.match), item_px);
    });
    if (taken) continue;
    kept.push_back(*s.match);
    *error_sum += s.error;
  }
  return kept;
}

void ModelSearch::Gather(const std::vector<std::size_t>& support, std::vector<Point>& from,
                         std::vector<Point>& to) const {
  for (const std::size_t i : support) {
    from.push_back(ItemPoint(matches_[i]));
    to.push_back(PhotoPoint(matches_[i]));
  }
}

double ModelSearch::TransferError(const Homography& h, const FeatureMatch& match) const {
  const Point to = Transform(h, ItemPoint(match));
  const Point p = PhotoPoint(match);
  return std::hypot(to.x_px - p.x_px, to.y_px - p.y_px);
}

double ModelSearch::Coverage(const std::vector<FeatureMatch>& inliers) const {
  std::array<int, kCoverageGrid * kCoverageGrid> with_features{}, with_inliers{};
  const auto cell = [this](Point p) {
    const auto at = [](float x, std::uint32_t side) {
      return std::clamp(static_cast<int>(x * kCoverageGrid / static_cast<float>(side)), 0,
                        kCoverageGrid - 1);
    };
    return static_cast<std::size_t>(at(p.y_px, item_.image_height_px) * kCoverageGrid +
                                    at(p.x_px, item_.image_width_px));
  };
  for (const Keypoint& k : item_.keypoints) with_features[cell(k.point)] = 1;
  for (const FeatureMatch& m : inliers) with_inliers[cell(ItemPoint(m))] = 1;
  int features = 0, covered = 0;
  for (std::size_t i = 0; i < with_features.size(); ++i) {
    features += with_features[i];
    covered += with_inliers[i];
  }
  return features > 0 ? static_cast<double>(covered) / features : 0;
}

}  // namespace inlier
