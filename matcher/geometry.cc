#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <tuple>

#include <opencv2/calib3d.hpp>

#include "matcher/descriptor_match.h"
#include "matcher/matcher.h"

namespace inlier {
namespace {

constexpr double kReferenceSide = 800;        // options in pixels are meant for this long side
constexpr std::size_t kMaxHypotheses = 150;   // one-match poses tried, best ratios first
constexpr float kMaxTurn_rad = 0.6f;          // of one match's orientation from the common pose
constexpr float kMaxOctaves = 1.0f;           // of its scale
constexpr int kCoverageGrid = 8;

// photo = [a −b; b a] item + t
struct Similarity {
  double a = 1, b = 0, tx = 0, ty = 0;
  double scale() const { return std::hypot(a, b); }
};

Homography ToHomography(const cv::Mat& m) {
  Homography h{0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (int y = 0; y < m.rows; ++y) {
    for (int x = 0; x < 3; ++x) h[static_cast<std::size_t>(y * 3 + x)] = m.at<double>(y, x);
  }
  return h;
}

std::array<Point, 4> Corners(double width_px, double height_px) {
  // Pixel centres are at whole numbers, so the outline runs half a pixel outside of them.
  const auto w = static_cast<float>(width_px - 0.5), h = static_cast<float>(height_px - 0.5);
  return {Point{-0.5f, -0.5f}, Point{w, -0.5f}, Point{w, h}, Point{-0.5f, h}};
}

double Cross(Point a, Point b, Point c) {
  return static_cast<double>(b.x_px - a.x_px) * (c.y_px - b.y_px) -
         static_cast<double>(b.y_px - a.y_px) * (c.x_px - b.x_px);
}

// A view of a flat item keeps its outline convex and its corners in order; near-slivers and outlines
// that pass behind the camera come from degenerate samples.
bool PlausibleOutline(const Homography& h, const std::array<Point, 4>& corners,
                      const std::array<Point, 4>& polygon, double photo_side_px) {
  for (const Point& c : corners) {
    if (h[6] * c.x_px + h[7] * c.y_px + h[8] <= 1e-6) return false;
  }
  double area = 0, longest = 0, shortest = 1e18;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % 4], c = polygon[(i + 2) % 4];
    const double turn = Cross(a, b, c);
    const double ab = std::hypot(b.x_px - a.x_px, b.y_px - a.y_px);
    const double bc = std::hypot(c.x_px - b.x_px, c.y_px - b.y_px);
    if (!(turn > 0.2 * ab * bc)) return false;  // sine of the angle: mirrored, concave or a sliver
    area += static_cast<double>(a.x_px) * b.y_px - static_cast<double>(b.x_px) * a.y_px;
    longest = std::max(longest, ab);
    shortest = std::min(shortest, ab);
  }
  const double opposite_a = std::hypot(polygon[1].x_px - polygon[0].x_px, polygon[1].y_px - polygon[0].y_px) /
                            std::hypot(polygon[2].x_px - polygon[3].x_px, polygon[2].y_px - polygon[3].y_px);
  const double opposite_b = std::hypot(polygon[3].x_px - polygon[0].x_px, polygon[3].y_px - polygon[0].y_px) /
                            std::hypot(polygon[2].x_px - polygon[1].x_px, polygon[2].y_px - polygon[1].y_px);
  for (const double ratio : {opposite_a, opposite_b}) {
    if (ratio > 4 || ratio < 0.25) return false;
  }
  area /= 2;
  const double photo_area = photo_side_px * photo_side_px;
  return area > 4e-4 * photo_area && area < 25 * photo_area && longest < 8 * photo_side_px &&
         shortest > 0.01 * photo_side_px;
}

}  // namespace

Point Transform(const Homography& h, Point p) {
  const double w = h[6] * p.x_px + h[7] * p.y_px + h[8];
  return {static_cast<float>((h[0] * p.x_px + h[1] * p.y_px + h[2]) / w),
          static_cast<float>((h[3] * p.x_px + h[4] * p.y_px + h[5]) / w)};
}

bool Contains(const std::array<Point, 4>& polygon, Point p) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (Cross(polygon[i], polygon[(i + 1) % 4], p) < 0) return false;
  }
  return true;
}

namespace {

// Rows by the sign of their response: only those of one sign can be of one place, which halves the work.
using RowsBySign = std::array<std::vector<std::uint32_t>, 2>;

RowsBySign SplitBySign(const Features& features) {
  RowsBySign rows;
  for (std::size_t i = 0; i < features.size(); ++i) {
    rows[features.keypoints[i].response < 0].push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

}  // namespace

struct PhotoMatcher::State {
  const Features& photo;
  MatcherOptions options;
  RowsBySign rows;
  std::array<PackedDescriptors, 2> packed;
  double photo_side_px;

  State(const Features& features, const MatcherOptions& matcher_options)
      : photo(features), options(matcher_options), rows(SplitBySign(features)),
        photo_side_px(std::max<double>(features.image_width_px, features.image_height_px)) {
    for (std::size_t sign = 0; sign < 2; ++sign) packed[sign] = Pack(features, rows[sign]);
  }

  bool Comparable(const Features& item) const {
    return item.kind == photo.kind && item.descriptor_bytes == photo.descriptor_bytes &&
           item.descriptors.size() == item.size() * item.descriptor_bytes;
  }

  std::vector<FeatureMatch> Match(const Features& item) const {
    std::vector<FeatureMatch> matches;
    if (!Comparable(item)) return matches;
    const RowsBySign item_rows = SplitBySign(item);
    const bool squared = item.kind == DescriptorKind::kBytes;
    std::vector<Nearest> of_photo, of_item;
    for (std::size_t sign = 0; sign < 2; ++sign) {
      FindNearest(packed[sign], item, item_rows[sign], of_photo, of_item);
      for (std::size_t i = 0; i < of_photo.size(); ++i) {
        const Nearest& nearest = of_photo[i];
        if (nearest.index < 0) continue;
        const auto j = static_cast<std::size_t>(nearest.index);
        if (of_item[j].index != static_cast<std::int32_t>(i)) continue;
        double distance = nearest.best, second = nearest.second;
        if (squared) {
          distance = std::sqrt(distance);
          second = std::sqrt(second);
        }
        const double ratio = distance <= 0 ? 0 : distance / second;
        if (ratio > options.ratio) continue;
        matches.push_back({rows[sign][i], item_rows[sign][j], static_cast<float>(distance),
                           static_cast<float>(ratio)});
      }
    }
    std::sort(matches.begin(), matches.end(),
              [](const FeatureMatch& a, const FeatureMatch& b) { return a.photo < b.photo; });
    return matches;
  }

  std::vector<FeatureMatch> AllNearest(const Features& item) const {
    std::vector<FeatureMatch> matches;
    if (!Comparable(item)) return matches;
    const RowsBySign item_rows = SplitBySign(item);
    std::vector<Nearest> of_photo, of_item;
    for (std::size_t sign = 0; sign < 2; ++sign) {
      FindNearest(packed[sign], item, item_rows[sign], of_photo, of_item);
      for (std::size_t i = 0; i < of_photo.size(); ++i) {
        if (of_photo[i].index < 0) continue;
        const auto distance = static_cast<float>(of_photo[i].best);
        matches.push_back({rows[sign][i], item_rows[sign][static_cast<std::size_t>(of_photo[i].index)],
                           item.kind == DescriptorKind::kBytes ? std::sqrt(distance) : distance});
      }
    }
    return matches;
  }
};

PhotoMatcher::PhotoMatcher(const Features& photo, const MatcherOptions& options)
    : state_(std::make_unique<State>(photo, options)) {}
PhotoMatcher::~PhotoMatcher() = default;
std::size_t PhotoMatcher::features() const { return state_->photo.size(); }
std::vector<FeatureMatch> PhotoMatcher::NearestOf(const Features& item) const { return state_->AllNearest(item); }

std::vector<FeatureMatch> PhotoMatcher::Match(const Features& item) const {
  return state_->Match(item);
}

namespace {

// Everything that the search for a model asks of the matches, side by side.
class ModelSearch {
 public:
  ModelSearch(const Features& photo, const Features& item, const std::vector<FeatureMatch>& matches,
              const MatcherOptions& options, double photo_side_px)
      : photo_(photo), item_(item), matches_(matches), options_(options), photo_side_px_(photo_side_px) {
    corners_ = Corners(item.image_width_px, item.image_height_px);
    for (const FeatureMatch& match : matches) {
      const Keypoint& p = photo.keypoints[match.photo];
      const Keypoint& q = item.keypoints[match.item];
      poses_.push_back({p.point, q.point, p.angle_rad - q.angle_rad, std::log2(p.size_px / q.size_px)});
    }
  }

  // The matches that the best one-match similarity gathers, by index.
  std::vector<std::size_t> BestPose() const {
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
          std::max(options_.hypothesis_frac * pose.scale() * item_extent_px, Tolerance());
      agreeing.clear();
      for (std::size_t j = 0; j < matches_.size(); ++j) {
        if (agreeing.size() + (matches_.size() - j) <= best.size()) break;  // cannot be the best any more
        if (Agrees(pose, i, j, tolerance)) agreeing.push_back(j);
      }
      if (agreeing.size() > best.size()) best.swap(agreeing);
    }
    return best;
  }

  std::optional<Homography> FitHomography(const std::vector<std::size_t>& support) const {
    std::vector<cv::Point2f> from, to;
    Gather(support, from, to);
    cv::UsacParams parameters;
    parameters.threshold = Tolerance();
    parameters.maxIterations = options_.max_iterations;
    parameters.confidence = 0.999;
    parameters.score = cv::SCORE_METHOD_MAGSAC;
    parameters.loMethod = cv::LOCAL_OPTIM_SIGMA;
    parameters.isParallel = false;
    try {
      const cv::Mat h = cv::findHomography(from, to, cv::noArray(), parameters);
      if (h.empty()) return std::nullopt;
      return ToHomography(h);
    } catch (const cv::Exception&) {  // degenerate input
      return std::nullopt;
    }
  }

  std::optional<Homography> FitAffine(const std::vector<std::size_t>& support) const {
    std::vector<cv::Point2f> from, to;
    Gather(support, from, to);
    cv::Mat a(static_cast<int>(2 * from.size()), 6, CV_64F, cv::Scalar(0));
    cv::Mat b(a.rows, 1, CV_64F);
    for (int i = 0; i < static_cast<int>(from.size()); ++i) {
      for (int row = 0; row < 2; ++row) {
        auto* r = a.ptr<double>(2 * i + row) + 3 * row;
        r[0] = from[static_cast<std::size_t>(i)].x;
        r[1] = from[static_cast<std::size_t>(i)].y;
        r[2] = 1;
      }
      b.at<double>(2 * i) = to[static_cast<std::size_t>(i)].x;
      b.at<double>(2 * i + 1) = to[static_cast<std::size_t>(i)].y;
    }
    cv::Mat x;
    if (!cv::solve(a, b, x, cv::DECOMP_SVD)) return std::nullopt;
    return ToHomography(x.reshape(1, 2));
  }

  // Inliers of a model, best first, distinct in place on both sides: one spot with two orientations
  // is one piece of evidence.
  std::vector<FeatureMatch> Inliers(const Homography& h, double tolerance_px, double* error_sum) const {
    struct Scored {
      double error;
      const FeatureMatch* match;
    };
    std::vector<Scored> scored;
    for (const FeatureMatch& match : matches_) {
      const double error = Error(h, match);
      if (error <= tolerance_px) scored.push_back({error, &match});
    }
    std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
      return a.error != b.error ? a.error < b.error : a.match->photo < b.match->photo;
    });
    std::vector<FeatureMatch> kept;
    const double photo_px = 1.5 * photo_side_px_ / kReferenceSide;
    const double item_px =
        1.5 * std::max(item_.image_width_px, item_.image_height_px) / kReferenceSide;
    for (const Scored& s : scored) {
      const bool taken = std::any_of(kept.begin(), kept.end(), [&](const FeatureMatch& k) {
        return Near(PhotoPoint(k), PhotoPoint(*s.match), photo_px) ||
               Near(ItemPoint(k), ItemPoint(*s.match), item_px);
      });
      if (taken) continue;
      kept.push_back(*s.match);
      *error_sum += s.error;
    }
    return kept;
  }

  std::optional<Geometry> Judge(const std::optional<Homography>& model) const {
    if (!model) return std::nullopt;
    Geometry geometry{.photo_from_item = *model, .matches = static_cast<int>(matches_.size())};
    for (std::size_t i = 0; i < 4; ++i) geometry.polygon[i] = Transform(*model, corners_[i]);
    if (!PlausibleOutline(*model, corners_, geometry.polygon, photo_side_px_)) return std::nullopt;
    double error_sum = 0;
    geometry.inliers = Inliers(*model, Tolerance(), &error_sum);
    if (geometry.inliers.size() < static_cast<std::size_t>(options_.min_inliers)) return std::nullopt;
    geometry.mean_error_px = error_sum / static_cast<double>(geometry.inliers.size()) * kReferenceSide /
                             photo_side_px_;
    geometry.item_coverage = Coverage(geometry.inliers);
    const auto inside = std::count_if(photo_.keypoints.begin(), photo_.keypoints.end(), [&](const Keypoint& k) {
      return Contains(geometry.polygon, k.point);
    });
    geometry.photo_share =
        std::min(1.0, static_cast<double>(geometry.inliers.size()) / static_cast<double>(std::max<std::ptrdiff_t>(inside, 1)));
    return geometry;
  }

  double Tolerance() const { return options_.inlier_px * photo_side_px_ / kReferenceSide; }

  // Matches near the model, for another fit.
  std::vector<std::size_t> Support(const Homography& h, double tolerance_px) const {
    std::vector<std::size_t> support;
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      if (Error(h, matches_[i]) <= tolerance_px) support.push_back(i);
    }
    return support;
  }

 private:
  Point PhotoPoint(const FeatureMatch& m) const { return photo_.keypoints[m.photo].point; }
  Point ItemPoint(const FeatureMatch& m) const { return item_.keypoints[m.item].point; }
  static bool Near(Point a, Point b, double px) {
    return std::abs(a.x_px - b.x_px) < px && std::abs(a.y_px - b.y_px) < px;
  }

  double Error(const Homography& h, const FeatureMatch& match) const {
    const Point to = Transform(h, ItemPoint(match));
    const Point p = PhotoPoint(match);
    return std::hypot(to.x_px - p.x_px, to.y_px - p.y_px);
  }

  void Gather(const std::vector<std::size_t>& support, std::vector<cv::Point2f>& from,
              std::vector<cv::Point2f>& to) const {
    for (const std::size_t i : support) {
      const Point f = ItemPoint(matches_[i]), t = PhotoPoint(matches_[i]);
      from.emplace_back(f.x_px, f.y_px);
      to.emplace_back(t.x_px, t.y_px);
    }
  }

  Similarity PoseOf(std::size_t i) const {
    const MatchPose& m = poses_[i];
    const double scale = std::exp2(m.octaves);
    Similarity pose{scale * std::cos(m.turn_rad), scale * std::sin(m.turn_rad)};
    pose.tx = m.photo.x_px - (pose.a * m.item.x_px - pose.b * m.item.y_px);
    pose.ty = m.photo.y_px - (pose.b * m.item.x_px + pose.a * m.item.y_px);
    return pose;
  }

  // Whether match j lies near the pose that match i gives, and is turned and scaled alike.
  bool Agrees(const Similarity& pose, std::size_t i, std::size_t j, double tolerance_px) const {
    const MatchPose& m = poses_[j];
    const double dx = pose.a * m.item.x_px - pose.b * m.item.y_px + pose.tx - m.photo.x_px;
    const double dy = pose.b * m.item.x_px + pose.a * m.item.y_px + pose.ty - m.photo.y_px;
    return dx * dx + dy * dy <= tolerance_px * tolerance_px && std::abs(m.octaves - poses_[i].octaves) <= kMaxOctaves &&
           std::abs(std::remainder(m.turn_rad - poses_[i].turn_rad, 2 * std::numbers::pi_v<float>)) <= kMaxTurn_rad;
  }

  // Share of the grid cells with features that have inliers.
  double Coverage(const std::vector<FeatureMatch>& inliers) const {
    std::array<int, kCoverageGrid * kCoverageGrid> with_features{}, with_inliers{};
    const auto cell = [this](Point p) {
      const auto at = [](float x, std::uint32_t side) {
        return std::clamp(static_cast<int>(x * kCoverageGrid / static_cast<float>(side)), 0, kCoverageGrid - 1);
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

  const Features& photo_;
  const Features& item_;
  const std::vector<FeatureMatch>& matches_;
  const MatcherOptions& options_;
  // What one match says of the pose, side by side for the search.
  struct MatchPose {
    Point photo, item;
    float turn_rad, octaves;  // of the photo's keypoint from the item's
  };

  double photo_side_px_;
  std::array<Point, 4> corners_;
  std::vector<MatchPose> poses_;
};

}  // namespace

int PhotoMatcher::PoseSupport(const Features& item, std::vector<FeatureMatch> pairs) const {
  for (FeatureMatch& pair : pairs) {
    pair.ratio = pair.distance;  // the order in which poses are tried
  }
  std::sort(pairs.begin(), pairs.end(), [](const FeatureMatch& a, const FeatureMatch& b) {
    return std::tie(a.distance, a.photo, a.item) < std::tie(b.distance, b.photo, b.item);
  });
  std::vector<bool> photo_taken(state_->photo.size()), item_taken(item.size());
  std::erase_if(pairs, [&](const FeatureMatch& pair) {
    if (photo_taken[pair.photo] || item_taken[pair.item]) return true;
    photo_taken[pair.photo] = item_taken[pair.item] = true;
    return false;
  });
  const ModelSearch search(state_->photo, item, pairs, state_->options, state_->photo_side_px);
  return static_cast<int>(search.BestPose().size());
}

std::optional<Geometry> PhotoMatcher::Verify(const Features& item,
                                             const std::vector<FeatureMatch>& matches) const {
  const auto fewest = static_cast<std::size_t>(state_->options.min_inliers);
  if (matches.size() < fewest) return std::nullopt;
  const ModelSearch search(state_->photo, item, matches, state_->options, state_->photo_side_px);
  std::vector<std::size_t> support = search.BestPose();
  if (support.size() < fewest) return std::nullopt;
  // An affine map is steadier than a homography on few or clustered points, and gathers the matches
  // that the coarse pose left out.
  std::optional<Homography> affine = search.FitAffine(support);
  if (affine) {
    const auto more = search.Support(*affine, 3 * search.Tolerance());
    if (more.size() >= fewest) {
      affine = search.FitAffine(more);
      support = more;
    }
  }
  const auto homography = search.Judge(search.FitHomography(support));
  const auto fallback = search.Judge(affine);
  if (!homography) return fallback;
  if (fallback && fallback->inliers.size() > homography->inliers.size()) return fallback;
  return homography;
}

}  // namespace inlier
