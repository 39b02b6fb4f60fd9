#include "engine/photo_asker.h"

#include <utility>

#include "core/image.h"
#include "engine/cached_view.h"
#include "engine/cancelled.h"
#include "engine/retrievals.h"
#include "engine/shift.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

// Part of an image that is in memory.
Status CheckWithin(const Image& photo, const PixelRegion& region) {
  if (photo.full_width_px == 0 && IsWithin(region, photo.width_px, photo.height_px)) return {};
  return Fail(ErrorCode::kInvalidArgument, "the region lies outside the picture");
}

}  // namespace

Result<PhotoAsker> PhotoAsker::Make(const EngineOptions& options, const DecodeLimits& limits) {
  PhotoAsker asker;
  asker.options_ = options;
  asker.limits_ = limits;
  INLIER_ASSIGN_OR_RETURN(asker.extractor_, CreateExtractor(options.extract));
  INLIER_ASSIGN_OR_RETURN(asker.retrieval_, MakeRetrieval(options));
  return asker;
}

Result<Answer> PhotoAsker::Ask(const Image& photo, const ReadRegion& read,
                               const QueryOptions& query, StageClock clock, Answer answer,
                               const WithView& with_view) const {
  if (photo.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  INLIER_RETURN_IF_ERROR(CheckCancelled(query));
  answer.photo_width_px = FullWidth_px(photo);
  answer.photo_height_px = FullHeight_px(photo);
  const Features features = extractor_->Extract(photo);
  answer.features = static_cast<int>(features.size());
  clock.Lap(answer, &Timings::extract_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(query));
  INLIER_RETURN_IF_ERROR(with_view(answer, [&](const CatalogueView& view) {
    return retrieval_->Find(CachedView(view),
                            {.photo = photo,
                             .features = features,
                             .query = query,
                             .extractor = *extractor_,
                             .read = read},
                            clock, answer);
  }));
  return answer;
}

Result<Answer> PhotoAsker::AskFile(std::span<const std::uint8_t> file, const QueryOptions& query,
                                   StageClock clock, const WithView& with_view) const {
  INLIER_ASSIGN_OR_RETURN(DecodedPicture photo, DecodePicture(file, decode_options(query.region)));
  Answer answer{.warnings = std::move(photo.warnings)};
  clock.Lap(answer, &Timings::decode_ms);
  // Where the photo was reduced while it was decoded, its bytes have more to show.
  const bool is_whole = photo.image.full_width_px == 0;
  const auto read = [&](PixelRegion region, int least_side_px) -> Result<Image> {
    if (is_whole) return Cut(photo.image, region);
    if (query.region) {
      region.left_px += query.region->left_px;
      region.top_px += query.region->top_px;
    }
    const DecodeOptions closer{.limits = limits_, .least_side_px = least_side_px, .region = region};
    INLIER_ASSIGN_OR_RETURN(DecodedPicture part, DecodePicture(file, closer));
    return std::move(part.image);
  };
  INLIER_ASSIGN_OR_RETURN(answer,
                          Ask(photo.image, read, query, clock, std::move(answer), with_view));
  if (query.region)
    for (Hit& hit : answer.hits) Shift(*query.region, hit);
  return answer;
}

Result<Answer> PhotoAsker::AskImage(const Image& photo, const QueryOptions& query,
                                    const WithView& with_view) const {
  if (query.region) {
    const PixelRegion& region = *query.region;
    INLIER_RETURN_IF_ERROR(CheckWithin(photo, region));
    QueryOptions of_part = query;
    of_part.region.reset();
    INLIER_ASSIGN_OR_RETURN(Answer answer, AskImage(Cut(photo, region), of_part, with_view));
    for (Hit& hit : answer.hits) Shift(region, hit);
    return answer;
  }
  const auto read = [&photo](const PixelRegion& region, int) -> Result<Image> {
    if (photo.full_width_px != 0)
      return Fail(ErrorCode::kBadImage,
                  "the image has been reduced, and the full picture is not there");
    return Cut(photo, region);
  };
  return Ask(photo, read, query, {}, {}, with_view);
}

}  // namespace inlier
