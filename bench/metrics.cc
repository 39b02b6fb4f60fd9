#include "bench/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

constexpr int kResamples = 2'000;
constexpr int kGrid_px = 512;

// Whether the item at each rank is relevant, without the junk.
std::vector<bool> Judged(const Ranking& ranking, const Truth& truth) {
  const std::unordered_set<std::string> relevant(truth.relevant.begin(), truth.relevant.end());
  const std::unordered_set<std::string> junk(truth.junk.begin(), truth.junk.end());
  std::vector<bool> judged;
  for (const std::string& id : ranking) {
    if (!junk.contains(id)) judged.push_back(relevant.contains(id));
  }
  return judged;
}

double SumOfPrecisions(std::size_t k, const std::vector<bool>& judged) {
  double found = 0, sum = 0;
  for (std::size_t i = 0; i < std::min(k, judged.size()); ++i) {
    if (!judged[i]) continue;
    found += 1;
    sum += found / static_cast<double>(i + 1);
  }
  return sum;
}

}  // namespace

double FirstHit(const Ranking& ranking, const Truth& truth) {
  const auto judged = Judged(ranking, truth);
  return !judged.empty() && judged.front() ? 1 : 0;
}

double RecallAt(std::size_t k, const Ranking& ranking, const Truth& truth) {
  if (truth.relevant.empty()) return 0;
  const auto judged = Judged(ranking, truth);
  const auto end = judged.begin() + static_cast<std::ptrdiff_t>(std::min(k, judged.size()));
  return static_cast<double>(std::count(judged.begin(), end, true)) /
         static_cast<double>(truth.relevant.size());
}

double AveragePrecision(const Ranking& ranking, const Truth& truth) {
  if (truth.relevant.empty()) return 0;
  return SumOfPrecisions(ranking.size(), Judged(ranking, truth)) /
         static_cast<double>(truth.relevant.size());
}

double AveragePrecisionAt(std::size_t k, const Ranking& ranking, const Truth& truth) {
  if (truth.relevant.empty() || k == 0) return 0;
  return SumOfPrecisions(k, Judged(ranking, truth)) /
         static_cast<double>(std::min(k, truth.relevant.size()));
}

double AveragePrecisionByTrapezoids(const Ranking& ranking, const Truth& truth) {
  if (truth.relevant.empty()) return 0;
  double found = 0, area = 0, recall_before = 0, precision_before = 1;
  const auto judged = Judged(ranking, truth);
  for (std::size_t i = 0; i < judged.size(); ++i) {
    found += judged[i];
    const double recall = found / static_cast<double>(truth.relevant.size());
    const double precision = found / static_cast<double>(i + 1);
    area += (recall - recall_before) * (precision_before + precision) / 2;
    recall_before = recall;
    precision_before = precision;
  }
  return area;
}

double IntersectionOverUnion(std::span<const Point> a, std::span<const Point> b) {
  if (a.size() < 3 || b.size() < 3) return 0;
  float left = a[0].x_px, right = left, top = a[0].y_px, bottom = top;
  for (const auto polygon : {a, b}) {
    for (const Point& p : polygon) {
      left = std::min(left, p.x_px);
      right = std::max(right, p.x_px);
      top = std::min(top, p.y_px);
      bottom = std::max(bottom, p.y_px);
    }
  }
  const float side = std::max(right - left, bottom - top);
  if (!(side > 0) || !std::isfinite(side)) return 0;
  constexpr int kShift = 8;  // of fillPoly's fixed-point corners
  const float scale = static_cast<float>((kGrid_px - 1) << kShift) / side;
  std::array<cv::Mat, 2> masks;
  std::size_t next = 0;
  for (const auto polygon : {a, b}) {
    std::vector<cv::Point> corners;
    for (const Point& p : polygon) {
      corners.emplace_back(static_cast<int>(std::lround((p.x_px - left) * scale)),
                           static_cast<int>(std::lround((p.y_px - top) * scale)));
    }
    masks[next] = cv::Mat::zeros(kGrid_px, kGrid_px, CV_8UC1);
    cv::fillPoly(masks[next++], std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(1),
                 cv::LINE_8, kShift);
  }
  const double both = cv::countNonZero(masks[0] & masks[1]);
  const double either = cv::countNonZero(masks[0] | masks[1]);
  return either > 0 ? both / either : 0;
}

std::vector<DetectionError> DetectionErrors(std::span<const double> own,
                                            std::span<const double> foreign) {
  constexpr int kSteps = 100;
  const auto share = [](std::span<const double> of, auto&& holds) {
    return of.empty() ? 0
                      : static_cast<double>(std::count_if(of.begin(), of.end(), holds)) /
                            static_cast<double>(of.size());
  };
  std::vector<DetectionError> errors;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = static_cast<double>(i) / kSteps;
    errors.push_back({t, share(own, [t](double p) { return p < t || p == 0; }),
                      share(foreign, [t](double p) { return p >= t && p > 0; })});
  }
  return errors;
}

Interval BootstrapMean(std::span<const double> values, std::span<const std::uint32_t> groups,
                       std::uint64_t seed) {
  if (values.empty()) return {};
  struct Group {
    double sum = 0, count = 0;
  };
  std::unordered_map<std::uint32_t, std::size_t> places;
  std::vector<Group> members;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(groups[i], members.size());
    if (fresh) members.emplace_back();
    members[place->second].sum += values[i];
    members[place->second].count += 1;
  }
  std::mt19937_64 random(seed);
  std::vector<double> means;
  for (int r = 0; r < kResamples; ++r) {
    Group drawn;
    for (std::size_t g = 0; g < members.size(); ++g) {
      const Group& one = members[random() % members.size()];
      drawn.sum += one.sum;
      drawn.count += one.count;
    }
    means.push_back(drawn.sum / drawn.count);
  }
  std::sort(means.begin(), means.end());
  const auto at = [&means](double share) {
    return means[static_cast<std::size_t>(share * (kResamples - 1) + 0.5)];
  };
  return {at(0.025), at(0.975)};
}

double Mean(std::span<const double> values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace inlier
