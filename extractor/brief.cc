#include "extractor/brief.h"

#include "extractor/binary_features.h"
#include "extractor/corner_measures.h"

namespace inlier {
namespace {

constexpr double kSigma_px = kPatch_px / 5.0;  // the paper's best
constexpr std::uint64_t kSeed = 2010;

const BinaryTests& Tests(bool steered) {
  static const BinaryTests upright(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), 1);
  static const BinaryTests turned(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), kTurns);
  return steered ? turned : upright;
}

// Upright keypoints have the angle 0. One that is measured would still be true, but it scatters,
// and the votes and checks on differences of orientation then lose matches that upright tests
// found.
class Brief final : public Extractor {
 public:
  explicit Brief(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    BinaryOptions options;
    options.corners.max_corners = options_.max_features;
    options.corners.threshold = static_cast<int>(options_.fast_threshold);
    options.corners.oriented = options_.brief_steered;
    return ExtractBinary(grey, Tests(options_.brief_steered), options);
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeBrief(const ExtractorOptions& options) {
  return std::make_unique<Brief>(options);
}

}  // namespace inlier
