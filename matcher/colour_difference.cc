// Where the texture agrees lies the part of the item that the photo really shows: the rest may be
// hidden, or on another side of a pack. Of that part the largest connected piece is taken, with
// what it encloses, since what differs between siblings is enclosed by what they share. The item is
// given the photo's tones, and what colours still differ in a small window is counted.
#include "matcher/colour_difference.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "matcher/tone.h"

namespace inlier {
namespace {

constexpr int kGap_px = 9;        // blocks no farther apart than this are connected
constexpr int kWindow_px = 5;     // so that an error of the homography does not count
constexpr double kDiffers = 25;   // grey levels between colours, brightness left out
constexpr double kSameTone = 20;  // grey levels between values that a tone is fitted to
constexpr int kToneRounds = 3;
constexpr int kFewest_px = 20;  // that a tone can be fitted to

// The largest connected piece of `agreeing`.
cv::Mat LargestPiece(const cv::Mat& agreeing) {
  cv::Mat near, labels;
  cv::dilate(agreeing, near, cv::Mat::ones(kGap_px, kGap_px, CV_8U));
  const int count = cv::connectedComponents(near, labels);
  cv::Mat largest = cv::Mat::zeros(agreeing.size(), CV_8U);
  int most = 0;
  for (int label = 1; label < count; ++label) {
    const cv::Mat piece = (labels == label) & agreeing;
    if (const int size = cv::countNonZero(piece); size > most) {
      most = size;
      largest = piece;
    }
  }
  return largest;
}

// 255 in the convex hull of the piece.
cv::Mat HullOf(const cv::Mat& piece) {
  std::vector<cv::Point> points, hull;
  cv::findNonZero(piece, points);
  cv::convexHull(points, hull);
  cv::Mat inside = cv::Mat::zeros(piece.size(), CV_8U);
  cv::fillConvexPoly(inside, hull, cv::Scalar(255));
  return inside;
}

// Around the largest connected part.
cv::Rect AroundLargest(const cv::Mat& differs) {
  cv::Mat labels, stats, middles;
  const int count = cv::connectedComponentsWithStats(differs, labels, stats, middles);
  int largest = 0;  // the label of what is not set
  for (int label = 1; label < count; ++label) {
    if (largest == 0 ||
        stats.at<int>(label, cv::CC_STAT_AREA) > stats.at<int>(largest, cv::CC_STAT_AREA))
      largest = label;
  }
  if (largest == 0) return {};
  const int* const of = stats.ptr<int>(largest);
  return {of[cv::CC_STAT_LEFT], of[cv::CC_STAT_TOP], of[cv::CC_STAT_WIDTH], of[cv::CC_STAT_HEIGHT]};
}

// 255 where, in a piece, one channel of the item in the photo's tones is near that of the photo.
cv::Mat SameTone(const cv::Mat& item, const cv::Mat& seen, const Tone& tone, const cv::Mat& piece) {
  cv::Mat same(item.size(), CV_8U);
  for (int y = 0; y < item.rows; ++y) {
    const auto *x = item.ptr<float>(y), *z = seen.ptr<float>(y);
    const auto* counts = piece.ptr<std::uint8_t>(y);
    auto* out = same.ptr<std::uint8_t>(y);
    for (int i = 0; i < item.cols; ++i) {
      const bool near = std::abs(x[i] * tone.gain + tone.offset - z[i]) < kSameTone;
      out[i] = near && counts[i] != 0 ? 255 : 0;
    }
  }
  return same;
}

// The tone that takes one channel of the item to that of the photo within a piece. The pixels that
// the first fit leaves apart do not take part in the next.
Tone ToneOf(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& piece) {
  cv::Mat alike = piece;
  Tone tone;
  for (int round = 0; round < kToneRounds; ++round) {
    if (const auto fitted = FitTone(item, seen, alike)) {
      tone = *fitted;
    } else {  // a plain channel tells nothing of the gain
      tone = {.gain = 1, .offset = cv::mean(seen, alike)[0] - cv::mean(item, alike)[0]};
    }
    const cv::Mat closer = SameTone(item, seen, tone, piece);
    if (cv::countNonZero(closer) < kFewest_px) break;
    alike = closer;
  }
  return tone;
}

// One channel of the item in the photo's tones, less that of the photo.
cv::Mat Difference(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& piece) {
  const Tone tone = ToneOf(item, seen, piece);
  cv::Mat difference;
  cv::blur(item * tone.gain + tone.offset - seen, difference, {kWindow_px, kWindow_px});
  return difference;
}

std::array<cv::Mat, 3> Channels(const cv::Mat& picture) {
  cv::Mat floats;
  picture.convertTo(floats, CV_32FC3);
  std::array<cv::Mat, 3> channels;
  cv::split(floats, channels.data());
  return channels;
}

}  // namespace

DifferentColours ColourDifference(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& agreeing,
                                  const cv::Mat& mask) {
  const cv::Mat piece = LargestPiece((agreeing != 0) & (mask != 0));
  if (cv::countNonZero(piece) < kFewest_px) return {};
  const cv::Mat part = HullOf(piece) & (mask != 0);
  const auto of_item = Channels(item), of_seen = Channels(seen);
  std::array<cv::Mat, 3> differences;
  for (std::size_t c = 0; c < 3; ++c) differences[c] = Difference(of_item[c], of_seen[c], piece);
  const cv::Mat brightness = (differences[0] + differences[1] + differences[2]) / 3;
  cv::Mat squared = cv::Mat::zeros(item.size(), CV_32F);
  for (const cv::Mat& difference : differences) {
    const cv::Mat colour = difference - brightness;
    squared += colour.mul(colour);
  }
  const cv::Mat differs = (squared > kDiffers * kDiffers) & part;
  return {.share = static_cast<double>(cv::countNonZero(differs)) / cv::countNonZero(part),
          .largest = AroundLargest(differs)};
}

}  // namespace inlier
