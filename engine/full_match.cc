#include "engine/full_match.h"

#include <utility>

#include "engine/preview.h"
#include "extractor/detail_agreement.h"

namespace inlier {
namespace {

// The side of the picture in which details are compared. The stored one is enlarged, since SIFT's
// first octave leaves out the finest of its pixels.
constexpr int kFrameSide_px = 384;

MatchedPoint PointsOf(const PhotoView& photo, const StoredFace& face, const FeatureMatch& match) {
  return {photo.features.keypoints[match.photo].point, face.features.keypoints[match.item].point};
}

void AddGeometry(const PhotoView& photo, const StoredFace& face, const Geometry& geometry,
                 Hit& hit) {
  hit.evidence.inliers = static_cast<int>(geometry.inliers.size());
  hit.evidence.item_coverage = geometry.item_coverage;
  hit.evidence.photo_share = geometry.photo_share;
  hit.polygon = geometry.polygon;
  hit.inliers = hit.evidence.inliers;
  hit.matches.clear();
  for (const FeatureMatch& match : geometry.inliers)
    hit.matches.push_back(PointsOf(photo, face, match));
}

void AddAppearance(const PhotoView& photo, const StoredFace& face, const Homography& homography,
                   Hit& hit) {
  hit.difference.reset();
  const auto picture = ReadStoredPicture(face.preview);
  if (!picture) return;
  const double width_px = face.features.image_width_px, height_px = face.features.image_height_px;
  const Appearance appearance =
      photo.appearance->CorrelateWith(PreviewOf(*picture), width_px, height_px, homography);
  const Image frame = ResizeLongSide(ToGrey(*picture), kFrameSide_px);
  Evidence& evidence = hit.evidence;
  evidence.agreement = appearance.agreement;
  evidence.descriptor_agreement =
      DetailAgreement(frame, photo.appearance->Warp(frame, width_px, height_px, homography));
  evidence.colour = appearance.colour;
  evidence.colour_shift = appearance.colour_shift;
  evidence.colour_error = appearance.colour_error;
  evidence.colour_differs = appearance.colour_differs;
  evidence.sharpness = appearance.sharpness;
  evidence.visible = appearance.visible;
  if (appearance.difference) {
    const Box& part = *appearance.difference;
    const auto at = [&homography](float x, float y) { return Transform(homography, {x, y}); };
    hit.difference = {at(part.left_px, part.top_px), at(part.right_px, part.top_px),
                      at(part.right_px, part.bottom_px), at(part.left_px, part.bottom_px)};
  }
}

}  // namespace

void Rescore(const ScoreWeights& weights, Hit& hit) {
  hit.score = Score(hit.evidence, weights);
  hit.probability = Probability(hit.score);
}

void MatchInFull(const PhotoView& photo, const StoredFace& face, Hypothesis& hypothesis) {
  Hit& hit = hypothesis.hit;
  hypothesis.examined = true;
  const std::vector<FeatureMatch> matches = photo.matcher.Match(face.features);
  hit.evidence.matches = static_cast<int>(matches.size());
  if (const auto geometry = photo.matcher.Verify(face.features, matches)) {
    AddGeometry(photo, face, *geometry, hit);
    AddAppearance(photo, face, geometry->photo_from_item, hit);
  }
}

void Illustrate(const PhotoView& photo, const StoredFace& face, Comparison& comparison) {
  const std::vector<FeatureMatch> matches = photo.matcher.Match(face.features);
  const auto geometry = photo.matcher.Verify(face.features, matches);
  std::vector<bool> agrees(photo.features.size());  // matches are one-to-one
  if (geometry)
    for (const FeatureMatch& inlier : geometry->inliers) agrees[inlier.photo] = true;
  for (const FeatureMatch& match : matches)
    if (!agrees[match.photo]) comparison.others.push_back(PointsOf(photo, face, match));
  const auto picture = ReadStoredPicture(face.preview);
  if (!geometry || !picture) return;
  const Appearance appearance =
      photo.appearance->CorrelateWith(PreviewOf(*picture), face.features.image_width_px,
                                      face.features.image_height_px, geometry->photo_from_item);
  for (const auto& [middle, alike] : appearance.blocks) {
    comparison.blocks.push_back(
        {middle.left_px, middle.top_px, middle.right_px, middle.bottom_px, alike});
  }
}

}  // namespace inlier
