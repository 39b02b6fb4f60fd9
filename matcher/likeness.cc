// Can two pictures of whole items be told apart?
//
// The finer picture is warped onto the coarser one. Gain and offset of each channel are fitted to
// the pixels that agree, since light and exposure are not a property of the face. Then two things
// are compared in a sliding window. What varies slowly is compared by its mean colour, which finds
// a label in another colour. What is left are details: in each window the energy of their
// difference is divided by their own energy, which finds a digit that has changed as well as a
// paragraph. The window may shift by 2 px, as the homography is not exact and a pack is not flat.
//
// It is the worst window that counts, and not a mean, because siblings of one brand agree almost
// everywhere. This is why the pictures must be large enough: of two covers that differ in one
// digit, nothing is left at 96 px.
#include "matcher/likeness.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "matcher/tone.h"

namespace inlier {
namespace {

constexpr int kSide_px = 256;           // larger pictures are reduced to this
constexpr double kMinOverlap_px = 128;  // long side of the part that both show
constexpr int kRim_px = 2;              // of the part that both show, which is not compared
constexpr int kDetailWindow_px = 7;
constexpr int kColourWindow_px = 13;
constexpr int kShift_px = 2;
constexpr double kSmoothing_px = 1;  // so that noise and JPEG ringing do not count
constexpr double kSlow_px = 12.8;    // what varies more slowly is colour, not detail
constexpr double kNoise = 64;        // grey levels squared, so that a plain area agrees
constexpr int kToneRounds = 4;
constexpr double kSameTone = 20;  // grey levels between pixels that the tones are fitted to
constexpr double kMaxGain = 1.4, kMaxOffset = 30;      // of all channels
constexpr double kMaxTint = 1.05, kMaxTintOffset = 4;  // of one channel against them
constexpr double kHopeless = 3;  // times kMaxColour, before windows are shifted
// Between what re-encoding, resizing and exposure do to one picture and what tells siblings apart
// (docs/EVALUATION.md).
constexpr double kMaxDetail = 0.4;
constexpr double kMaxColour = 8;

// Both pictures in the frame of the coarser one, as three channels of floats.
struct Aligned {
  cv::Mat below, above;
  cv::Mat seen;     // 255 where both are seen
  double step = 1;  // width of a pixel of the picture above, in pixels of the frame; at most 1
};

cv::Mat Reduced(const Image& picture) {
  cv::Mat mat = AsMat(picture);
  if (picture.channels == 1) cv::cvtColor(mat, mat, cv::COLOR_GRAY2BGR);
  const int side = std::max(mat.cols, mat.rows);
  if (side <= kSide_px) return mat;
  cv::Mat reduced;
  const double scale = static_cast<double>(kSide_px) / side;
  cv::resize(mat, reduced, {}, scale, scale, cv::INTER_AREA);
  return reduced;
}

// Takes pixels of the full picture to those of `reduced`; pixel centres are at whole numbers.
cv::Matx33d Reducing(const cv::Mat& reduced, const FacePicture& face) {
  const double x = reduced.cols / face.width_px, y = reduced.rows / face.height_px;
  return {x, 0, 0.5 * x - 0.5, 0, y, 0.5 * y - 0.5, 0, 0, 1};
}

// How much the model enlarges an area in the middle of a picture, as a length.
double Enlargement(const cv::Matx33d& m, const cv::Mat& picture) {
  const double x = picture.cols / 2.0, y = picture.rows / 2.0;
  const double w = m(2, 0) * x + m(2, 1) * y + m(2, 2);
  return std::sqrt(std::abs(cv::determinant(m) / (w * w * w)));
}

std::optional<Aligned> Align(const cv::Mat& above, const cv::Mat& below,
                             const cv::Matx33d& below_from_above, double step) {
  Aligned aligned{.step = step};
  cv::Mat finer = above;
  if (step < 0.8) cv::GaussianBlur(above, finer, {}, 0.5 / step);
  cv::Mat warped;
  cv::warpPerspective(finer, warped, below_from_above, below.size(), cv::INTER_LINEAR,
                      cv::BORDER_REPLICATE);
  cv::warpPerspective(cv::Mat(above.size(), CV_8U, cv::Scalar(255)), aligned.seen, below_from_above,
                      below.size(), cv::INTER_NEAREST, cv::BORDER_CONSTANT, cv::Scalar(0));
  cv::erode(aligned.seen, aligned.seen, cv::Mat(), {-1, -1}, kRim_px, cv::BORDER_CONSTANT,
            cv::Scalar(0));
  const cv::Rect extent = cv::boundingRect(aligned.seen);
  if (std::max(extent.width, extent.height) + 2 * kRim_px < kMinOverlap_px) return std::nullopt;
  below.convertTo(aligned.below, CV_32FC3);
  warped.convertTo(aligned.above, CV_32FC3);
  return aligned;
}

// Keeps the tones of the channels within what another exposure and white balance can do. Without
// that, a coat in another colour would fit.
void Restrain(std::array<Tone, 3>& tones) {
  Tone common{0, 0};
  for (const Tone& tone : tones) {
    common.gain += tone.gain / 3;
    common.offset += tone.offset / 3;
  }
  common.gain = std::clamp(common.gain, 1 / kMaxGain, kMaxGain);
  common.offset = std::clamp(common.offset, -kMaxOffset, kMaxOffset);
  for (Tone& tone : tones) {
    tone.gain = std::clamp(tone.gain, common.gain / kMaxTint, common.gain * kMaxTint);
    tone.offset =
        std::clamp(tone.offset, common.offset - kMaxTintOffset, common.offset + kMaxTintOffset);
  }
}

// Gives the picture above the tones of the one below.
void MatchTones(Aligned& aligned) {
  std::array<cv::Mat, 3> below, above;
  cv::split(aligned.below, below.data());
  cv::split(aligned.above, above.data());
  cv::Mat alike = aligned.seen.clone();
  for (int round = 0; round < kToneRounds; ++round) {
    std::array<Tone, 3> tones;
    for (std::size_t c = 0; c < 3; ++c) {
      tones[c] = FitTone(PairsWithin(above[c], below[c], alike)).value_or(Tone{});
    }
    Restrain(tones);
    cv::Mat apart = cv::Mat::zeros(aligned.seen.size(), CV_32F), error;
    std::array<cv::Mat, 3> tuned;
    for (std::size_t c = 0; c < 3; ++c) {
      tuned[c] = above[c] * tones[c].gain + tones[c].offset;
      cv::absdiff(tuned[c], below[c], error);
      cv::max(apart, error, apart);
    }
    alike = (apart < kSameTone) & aligned.seen;
    cv::merge(tuned.data(), 3, aligned.above);
  }
  // What only one of them shows must not reach into the windows at the edge.
  aligned.below.copyTo(aligned.above, aligned.seen == 0);
}

cv::Mat SquaredLength(const cv::Mat& difference) {
  cv::Mat out(difference.size(), CV_32F);
  for (int y = 0; y < difference.rows; ++y) {
    const auto* row = difference.ptr<cv::Vec3f>(y);
    auto* to = out.ptr<float>(y);
    for (int x = 0; x < difference.cols; ++x)
      to[x] = (row[x][0] * row[x][0] + row[x][1] * row[x][1] + row[x][2] * row[x][2]) / 3;
  }
  return out;
}

cv::Mat Mean(const cv::Mat& values, int window_px) {
  cv::Mat out;
  cv::blur(values, out, {window_px, window_px});
  return out;
}

double Largest(const cv::Mat& values, const cv::Mat& mask) {
  double largest = 0;
  cv::minMaxLoc(values, nullptr, &largest, nullptr, nullptr, mask);
  return largest;
}

cv::Mat Shifted(const cv::Mat& picture, int x_px, int y_px) {
  cv::Mat out;
  const cv::Matx23d shift(1, 0, x_px, 0, 1, y_px);
  cv::warpAffine(picture, out, shift, picture.size(), cv::INTER_NEAREST, cv::BORDER_REPLICATE);
  return out;
}

// The brightness less what varies slowly. JPEG keeps colours at half the resolution, so that the
// details of colours say nothing.
cv::Mat Details(const cv::Mat& picture) {
  cv::Mat grey, slow;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  cv::GaussianBlur(grey, slow, {}, kSlow_px);
  return grey - slow;
}

cv::Mat Energy(const cv::Mat& details) { return Mean(details.mul(details), kDetailWindow_px); }

FaceDifference Difference(const Aligned& aligned) {
  cv::Mat below, above;
  cv::GaussianBlur(aligned.below, below, {}, kSmoothing_px);
  cv::GaussianBlur(aligned.above, above, {}, kSmoothing_px);
  const cv::Mat mean_below = Mean(below, kColourWindow_px);
  const cv::Mat mean_above = Mean(above, kColourWindow_px);
  FaceDifference difference;
  cv::Mat colour = SquaredLength(mean_below - mean_above);
  difference.colour = std::sqrt(Largest(colour, aligned.seen));
  if (difference.colour > kHopeless * kMaxColour) return difference;
  const cv::Mat details_below = Details(below), details_above = Details(above);
  cv::Mat detail;
  for (int y = -kShift_px; y <= kShift_px; ++y) {
    for (int x = -kShift_px; x <= kShift_px; ++x) {
      const cv::Mat apart = Energy(details_below - Shifted(details_above, x, y));
      detail = detail.empty() ? apart : cv::Mat(cv::min(detail, apart));
      cv::min(colour, SquaredLength(mean_below - Shifted(mean_above, x, y)), colour);
    }
  }
  const cv::Mat own = cv::max(Energy(details_below), Energy(details_above));
  difference.detail = Largest(detail / (own + kNoise), aligned.seen);
  difference.colour = std::sqrt(Largest(colour, aligned.seen));
  return difference;
}

}  // namespace

std::optional<FaceDifference> CompareFaces(const FacePicture& a, const FacePicture& b,
                                           const Homography& a_from_b) {
  if (a.picture.empty() || b.picture.empty()) return std::nullopt;
  const cv::Mat small_a = Reduced(a.picture), small_b = Reduced(b.picture);
  const cv::Matx33d model =
      Reducing(small_a, a) * cv::Matx33d(a_from_b.data()) * Reducing(small_b, b).inv();
  const double step = Enlargement(model, small_b);
  if (!(step > 0) || !std::isfinite(step)) return std::nullopt;
  auto aligned = step <= 1 ? Align(small_b, small_a, model, step)
                           : Align(small_a, small_b, model.inv(), 1 / step);
  if (!aligned) return std::nullopt;
  MatchTones(*aligned);
  return Difference(*aligned);
}

double LikenessOf(const FaceDifference& difference) {
  const double worst = std::max(difference.detail / kMaxDetail, difference.colour / kMaxColour);
  return std::max(0.0, 1 - worst / 2);
}

}  // namespace inlier
