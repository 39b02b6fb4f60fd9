#include "bench/tutorial_method.h"

#include <algorithm>
#include <map>
#include <utility>

#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>

#include "core/clock.h"
#include "core/mat.h"
#include "core/parallel.h"

namespace inlier {
namespace {

constexpr int kFeatures = 1'000;
constexpr std::size_t kMinMatches = 10;
constexpr float kRatio = 0.7f;
constexpr double kRansac_px = 5;

struct Described {
  std::vector<cv::KeyPoint> keypoints;  // in pixels of the original image
  cv::Mat rows;
  int width_px = 0;
  int height_px = 0;
};

Described Describe(const Image& image, int max_side_px) {
  const int side = std::max(image.width_px, image.height_px);
  const Image working = ToGrey(side > max_side_px ? ResizeLongSide(image, max_side_px) : image);
  Described d{.width_px = image.width_px, .height_px = image.height_px};
  cv::SIFT::create(kFeatures)->detectAndCompute(AsMat(working), cv::noArray(), d.keypoints, d.rows);
  const float scale =
      static_cast<float>(side) / static_cast<float>(std::max(working.width_px, working.height_px));
  for (cv::KeyPoint& k : d.keypoints) k.pt *= scale;
  return d;
}

// Nothing when the matches do not give a homography.
std::optional<Hit> MatchOne(const Described& item, const Described& photo) {
  if (item.rows.rows < 2 || photo.rows.rows < 2) return std::nullopt;
  cv::FlannBasedMatcher matcher(cv::makePtr<cv::flann::KDTreeIndexParams>(5),
                                cv::makePtr<cv::flann::SearchParams>(50));
  std::vector<std::vector<cv::DMatch>> pairs;
  matcher.knnMatch(item.rows, photo.rows, pairs, 2);
  std::vector<cv::Point2f> from, to;
  for (const auto& pair : pairs) {
    if (pair.size() < 2 || pair[0].distance >= kRatio * pair[1].distance) continue;
    from.push_back(item.keypoints[static_cast<std::size_t>(pair[0].queryIdx)].pt);
    to.push_back(photo.keypoints[static_cast<std::size_t>(pair[0].trainIdx)].pt);
  }
  if (from.size() <= kMinMatches) return std::nullopt;
  std::vector<unsigned char> inlier;
  const cv::Mat photo_from_item = cv::findHomography(from, to, cv::RANSAC, kRansac_px, inlier);
  if (photo_from_item.empty()) return std::nullopt;
  Hit hit{.accepted = true,
          .inliers = static_cast<int>(std::count(inlier.begin(), inlier.end(), 1))};
  hit.score = hit.inliers;
  hit.probability = hit.inliers / (hit.inliers + static_cast<double>(kMinMatches));
  const auto w = static_cast<float>(item.width_px), h = static_cast<float>(item.height_px);
  std::vector<cv::Point2f> corners = {{0, 0}, {w, 0}, {w, h}, {0, h}};
  cv::perspectiveTransform(corners, corners, photo_from_item);
  hit.polygon.emplace();
  for (std::size_t i = 0; i < corners.size(); ++i) (*hit.polygon)[i] = {corners[i].x, corners[i].y};
  return hit;
}

class TutorialMethod final : public BenchMethod {
 public:
  TutorialMethod(const Gallery& gallery, int max_side_px, int threads) : max_side_px_(max_side_px) {
    for (const Dataset& dataset : gallery.datasets) {
      auto& items = items_[dataset.name];
      items.resize(dataset.catalogue.entries.size());
      ParallelFor(items.size(), threads, [&](std::size_t i) {
        const CatalogueEntry& entry = dataset.catalogue.entries[i];
        items[i].first = entry.id;
        if (const auto image = ReadImage(entry.images.front()))
          items[i].second = Describe(*image, max_side_px_);
      });
    }
  }

  Result<Answer> Query(const BenchPhoto& photo, Setting) const override {
    const double cpu_ms = ThreadCpu_ms();
    const Stopwatch watch;
    INLIER_ASSIGN_OR_RETURN(const Image image, photo.Read());
    const Described described = Describe(image, max_side_px_);
    Answer answer{.features = described.rows.rows};
    for (const auto& [id, item] : items_.at(photo.dataset)) {
      if (auto hit = MatchOne(item, described)) {
        hit->id = id;
        answer.hits.push_back(std::move(*hit));
      }
    }
    std::stable_sort(answer.hits.begin(), answer.hits.end(),
                     [](const Hit& a, const Hit& b) { return a.score > b.score; });
    answer.hits.resize(std::min<std::size_t>(answer.hits.size(), kBenchDepth));
    answer.timings.total_ms = watch.Wall_ms();
    answer.cpu.total_ms = ThreadCpu_ms() - cpu_ms;
    return answer;
  }

  Result<Answer> Query(const Image&, const std::vector<std::string>&) const override {
    return Fail(ErrorCode::kInvalidArgument,
                "the tutorial's method cannot search the joint gallery");
  }

  bool Answers(Setting setting) const override { return setting == Setting::kOwn; }

  std::optional<Hit> Explain(const BenchPhoto&, const std::string&) const override {
    return std::nullopt;
  }

 private:
  int max_side_px_;
  std::map<std::string, std::vector<std::pair<std::string, Described>>> items_;  // by dataset; id
};

}  // namespace

std::unique_ptr<BenchMethod> MakeTutorialMethod(const Gallery& gallery, int max_side_px,
                                                int threads) {
  return std::make_unique<TutorialMethod>(gallery, max_side_px, threads);
}

}  // namespace inlier
