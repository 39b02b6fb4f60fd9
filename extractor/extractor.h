#pragma once

#include <memory>
#include <string>

#include "core/features.h"
#include "core/image.h"
#include "core/options.h"
#include "core/result.h"

namespace inlier {

/// The local feature: detector and descriptor together.
enum class Method { kSift, kOrb };

Result<Method> ParseMethod(std::string_view name);
std::string_view MethodName(Method method);

/// What is extracted, and from what size. Part of a database's recipe: features of other options do
/// not compare.
struct ExtractorOptions {
  std::string method = "sift";
  int max_features = 1500;             // strongest kept
  int max_side_px = 800;               // larger images are reduced first
  int min_side_px = 400;               // images with a shorter long side are enlarged first
  double contrast_threshold = 0.01;    // SIFT: DoG extremum, of full scale
  double fast_threshold = 8;           // ORB: grey levels

  template <class Visitor>
  void Visit(Visitor&& visit) {
    visit(Field{"method", "sift or orb"}, method);
    visit(Field{"max_features", "strongest features kept of an image", 1, 20'000}, max_features);
    visit(Field{"max_side_px", "larger images are reduced to this long side", 16, 8'000}, max_side_px);
    visit(Field{"min_side_px", "smaller images are enlarged to this long side", 0, 8'000}, min_side_px);
    visit(Field{"contrast_threshold", "SIFT: weakest extremum kept, of full scale", 0, 1},
          contrast_threshold);
    visit(Field{"fast_threshold", "ORB: weakest corner kept, in grey levels", 0, 255}, fast_threshold);
  }
};

/// Finds and describes local features. Const and safe to call from many threads.
class Extractor {
 public:
  virtual ~Extractor() = default;

  /// Features of a colour or grey image, keypoints in its own pixels. An image without any is an
  /// empty set, not an error. The same image gives the same features, in the same order.
  Features Extract(const Image& image) const;

  /// Errors: kInvalidArgument naming the field.
  static Result<std::unique_ptr<Extractor>> Create(const ExtractorOptions& options);

 protected:
  explicit Extractor(ExtractorOptions options) : options_(std::move(options)) {}
  /// Describes a grey image of the working size, in pixels of that image.
  virtual Features ExtractGrey(const Image& grey) const = 0;
  ExtractorOptions options_;
};

}  // namespace inlier
