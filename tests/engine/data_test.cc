#include <cmath>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "core/parallel.h"
#include "engine/queries.h"
#include "extractor/methods.h"
#include "inlier/engine.h"
#include "matcher/matcher.h"
#include "tests/support/files.h"

// The engine on real photos. The bounds lie a little below what the benchmark measured
// (docs/EVALUATION.md), so that a break is caught and noise is not.
namespace inlier {
namespace {

TEST(RealPhotos, DvdCoversComeFirstAndStrangersAreRefused) {
  const auto data = test::DataFolder().value_or("");
  if (data.empty()) GTEST_SKIP() << "no data set in $INLIER_DATA or ../shared/data";
  const test::TempFolder folder;
  const auto catalogue = ReadCatalogue(data / "smvs-dvd");
  const auto queries = ReadQueries(data / "smvs-dvd/queries.csv");
  ASSERT_TRUE(catalogue && queries);
  const int threads = HardwareThreads();
  {
    const auto writer = Engine::Open(folder / "db", OpenMode::kCreate, {.threads = threads});
    ASSERT_TRUE(writer && (*writer)->IndexCatalogue(*catalogue, {.threads = threads}));
  }
  const auto engine = Engine::Open(folder / "db", OpenMode::kRead);
  ASSERT_TRUE(engine);
  constexpr std::size_t kStep = 8;
  const std::size_t asked = queries->size() / kStep;
  std::vector<int> first(asked), accepted(asked), stranger(asked);
  ParallelFor(asked, threads, [&](std::size_t i) {
    const QueryEntry& query = (*queries)[i * kStep];
    const auto answer = (*engine)->Query(query.image, {.all = true});
    if (!answer || answer->hits.empty()) return;
    first[i] = answer->hits[0].id == query.id;
    accepted[i] = first[i] && answer->hits[0].accepted;
    const auto without = (*engine)->Query(query.image, {.without = {query.id}});
    // A neighbouring cover may truly be in the photo, so this is not 0.
    stranger[i] = without && !without->hits.empty();
  });
  const auto share = [asked](const std::vector<int>& v) {
    return static_cast<double>(std::count(v.begin(), v.end(), 1)) / asked;
  };
  EXPECT_GE(share(first), 0.95);
  EXPECT_GE(share(accepted), 0.9);
  EXPECT_LE(share(stranger), 0.35);
}

TEST(RealPhotos, MatchesObeyTheTrueHomographies) {
  const auto data = test::DataFolder().value_or("");
  if (data.empty()) GTEST_SKIP() << "no data set in $INLIER_DATA or ../shared/data";
  const auto extractor = CreateExtractor({});
  ASSERT_TRUE(extractor);
  for (const std::string scene : {"boat", "graf", "leuven", "wall", "bikes"}) {
    const auto a = ReadImage(data / "oxford-affine" / scene / "img1.jpg");
    const auto b = ReadImage(data / "oxford-affine" / scene / "img2.jpg");
    ASSERT_TRUE(a && b);
    cv::Mat truth;
    cv::FileStorage file((data / "oxford-affine" / scene / "H1to2p.xml").string(),
                         cv::FileStorage::READ);
    for (const auto node : file.root()) node >> truth;
    truth.convertTo(truth, CV_64F);
    Homography h;
    for (std::size_t i = 0; i < 9; ++i)
      h[i] = truth.at<double>(static_cast<int>(i / 3), static_cast<int>(i % 3));
    const Features of_a = (*extractor)->Extract(*a), of_b = (*extractor)->Extract(*b);
    const PhotoMatcher matcher(of_b, {});
    const auto geometry = matcher.Verify(of_a, matcher.Match(of_a));
    ASSERT_TRUE(geometry) << scene;
    std::size_t right = 0;
    for (const FeatureMatch& match : geometry->inliers) {
      const Point to = Transform(h, of_a.keypoints[match.item].point);
      const Point p = of_b.keypoints[match.photo].point;
      right += std::hypot(to.x_px - p.x_px, to.y_px - p.y_px) < 8;
    }
    EXPECT_GE(geometry->inliers.size(), 100u) << scene;
    EXPECT_GE(static_cast<double>(right), 0.97 * static_cast<double>(geometry->inliers.size()))
        << scene;
  }
}

}  // namespace
}  // namespace inlier
