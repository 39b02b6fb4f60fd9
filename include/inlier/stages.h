#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/features.h"
#include "inlier/image.h"
#include "inlier/item.h"
#include "inlier/options.h"

/// The stages of a query one by one, for those who want to look at one of them or to put a method
/// of their own in its place. A program that only wants answers needs Engine and nothing else.
/// Everything here may be called from many threads at once, unless it says otherwise.
namespace inlier {

/// The features of an image, with keypoints in pixels of the full picture. An image without any
/// gives an empty set. Errors: kBadImage (no pixels), kInvalidArgument (no such method).
INLIER_EXPORT Result<Features> ExtractFeatures(const Image& image,
                                               const ExtractorOptions& options = {});

/// What a database calls the pixels of a picture: equal for two pictures whose decoded pixels are
/// equal, whatever their files are like, and those share a face. `options` are those of the
/// database, since its method decides at what size a picture is decoded. No feature is extracted.
/// Errors: kBadImage, kNotFound, kIo; kInvalidArgument (no such method).
INLIER_EXPORT Result<std::string> PixelHashOf(const Picture& picture,
                                              const ExtractorOptions& options = {},
                                              const DecodeLimits& limits = {});

/// Mutual nearest neighbours that pass the ratio test, in the order of the photo's features. There
/// are none when either side is empty. Errors: kInvalidArgument (embeddings, descriptors of
/// different kinds or sizes, arrays of different lengths).
INLIER_EXPORT Result<std::vector<FeatureMatch>> MatchFeatures(const Features& photo,
                                                              const Features& item,
                                                              const MatcherOptions& options = {});

/// The homography that most of the matches agree with, or nothing when there is no plausible one.
/// Of the features only the keypoints and the sizes of the images are read, so they may come from
/// elsewhere; sizes and orientations of keypoints are needed, since every match proposes a
/// similarity. Errors: kInvalidArgument (a match of a feature that is not there, an image without a
/// size).
INLIER_EXPORT Result<std::optional<Geometry>> VerifyMatches(const Features& photo,
                                                            const Features& item,
                                                            std::span<const FeatureMatch> matches,
                                                            const MatcherOptions& options = {});

/// A vocabulary of visual words (cells), into which descriptors of bytes or bits fall. It never
/// changes once it is there, and copies share it.
class INLIER_EXPORT FeatureVocabulary {
 public:
  /// Learns `cells` cells from descriptors by k-means on two levels; fewer when there are not so
  /// many different rows. The same features and seed give the same vocabulary for any number of
  /// threads. Errors: kInvalidArgument (no features, embeddings, rows of different kinds or sizes,
  /// less than one cell).
  static Result<FeatureVocabulary> Train(std::span<const Features* const> features, int cells,
                                         std::uint32_t seed = 20, int threads = 1);
  /// Errors: kNotFound, kIo, kCorrupt, kIncompatible.
  static Result<FeatureVocabulary> Load(const std::filesystem::path& file);
  /// Errors: kIo, kDiskFull.
  Status Save(const std::filesystem::path& file) const;

  int cells() const;
  /// The `probes` nearest cells of each feature, nearest first, n × probes; −1 in place of cells
  /// that are much farther than the nearest. Errors: kInvalidArgument (rows of another shape).
  Result<std::vector<std::int32_t>> Assign(const Features& features, int probes = 1) const;

 private:
  friend class FeatureIndex;
  struct INLIER_HIDDEN State;
  explicit FeatureVocabulary(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

/// A face of a FeatureIndex, and the votes that a photo's features gave it.
struct FaceVotes {
  std::uint32_t face = 0;  // counts from 0, in the order in which they were added
  float votes = 0;         // weighted, corrected for the number of the face's features
};

/// Only the shortlist of a database, in memory: faces are added, and a photo's features vote for
/// them (see Engine::Query). Search may be called from many threads at once, Add from one while
/// nobody searches.
class INLIER_EXPORT FeatureIndex {
 public:
  explicit FeatureIndex(const FeatureVocabulary& vocabulary);
  FeatureIndex(FeatureIndex&&) noexcept;
  FeatureIndex& operator=(FeatureIndex&&) noexcept;
  ~FeatureIndex();

  /// Adds the features of one picture and returns its number. Errors: kInvalidArgument (rows of
  /// another shape than those that the vocabulary was trained on).
  Result<std::uint32_t> Add(const Features& features);
  std::uint32_t size() const;
  /// The `count` faces with the most votes, best first, ties by number. Errors: kInvalidArgument.
  Result<std::vector<FaceVotes>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options = {}) const;

 private:
  struct INLIER_HIDDEN State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier
