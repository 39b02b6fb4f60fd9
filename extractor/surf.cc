// SURF: Bay et al., CVIU 2008. box_hessian.h finds blobs in an integral image, octave by octave;
// one blob at each place stays (Strongest). haar_descriptor.h gives each an orientation and a
// descriptor, which becomes a row of bytes (ToBytes).
#include "extractor/surf.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <tuple>
#include <vector>

#include "extractor/box_hessian.h"
#include "extractor/haar_descriptor.h"
#include "extractor/integral_image.h"

namespace inlier {
namespace {

// Bay et al., CVIU 2008, §3.3. Filters grow by 6 px in the first octave and twice as fast in each
// further one. Octaves overlap, so that no scale is left out.
constexpr BoxOctave kOctaves[] = {
    {.step_px = 1, .sizes_px = {9, 15, 21, 27}},
    {.step_px = 2, .sizes_px = {15, 27, 39, 51}},
    {.step_px = 4, .sizes_px = {27, 51, 75, 99}},
    {.step_px = 8, .sizes_px = {51, 99, 147, 195}},
};

// Two octaves may find the same blob at nearly the same place and scale, and equal determinants
// side by side are refined to the same place. Their nearly equal descriptors would rule each other
// out in the ratio test.
constexpr float kSamePlace = 1.0f;  // of sigma
constexpr float kSameScale = 1.5f;

constexpr std::size_t kKeptBytes = 8 << 20;  // of a thread: images to about 2 megapixels

// Rows have unit length before they become bytes, and entries are rarely above 0.4.
constexpr float kByteScale = 320.0f;

bool SamePlace(const Blob& a, const Blob& b) {
  const float dx = a.x_px - b.x_px, dy = a.y_px - b.y_px;
  const auto [fine_px, coarse_px] = std::minmax(a.sigma_px, b.sigma_px);
  const float near = kSamePlace * fine_px;
  return dx * dx + dy * dy < near * near && coarse_px < kSameScale * fine_px;
}

// The strongest blobs of the image, strongest first, and only one at each place.
std::vector<Blob> Strongest(std::vector<Blob> blobs, const IntegralImage& image,
                            std::size_t budget) {
  const auto key = [](const Blob& b) {
    return std::tuple(-b.response, b.y_px, b.x_px, b.sigma_px);
  };
  std::sort(blobs.begin(), blobs.end(),
            [&key](const Blob& a, const Blob& b) { return key(a) < key(b); });
  // The blobs that are kept are in chains, one for each cell of a grid. A cell is wider than the
  // largest sigma, so blobs at the same place are in the same or in neighbouring cells.
  constexpr float kCell_px = 32;
  constexpr int kNone = -1;
  const auto cell = [](float at_px) { return static_cast<int>(at_px / kCell_px) + 1; };
  const int columns = cell(static_cast<float>(image.width_px())) + 2;
  const int rows = cell(static_cast<float>(image.height_px())) + 2;
  std::vector<int> last(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), kNone);
  std::vector<int> before;
  std::vector<Blob> kept;
  for (const Blob& blob : blobs) {
    if (kept.size() == budget) break;
    const int cx = cell(blob.x_px), cy = cell(blob.y_px);
    const auto chain = [&](int x, int y) -> int& {
      return last[static_cast<std::size_t>(y * columns + x)];
    };
    bool known = false;
    for (int y = cy - 1; y <= cy + 1; ++y) {
      for (int x = cx - 1; x <= cx + 1; ++x) {
        for (int i = chain(x, y); i != kNone && !known; i = before[static_cast<std::size_t>(i)]) {
          known = SamePlace(kept[static_cast<std::size_t>(i)], blob);
        }
      }
    }
    if (known) continue;
    before.push_back(chain(cx, cy));
    chain(cx, cy) = static_cast<int>(kept.size());
    kept.push_back(blob);
  }
  return kept;
}

// The sums of dx and dy are centred at 128, those of |dx| and |dy| begin at 0. This does no harm,
// since only differences between rows count.
void ToBytes(std::span<const float> sums, std::uint8_t* out) {
  float squares = 0;
  for (const float v : sums) squares += v * v;
  const float scale = squares > 0 ? kByteScale / std::sqrt(squares) : 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const float zero = i % 2 == 0 ? 128.5f : 0.5f;
    out[i] = static_cast<std::uint8_t>(std::clamp(sums[i] * scale + zero, 0.0f, 255.0f));
  }
}

class Surf final : public Extractor {
 public:
  explicit Surf(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    // Kept from image to image, since fresh pages of memory cost more than the sums.
    thread_local IntegralImage image;
    image.Assign(grey);
    Features features = ExtractSums(image);
    if (image.bytes() > kKeptBytes) image = {};
    return features;
  }

  Features ExtractSums(const IntegralImage& image) const {
    const std::size_t dims = options_.surf_extended ? 128 : 64;
    Features features{.kind = DescriptorKind::kBytes,
                      .descriptor_bytes = static_cast<std::uint16_t>(dims)};
    std::vector<Blob> blobs;
    for (const BoxOctave& octave : kOctaves) {
      const auto found = FindBlobs(image, octave, static_cast<float>(options_.hessian_threshold));
      blobs.insert(blobs.end(), found.begin(), found.end());
    }
    blobs = Strongest(std::move(blobs), image, static_cast<std::size_t>(options_.max_features));

    features.keypoints.reserve(blobs.size());
    features.descriptors.resize(blobs.size() * dims);
    for (const Blob& blob : blobs) {
      const Direction right = options_.surf_upright ? Direction{} : DominantDirection(image, blob);
      std::uint8_t* row = &features.descriptors[features.size() * dims];
      if (options_.surf_extended) {
        ToBytes(ExtendedHaarSums(image, blob, right), row);
      } else {
        ToBytes(HaarSums(image, blob, right), row);
      }
      features.keypoints.push_back(ToKeypoint(blob, right));
    }
    return features;
  }

  // The size is two standard deviations of the Gaussian that the filter stands for, as for SIFT.
  static Keypoint ToKeypoint(const Blob& blob, Direction right) {
    constexpr float kTurn = 2 * std::numbers::pi_v<float>;
    // In double: the library's float functions differ from machine to machine in the last bit.
    auto angle_rad = static_cast<float>(
        std::atan2(static_cast<double>(right.sine), static_cast<double>(right.cosine)));
    if (angle_rad < 0) angle_rad += kTurn;
    return {.point = {blob.x_px, blob.y_px},
            .size_px = 2 * blob.sigma_px,
            .angle_rad = angle_rad < kTurn ? angle_rad : 0,
            .response = blob.bright ? -blob.response : blob.response};
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeSurf(const ExtractorOptions& options) {
  return std::make_unique<Surf>(options);
}

}  // namespace inlier
