#include "benchmarks/collage.h"

#include <algorithm>
#include <random>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"

namespace inlier {
namespace {

// A picture is cut once vertically and once horizontally, so that each of its parts is much larger
// than the reach of a descriptor.
constexpr int kMinPart_px = 120;

double Uniform(std::mt19937_64& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
}

// Fills a part of the picture with a part of a source.
void Fill(const cv::Mat& source, cv::Mat part, std::mt19937_64& random) {
  const double scale = Uniform(random, 0.7, 1.6), turn_deg = Uniform(random, -30, 30);
  const cv::Point2d middle(Uniform(random, 0, source.cols), Uniform(random, 0, source.rows));
  cv::Mat map = cv::getRotationMatrix2D(middle, turn_deg, scale);
  if (random() % 2 == 0) map.col(0) *= -1;  // mirrored about the middle of the part
  const cv::Mat at = map(cv::Rect(0, 0, 2, 2)) * (cv::Mat_<double>(2, 1) << middle.x, middle.y);
  map.at<double>(0, 2) = part.cols / 2.0 - at.at<double>(0);
  map.at<double>(1, 2) = part.rows / 2.0 - at.at<double>(1);
  cv::warpAffine(source, part, map, part.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT);
  const cv::Scalar gain(Uniform(random, 0.6, 1.3), Uniform(random, 0.6, 1.3),
                        Uniform(random, 0.6, 1.3));
  cv::multiply(part, gain, part);
}

}  // namespace

Image Collages::Make(std::uint64_t number) const {
  std::mt19937_64 random(number);
  Image picture{.width_px = kSide_px, .height_px = kSide_px, .channels = 3};
  picture.pixels.resize(std::size_t{3} * kSide_px * kSide_px);
  cv::Mat all = AsMat(picture);
  const auto cut = [&] {
    return static_cast<int>(Uniform(random, kMinPart_px, kSide_px - kMinPart_px));
  };
  const int x = cut(), y = cut();
  for (const cv::Rect& place :
       {cv::Rect(0, 0, x, y), cv::Rect(x, 0, kSide_px - x, y), cv::Rect(0, y, x, kSide_px - y),
        cv::Rect(x, y, kSide_px - x, kSide_px - y)})
    Fill(AsMat(sources_[random() % sources_.size()]), all(place), random);
  return picture;
}

Result<Collages> ReadCollages(const Catalogue& catalogue) {
  std::vector<Image> sources;
  for (const CatalogueEntry& entry : catalogue.entries) {
    if (!entry.id.starts_with("distractors/")) continue;
    INLIER_ASSIGN_OR_RETURN(const Image image, ReadImage(entry.images.front()));
    sources.push_back(ResizeLongSide(image, Collages::kSide_px));
  }
  if (sources.empty()) return Fail(ErrorCode::kNotFound, "there are no distractors");
  return Collages(std::move(sources));
}

}  // namespace inlier
