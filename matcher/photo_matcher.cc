// How one photo is matched with one item, and how the matches are verified.
//
// Match finds mutual nearest neighbours (descriptor_match.h) that pass Lowe's ratio test (IJCV
// 2004, §7.1). Features are first split by the sign of their response, since a bright spot and a
// dark one are never the same place; this halves the work.
//
// Verify looks for the plane-to-plane map that the matches agree on, in three steps (ModelSearch).
// First comes the pose, a similarity transform: each of the best matches implies one by its place,
// orientation and scale, and the one with the most support wins. (Lowe, §7.3, takes the same vote
// with a Hough transform; here every hypothesis is tried.) Then an affine map is fitted to that
// support by least squares (§7.4) and gathers the matches that the coarse pose missed. From those a
// homography is estimated with MAGSAC++ (Barath et al., CVPR 2020). Homography and affine map are
// both validated, and the one with more inliers is the answer: with few or clustered matches the
// affine map is steadier.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "matcher/descriptor_match.h"
#include "matcher/matcher.h"
#include "matcher/model_search.h"

namespace inlier {
namespace {

// Indices of features, separately for responses that are not negative and that are.
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
      : photo(features),
        options(matcher_options),
        rows(SplitBySign(features)),
        photo_side_px(std::max<double>(features.image_width_px, features.image_height_px)) {
    for (std::size_t sign = 0; sign < 2; ++sign)
      packed[sign] = PackDescriptors(features, rows[sign]);
  }

  bool Comparable(const Features& item) const {
    return item.kind == photo.kind && item.descriptor_bytes == photo.descriptor_bytes &&
           item.descriptors.size() == item.size() * item.descriptor_bytes;
  }
};

PhotoMatcher::PhotoMatcher(const Features& photo, const MatcherOptions& options)
    : state_(std::make_unique<State>(photo, options)) {}
PhotoMatcher::~PhotoMatcher() = default;
std::size_t PhotoMatcher::features() const { return state_->photo.size(); }

std::vector<FeatureMatch> PhotoMatcher::Match(const Features& item) const {
  std::vector<FeatureMatch> matches;
  if (!state_->Comparable(item)) return matches;
  const RowsBySign item_rows = SplitBySign(item);
  const bool squared = item.kind == DescriptorKind::kBytes;
  std::vector<Nearest> of_photo, of_item;
  for (std::size_t sign = 0; sign < 2; ++sign) {
    FindNearest(state_->packed[sign], item, item_rows[sign], of_photo, of_item);
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
      if (ratio > state_->options.ratio) continue;
      matches.push_back({state_->rows[sign][i], item_rows[sign][j], static_cast<float>(distance),
                         static_cast<float>(ratio)});
    }
  }
  std::sort(matches.begin(), matches.end(),
            [](const FeatureMatch& a, const FeatureMatch& b) { return a.photo < b.photo; });
  return matches;
}

std::vector<FeatureMatch> PhotoMatcher::NearestOf(const Features& item) const {
  std::vector<FeatureMatch> matches;
  if (!state_->Comparable(item)) return matches;
  const RowsBySign item_rows = SplitBySign(item);
  std::vector<Nearest> of_photo, of_item;
  for (std::size_t sign = 0; sign < 2; ++sign) {
    FindNearest(state_->packed[sign], item, item_rows[sign], of_photo, of_item);
    for (std::size_t i = 0; i < of_photo.size(); ++i) {
      if (of_photo[i].index < 0) continue;
      const auto distance = static_cast<float>(of_photo[i].best);
      matches.push_back({state_->rows[sign][i],
                         item_rows[sign][static_cast<std::size_t>(of_photo[i].index)],
                         item.kind == DescriptorKind::kBytes ? std::sqrt(distance) : distance});
    }
  }
  return matches;
}

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
  std::optional<Homography> affine = search.FitAffine(support);
  if (affine) {
    const auto more = search.Support(*affine, 3 * search.inlier_tolerance_px());
    if (more.size() >= fewest) {
      affine = search.FitAffine(more);
      support = more;
    }
  }
  auto by_homography = search.Validate(search.FitHomography(support));
  auto by_affine = search.Validate(affine);
  if (!by_homography) return by_affine;
  if (by_affine && by_affine->inliers.size() > by_homography->inliers.size()) return by_affine;
  return by_homography;
}

}  // namespace inlier
