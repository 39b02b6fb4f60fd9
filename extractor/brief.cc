// BRIEF: Calonder et al., ECCV 2010. FAST corners in a pyramid, described by 256 tests that are
// drawn at random. binary_features.h does the work; here are its pattern and options.
#include "extractor/brief.h"

#include "extractor/binary_features.h"
#include "extractor/corner_measures.h"

namespace inlier {
namespace {

constexpr double kSigma_px = kPatch_px / 5.0;  // the best one in the paper, §3.2
constexpr std::uint64_t kSeed = 2010;

const BinaryTests& Tests(bool steered) {
  static const BinaryTests upright(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), 1);
  static const BinaryTests turned(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), kTurns);
  return steered ? turned : upright;
}

// When the tests stay upright, keypoints have the angle 0. A measured angle would be right on
// average, but it scatters, and the stages that compare orientations would lose matches that
// upright tests have found.
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
