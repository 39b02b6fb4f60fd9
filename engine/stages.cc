#include "inlier/stages.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/all_methods.h"
#include "engine/picture_maker.h"
#include "engine/threads.h"
#include "extractor/methods.h"
#include "index/vocabulary_file.h"
#include "index/vote_index.h"
#include "matcher/matcher.h"

namespace inlier {
namespace {

Status CheckRows(const Features& features, const char* side) {
  if (features.size() == 0 || AreLocalFeatures(features)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: {} keypoints with descriptors that cannot be compared: wanted are "
                          "rows of at least 64 bytes or of whole words of bits, one a keypoint",
                          side, features.size()));
}

Status CheckSize(const Features& features, const char* side) {
  if (features.image_width_px > 0 && features.image_height_px > 0) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: the size of its image is 0", side));
}

}  // namespace

Result<Features> ExtractFeatures(const Image& image, const ExtractorOptions& options) {
  if (image.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  UseSingleThreadedLibraries();
  AddAllMethods();
  INLIER_RETURN_IF_ERROR(Validate({.extract = options}));
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor(options));
  return extractor->Extract(image);
}

Result<std::string> PixelHashOf(const Picture& picture, const ExtractorOptions& options,
                                const DecodeLimits& limits) {
  AddAllMethods();
  INLIER_RETURN_IF_ERROR(Validate({.extract = options}));
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor(options));
  return PictureMaker(*extractor, limits).PixelHash(picture);
}

Result<std::vector<FeatureMatch>> MatchFeatures(const Features& photo, const Features& item,
                                                const MatcherOptions& options) {
  INLIER_RETURN_IF_ERROR(Validate({.match = options}));
  INLIER_RETURN_IF_ERROR(CheckRows(photo, "photo"));
  INLIER_RETURN_IF_ERROR(CheckRows(item, "item"));
  if (photo.size() == 0 || item.size() == 0) return std::vector<FeatureMatch>();
  if (photo.kind != item.kind || photo.descriptor_bytes != item.descriptor_bytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("descriptors of different shapes: {} bytes and {} bytes",
                            photo.descriptor_bytes, item.descriptor_bytes));
  }
  return PhotoMatcher(photo, options).Match(item);
}

Result<std::optional<Geometry>> VerifyMatches(const Features& photo, const Features& item,
                                              std::span<const FeatureMatch> matches,
                                              const MatcherOptions& options) {
  INLIER_RETURN_IF_ERROR(Validate({.match = options}));
  INLIER_RETURN_IF_ERROR(CheckSize(photo, "photo"));
  INLIER_RETURN_IF_ERROR(CheckSize(item, "item"));
  UseSingleThreadedLibraries();
  for (const FeatureMatch& match : matches) {
    if (match.photo >= photo.size() || match.item >= item.size()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("a match of feature {} of the photo, which has {}, and {} of the "
                              "item, which has {}",
                              match.photo, photo.size(), match.item, item.size()));
    }
  }
  return PhotoMatcher(photo, options).Verify(item, {matches.begin(), matches.end()});
}

struct FeatureVocabulary::State {
  std::shared_ptr<const Vocabulary> vocabulary;
};

FeatureVocabulary::FeatureVocabulary(std::shared_ptr<const State> state)
    : state_(std::move(state)) {}

Result<FeatureVocabulary> FeatureVocabulary::Train(std::span<const Features* const> features,
                                                   int cells, std::uint32_t seed, int threads) {
  UseSingleThreadedLibraries();
  INLIER_ASSIGN_OR_RETURN(auto vocabulary, TrainOn(features, cells, seed, threads));
  return FeatureVocabulary(std::make_shared<const State>(State{std::move(vocabulary)}));
}

Result<FeatureVocabulary> FeatureVocabulary::Load(const std::filesystem::path& file) {
  INLIER_ASSIGN_OR_RETURN(auto vocabulary, ReadVocabulary(file));
  return FeatureVocabulary(std::make_shared<const State>(State{std::move(vocabulary)}));
}

Status FeatureVocabulary::Save(const std::filesystem::path& file) const {
  return WriteVocabulary(file, *state_->vocabulary);
}

int FeatureVocabulary::cells() const { return state_->vocabulary->cells(); }

Result<std::vector<std::int32_t>> FeatureVocabulary::Assign(const Features& features,
                                                            int probes) const {
  if (features.size() == 0) return std::vector<std::int32_t>();
  if (probes < 1 || probes > cells()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("probes has to be from 1 to {}, the number of cells", cells()));
  }
  INLIER_RETURN_IF_ERROR(CheckRows(features, "features"));
  if (!state_->vocabulary->Fits(features)) {
    return Fail(ErrorCode::kInvalidArgument,
                "the descriptors have another shape than those that the vocabulary was trained on");
  }
  return state_->vocabulary->Assign(features, probes).cells;
}

struct FeatureIndex::State {
  VoteIndex index;
};

FeatureIndex::FeatureIndex(const FeatureVocabulary& vocabulary)
    : state_(std::make_unique<State>(State{VoteIndex(vocabulary.state_->vocabulary)})) {}
FeatureIndex::FeatureIndex(FeatureIndex&&) noexcept = default;
FeatureIndex& FeatureIndex::operator=(FeatureIndex&&) noexcept = default;
FeatureIndex::~FeatureIndex() = default;

Result<std::uint32_t> FeatureIndex::Add(const Features& features) {
  return state_->index.Add(features);
}

std::uint32_t FeatureIndex::size() const { return state_->index.size(); }

Result<std::vector<FaceVotes>> FeatureIndex::Search(const Features& photo, int count,
                                                    const ShortlistOptions& options) const {
  INLIER_RETURN_IF_ERROR(Validate({.shortlist = options}));
  INLIER_ASSIGN_OR_RETURN(const auto candidates, state_->index.Search(photo, count, options));
  std::vector<FaceVotes> faces;
  for (const Candidate& candidate : candidates)
    faces.push_back({candidate.number, candidate.votes});
  return faces;
}

}  // namespace inlier
