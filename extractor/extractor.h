#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "inlier/options.h"

namespace inlier {

/// The local features that can be asked for, detector and descriptor together, by the name that
/// ExtractorOptions::method takes.
std::vector<std::string> MethodNames();

/// Finds and describes what an image is compared by: local features, or regions with an embedding
/// each. Const and safe to call from many threads.
class Extractor {
 public:
  virtual ~Extractor() = default;

  /// Features of a colour or grey image, keypoints in its own pixels. An image without any is an
  /// empty set, not an error. The same image gives the same features, in the same order.
  Features Extract(const Image& image) const;
  /// The same of a catalogue's picture. Local features are alike; of an embedding's regions only
  /// the whole image is described, since parts of one item look like parts of others.
  Features ExtractItem(const Image& image) const;

  /// Errors: kInvalidArgument naming the field.
  static Result<std::unique_ptr<Extractor>> Create(const ExtractorOptions& options);

 protected:
  explicit Extractor(ExtractorOptions options) : options_(std::move(options)) {}
  /// Local features leave this as it is: it makes the image grey and brings it to the working size.
  virtual Features ExtractColour(const Image& image) const;
  virtual Features ExtractItemColour(const Image& image) const { return ExtractColour(image); }
  /// Describes a grey image of the working size, in pixels of that image.
  virtual Features ExtractGrey(const Image&) const { return {}; }
  ExtractorOptions options_;
};

/// Adds a method of the caller's own, before any thread asks for extractors; a name that is there
/// stays.
using MakeExtractor = std::function<Result<std::unique_ptr<Extractor>>(const ExtractorOptions&)>;
void AddMethod(std::string name, MakeExtractor make);

}  // namespace inlier
