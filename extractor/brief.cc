#include "extractor/binary_features.h"
#include "extractor/corner_measures.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

constexpr double kSigma_px = kPatch_px / 5.0;  // the paper's best
constexpr std::uint64_t kSeed = 2010;

const BinaryTests& Tests(bool steered) {
  static const BinaryTests upright(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), 1);
  static const BinaryTests turned(DrawGaussianPattern(kSigma_px, kReach_px, kSeed), kTurns);
  return steered ? turned : upright;
}

// An upright keypoint keeps the orientation that the centroid gives: it still tells true matches from others.
class Brief final : public Extractor {
 public:
  explicit Brief(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    BinaryOptions options;
    options.corners.max_corners = options_.max_features;
    options.corners.threshold = static_cast<int>(options_.fast_threshold);
    return ExtractBinary(grey, Tests(options_.brief_steered), options);
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeBrief(const ExtractorOptions& options) { return std::make_unique<Brief>(options); }

}  // namespace inlier
