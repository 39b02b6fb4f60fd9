// Method `look`: what a thing looks like as a whole, without a network.
//
// A garment has no print that a local feature could hold on to, and a photo from behind shows
// another side of it, but its colours stay. The picture is reduced to a thumbnail, the plain
// background around the subject is taken away (background.h), the tint that the light gives to that
// background is taken out of the colours, and the subject's colours are counted
// (colour_histogram.h). The counts form one direction, which is stored, searched and filtered as
// the embeddings of method `deep` are. docs/adr/0019-look.md has what else was tried: a light that
// is estimated without a background, the colours of parts, and smoothing all find less.
#include "extractor/look.h"

#include <algorithm>
#include <optional>

#include "extractor/background.h"
#include "extractor/colour_histogram.h"

namespace inlier {
namespace {

constexpr int kSide_px = 96;         // of the thumbnail
constexpr int kMinDecoded_px = 256;  // the preview of an item is made of the same pixels

Image InColour(const Image& image) {
  if (image.channels == 3) return image;
  Image colour{image.width_px, image.height_px, 3, {}};
  colour.pixels.reserve(image.pixels.size() * 3);
  for (const std::uint8_t grey : image.pixels) colour.pixels.insert(colour.pixels.end(), 3, grey);
  return colour;
}

class Look final : public Extractor {
 public:
  explicit Look(const ExtractorOptions& options) : Extractor(options) {}

  int least_side_px() const override { return kMinDecoded_px; }

 private:
  Features ExtractColour(const Image& image) const override {
    Features features{.kind = DescriptorKind::kEmbedding,
                      .descriptor_bytes = static_cast<std::uint16_t>(kColourBins)};
    if (image.empty()) return features;
    const int side_px = std::max(image.width_px, image.height_px);
    const Image small = InColour(ResizeLongSide(image, std::min(side_px, kSide_px)));
    const std::optional<Background> background = FindBackground(small);
    const std::vector<float> histogram =
        background ? ColourHistogram(small, background->mask, background->colour)
                   : ColourHistogram(small, {}, {255, 255, 255});
    features.descriptors.resize(kColourBins);
    QuantiseDirection(histogram, features.descriptors.data());
    const Box box = WholeImage(image);
    features.keypoints.push_back(
        {.point = {(box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2},
         .size_px = static_cast<float>(side_px),
         .response = 1});
    features.regions.push_back(box);
    return features;
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeLook(const ExtractorOptions& options) {
  return std::make_unique<Look>(options);
}

}  // namespace inlier
