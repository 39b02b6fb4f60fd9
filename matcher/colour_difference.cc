// Where the texture agrees lies the part of the item that the photo really shows: the rest may be
// hidden, or on another side of a pack. The largest connected piece of that part is taken, with
// what it encloses, since what differs between siblings is enclosed by what they share. The item is
// given the photo's tones, and what colours still differ in a small window is counted.
#include "matcher/colour_difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
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
constexpr std::size_t kFewest_px = 20;  // that a tone can be fitted to

// The largest connected piece of `agreeing`.
cv::Mat LargestPiece(const cv::Mat& agreeing) {
  cv::Mat near, labels;
  cv::dilate(agreeing, near, cv::Mat::ones(kGap_px, kGap_px, CV_8U));
  const int count = cv::connectedComponents(near, labels);
  std::vector<int> sizes(static_cast<std::size_t>(count));
  for (int y = 0; y < agreeing.rows; ++y) {
    for (int x = 0; x < agreeing.cols; ++x) {
      if (agreeing.at<std::uint8_t>(y, x) != 0)
        ++sizes[static_cast<std::size_t>(labels.at<int>(y, x))];
    }
  }
  const auto largest = std::ranges::max_element(sizes) - sizes.begin();
  return (labels == static_cast<int>(largest)) & agreeing;
}

// 255 in the convex hull of the piece. The first and the last pixel of each row have the same hull.
cv::Mat HullOf(const cv::Mat& piece) {
  std::vector<cv::Point> ends, hull;
  for (int y = 0; y < piece.rows; ++y) {
    const auto* const row = piece.ptr<std::uint8_t>(y);
    int first = 0, last = piece.cols - 1;
    while (first < piece.cols && row[first] == 0) ++first;
    if (first == piece.cols) continue;
    while (row[last] == 0) --last;
    ends.emplace_back(first, y);
    ends.emplace_back(last, y);
  }
  cv::convexHull(ends, hull);
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

// The tone that takes one channel of the item to that of the photo within a piece. The pixels that
// still differ after the first fit do not take part in the next.
Tone ToneOf(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& piece) {
  const PixelPairs all = PairsWithin(item, seen, piece);
  PixelPairs alike = all;
  Tone tone;
  for (int round = 0; round < kToneRounds; ++round) {
    if (const auto fitted = FitTone(alike)) {
      tone = *fitted;
    } else {  // a plain channel says nothing about the gain
      const double difference = std::accumulate(alike.to.begin(), alike.to.end(), 0.0) -
                                std::accumulate(alike.from.begin(), alike.from.end(), 0.0);
      tone = {.gain = 1, .offset = difference / static_cast<double>(alike.from.size())};
    }
    alike = {};
    for (std::size_t i = 0; i < all.from.size(); ++i) {
      if (std::abs(all.from[i] * tone.gain + tone.offset - all.to[i]) >= kSameTone) continue;
      alike.from.push_back(all.from[i]);
      alike.to.push_back(all.to[i]);
    }
    if (alike.from.size() < kFewest_px) break;
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
  if (static_cast<std::size_t>(cv::countNonZero(piece)) < kFewest_px) return {};
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
