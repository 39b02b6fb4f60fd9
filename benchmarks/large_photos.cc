// Makes photos of 12 megapixels for benchmarks/pictures.py: inlier-large-photos OUT PHOTO…
// Each photo is enlarged to a long side of 4,000 px with cubics and gets the grain of a sensor, so
// that its files are as large as a phone's. OUT/NUMBER.jpg has quality 90; OUT/NUMBER.png is
// lossless.
#include <filesystem>
#include <iostream>
#include <string>

#include <opencv2/core.hpp>

#include "core/file.h"
#include "core/image.h"
#include "core/mat.h"

namespace inlier {
namespace {

constexpr int kLongSide_px = 4000;
constexpr double kGrain_levels = 3;
constexpr int kQuality = 90;

Image Enlarged(const Image& photo, std::uint64_t seed) {
  Image large = ResizeLongSide(photo, kLongSide_px);
  cv::Mat pixels = AsMat(large), grain(pixels.size(), CV_16SC3);
  cv::RNG(seed).fill(grain, cv::RNG::NORMAL, 0, kGrain_levels);
  cv::add(pixels, grain, pixels, cv::noArray(), CV_8U);
  return large;
}

Status Write(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
  return PublishFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Status Make(const std::filesystem::path& out, const std::string& photo, int number) {
  INLIER_ASSIGN_OR_RETURN(const Image image, ReadImage(photo));
  const Image large = Enlarged(image, static_cast<std::uint64_t>(number) + 1);
  const std::string name = std::to_string(number);
  INLIER_RETURN_IF_ERROR(Write(out / (name + ".jpg"), EncodeJpeg(large, kQuality)));
  INLIER_ASSIGN_OR_RETURN(const auto png, EncodePng(large));
  return Write(out / (name + ".png"), png);
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "inlier-large-photos OUT PHOTO…\n";
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    if (const auto made = inlier::Make(argv[1], argv[i], i - 2); !made) {
      std::cerr << argv[i] << ": " << made.error().message << '\n';
      return 1;
    }
  }
  return 0;
}
