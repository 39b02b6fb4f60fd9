#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/options.h"
#include "core/result.h"

namespace inlier {

/// The local features that can be asked for, detector and descriptor together, by the name that
/// ExtractorOptions::method takes.
std::vector<std::string> MethodNames();

/// What is extracted, and from what size. Part of a database's recipe: features of other options do
/// not compare.
struct ExtractorOptions {
  std::string method = "sift";
  int max_features = 1500;             // strongest kept
  int max_side_px = 800;               // larger images are reduced first
  int min_side_px = 400;               // images with a shorter long side are enlarged first
  double contrast_threshold = 0.01;    // SIFT: DoG extremum, of full scale
  double hessian_threshold = 0.00005;  // SURF: determinant, of full scale squared
  bool surf_upright = false;           // SURF: no orientation (U-SURF)
  bool surf_extended = false;          // SURF: 128 numbers in place of 64
  double fast_threshold = 8;           // ORB, BRIEF: grey levels
  bool brief_steered = false;          // BRIEF: tests turned with the keypoint
  std::string deep_model;              // deep: configuration file; empty: NanoDet-g
  std::string deep_projection;  // deep: file of `inlier learn`; empty: the embedding as it comes

  template <class Visitor>
  void Visit(Visitor&& visit) {
    visit(Field{"method", "sift, surf, orb, brief or deep"}, method);
    visit(Field{"max_features", "strongest features kept of an image", 1, 20'000}, max_features);
    visit(Field{"max_side_px", "larger images are reduced to this long side", 16, 8'000},
          max_side_px);
    visit(Field{"min_side_px", "smaller images are enlarged to this long side", 0, 8'000},
          min_side_px);
    visit(Field{"contrast_threshold", "SIFT: weakest extremum kept, of full scale", 0, 1, "sift"},
          contrast_threshold);
    visit(
        Field{"hessian_threshold",
              "SURF: weakest determinant of the Hessian kept, of full scale squared", 0, 1, "surf"},
        hessian_threshold);
    visit(Field{.name = "surf_upright",
                .help = "SURF: no orientation; for photos that are never turned",
                .only = "surf"},
          surf_upright);
    visit(Field{.name = "surf_extended",
                .help = "SURF: rows of 128 bytes in place of 64",
                .only = "surf"},
          surf_extended);
    visit(Field{"fast_threshold", "ORB, BRIEF: weakest corner kept, in grey levels", 0, 255,
                "orb,brief"},
          fast_threshold);
    visit(Field{.name = "brief_steered",
                .help = "BRIEF: turn the tests with the keypoint",
                .only = "brief"},
          brief_steered);
    visit(Field{.name = "deep_model",
                .help = "deep: file that names detector and embedding; empty: NanoDet-g",
                .only = "deep"},
          deep_model);
    visit(Field{.name = "deep_projection",
                .help = "deep: file that 'inlier learn' made; empty: the embedding as it comes",
                .only = "deep"},
          deep_projection);
  }
};

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
