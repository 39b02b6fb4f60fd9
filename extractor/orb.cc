// ORB: Rublee et al., ICCV 2011. Oriented FAST corners in a pyramid, described by 256 learnt tests
// that turn with the corner. binary_features.h does the work; here are its pattern and options.
#include "extractor/orb.h"

#include "extractor/binary_features.h"
#include "extractor/corner_measures.h"
#include "extractor/orb_pattern.h"

namespace inlier {
namespace {

class Orb final : public Extractor {
 public:
  explicit Orb(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    static const BinaryTests tests(kOrbPattern, kTurns);
    BinaryOptions options;
    options.corners.max_corners = options_.max_features;
    options.corners.threshold = static_cast<int>(options_.fast_threshold);
    return ExtractBinary(grey, tests, options);
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeOrb(const ExtractorOptions& options) {
  return std::make_unique<Orb>(options);
}

}  // namespace inlier
