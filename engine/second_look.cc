#include "engine/second_look.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "core/image.h"
#include "engine/cancelled.h"
#include "engine/decide.h"
#include "engine/full_match.h"
#include "engine/rivals.h"
#include "engine/shift.h"

namespace inlier {
namespace {

constexpr double kMinProbability = 0.02;  // below, a second look has never led to an acceptance
constexpr float kMargin = 0.2F;           // around the outline, of its own sides
constexpr int kMinSide_px = 32;
// A region that is nearly the whole photo shows what the first look saw.
constexpr double kMaxShareOfPhoto = 0.6;

// The part of a photo around an outline. Empty when it has no reasonable size.
std::optional<PixelRegion> Around(const std::array<Point, 4>& outline, int width_px,
                                  int height_px) {
  float left = outline[0].x_px, right = left, top = outline[0].y_px, bottom = top;
  for (const Point& p : outline) {
    left = std::min(left, p.x_px);
    right = std::max(right, p.x_px);
    top = std::min(top, p.y_px);
    bottom = std::max(bottom, p.y_px);
  }
  const float dx = kMargin * (right - left), dy = kMargin * (bottom - top);
  const auto w = static_cast<float>(width_px), h = static_cast<float>(height_px);
  const int x0 = static_cast<int>(std::clamp(left - dx, 0.0F, w - 1)),
            y0 = static_cast<int>(std::clamp(top - dy, 0.0F, h - 1)),
            x1 = static_cast<int>(std::clamp(std::ceil(right + dx), 1.0F, w)),
            y1 = static_cast<int>(std::clamp(std::ceil(bottom + dy), 1.0F, h));
  const PixelRegion region{x0, y0, x1 - x0, y1 - y0};
  if (std::min(region.width_px, region.height_px) < kMinSide_px) return std::nullopt;
  if (static_cast<double>(region.width_px) * region.height_px >
      kMaxShareOfPhoto * static_cast<double>(width_px) * height_px)
    return std::nullopt;
  return region;
}

// The likeliest hypothesis that has not had a second look and may be decided by one.
Hypothesis* NextUndecided(const DecisionOptions& options, std::vector<Hypothesis>& hypotheses,
                          const std::vector<FaceNumber>& looked_at) {
  Hypothesis* next = nullptr;
  for (Hypothesis& hypothesis : hypotheses) {
    const Hit& hit = hypothesis.hit;
    if (!hit.polygon || hit.probability < kMinProbability || IsAcceptable(hit, options)) continue;
    if (std::ranges::find(looked_at, hypothesis.face) != looked_at.end()) continue;
    const bool is_taken = std::ranges::any_of(hypotheses, [&](const Hypothesis& other) {
      return IsAcceptable(other.hit, options) && ClaimSamePlace(other.hit, hit);
    });
    if (!is_taken && (next == nullptr || hit.probability > next->hit.probability))
      next = &hypothesis;
  }
  return next;
}

// How likely a hypothesis is by itself.
double OwnScore(const ScoreWeights& weights, const Hypothesis& hypothesis) {
  Evidence alone = hypothesis.hit.evidence;
  alone.agreement_margin = kMaxAgreementMargin;
  return Score(alone, weights);
}

bool IsLikelier(const ScoreWeights& weights, const Hypothesis& again, const Hypothesis& before) {
  return again.hit.polygon && OwnScore(weights, again) > OwnScore(weights, before);
}

void CompareAll(const ScoreWeights& weights, std::vector<Hypothesis>& hypotheses) {
  CompareRivals(hypotheses);
  for (Hypothesis& hypothesis : hypotheses) Rescore(weights, hypothesis.hit);
}

}  // namespace

Status LookAgain(const CatalogueView& catalogue, const CloserPhoto& closer,
                 const EngineOptions& options, std::vector<Hypothesis>& hypotheses) {
  const ScoreWeights& weights = WeightsFor(options.extract.method);
  std::vector<FaceNumber> looked_at;
  for (int looks = 0; looks < options.decide.second_looks;) {
    const Hypothesis* const next = NextUndecided(options.decide, hypotheses, looked_at);
    if (next == nullptr) break;
    looked_at.push_back(next->face);
    const auto region =
        Around(*next->hit.polygon, FullWidth_px(closer.photo), FullHeight_px(closer.photo));
    if (!region) continue;
    ++looks;
    INLIER_RETURN_IF_ERROR(CheckCancelled(closer.query));
    const auto image = closer.read(*region, closer.extractor.least_side_px());
    if (!image) continue;  // the first look stands
    const Features features = closer.extractor.Extract(*image);
    const PhotoView view(*image, features, options);
    const Hit place = next->hit;
    for (Hypothesis& hypothesis : hypotheses) {
      if (!ClaimSamePlace(place, hypothesis.hit) && !ClaimSamePlace(hypothesis.hit, place))
        continue;
      INLIER_ASSIGN_OR_RETURN(const auto face, FetchWholeFace(catalogue, hypothesis.face));
      if (!face) continue;  // removed meanwhile
      looked_at.push_back(hypothesis.face);
      Hypothesis again = hypothesis;
      again.hit.polygon.reset();
      MatchInFull(view, *face, again);
      if (!IsLikelier(weights, again, hypothesis)) continue;
      Shift(*region, again.hit);
      hypothesis = std::move(again);
    }
    CompareAll(weights, hypotheses);
  }
  return {};
}

Status MatchAgain(const CatalogueView& catalogue, const PhotoView& photo,
                  std::vector<Hypothesis>& hypotheses) {
  for (Hypothesis& hypothesis : hypotheses) {
    if (!hypothesis.hit.polygon) continue;
    INLIER_ASSIGN_OR_RETURN(const auto face, FetchWholeFace(catalogue, hypothesis.face));
    if (!face) continue;  // removed meanwhile
    Hypothesis again = hypothesis;
    again.hit.polygon.reset();
    MatchInFull(photo, *face, again);
    if (IsLikelier(photo.weights, again, hypothesis)) hypothesis = std::move(again);
  }
  CompareAll(photo.weights, hypotheses);
  return {};
}

}  // namespace inlier
