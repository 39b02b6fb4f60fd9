#pragma once

#include "core/features.h"
#include "core/image.h"
#include "inlier/options.h"

namespace inlier {

/// Finds and describes what an image is compared by: local features, or regions with an embedding
/// each. CreateExtractor (extractor/methods.h) makes one. All methods are const and may be called
/// from many threads at once.
class Extractor {
 public:
  virtual ~Extractor() = default;

  /// The long side that a picture needs to have: more pixels are of no use to this method, so it
  /// may be reduced to that while it is decoded. 0 means that every pixel counts.
  virtual int least_side_px() const { return options_.max_side_px; }
  /// True when the features say nothing about a picture that is turned far, so that it is worth
  /// looking at a photo in other turns as well.
  virtual bool upright() const { return false; }

  /// The features of a colour or grey image, with keypoints in pixels of the full picture. An
  /// image without any gives an empty set, not an error. The same image always gives the same
  /// features, in the same order: the first n of them are the best choice of n, since only the
  /// first ones of an item vote (MostVoters in index/item.h).
  Features Extract(const Image& image) const;
  /// The same for the picture of a catalogue's item. Local features do not differ, but an embedding
  /// describes only the whole picture, since parts of one item look like parts of others.
  Features ExtractItem(const Image& image) const;

 protected:
  explicit Extractor(ExtractorOptions options) : options_(std::move(options)) {}
  /// Makes the image grey, brings it to the working size and calls ExtractGrey. A method that needs
  /// colour overrides this one.
  virtual Features ExtractColour(const Image& image) const;
  virtual Features ExtractItemColour(const Image& image) const { return ExtractColour(image); }
  /// For a method that is made of others: the features that one part finds in an image, in pixels
  /// of the image as it is and not of the full picture.
  static Features ColourOf(const Extractor& part, const Image& image) {
    return part.ExtractColour(image);
  }
  static Features ItemColourOf(const Extractor& part, const Image& image) {
    return part.ExtractItemColour(image);
  }
  /// Describes a grey image of the working size, with keypoints in pixels of that image.
  virtual Features ExtractGrey(const Image&) const { return {}; }

  ExtractorOptions options_;
};

}  // namespace inlier
