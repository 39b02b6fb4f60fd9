#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "core/result.h"
#include "engine/catalogue_view.h"
#include "engine/retrieval.h"
#include "engine/second_look.h"
#include "engine/stage_clock.h"
#include "extractor/extractor.h"
#include "inlier/answer.h"
#include "inlier/image.h"
#include "inlier/options.h"
#include "inlier/query.h"

namespace inlier {

/// Asks a catalogue what a photo shows, wherever the catalogue lies: decodes the photo, extracts
/// its features, and hands them to the retrieval with a view of the catalogue. Safe to call from
/// many threads.
class PhotoAsker {
 public:
  /// Errors: of the extractor and of the retrieval.
  static Result<PhotoAsker> Make(const EngineOptions& options, const DecodeLimits& limits);

  /// Calls the function once with the view of a query, and notes in the answer which state of the
  /// catalogue that was. This is called when the features have been extracted.
  using WithView =
      std::function<Status(Answer&, const std::function<Status(const CatalogueView&)>&)>;

  /// The photo as the bytes of a file; `clock` was started before it was read. Errors: as
  /// Engine::Query.
  Result<Answer> AskFile(std::span<const std::uint8_t> file, const QueryOptions& query,
                         StageClock clock, const WithView& with_view) const;
  Result<Answer> AskImage(const Image& photo, const QueryOptions& query,
                          const WithView& with_view) const;

  const EngineOptions& options() const { return options_; }
  const DecodeLimits& limits() const { return limits_; }
  const Extractor& extractor() const { return *extractor_; }
  const Retrieval& retrieval() const { return *retrieval_; }
  DecodeOptions decode_options(const std::optional<PixelRegion>& region) const {
    return {.limits = limits_, .least_side_px = extractor_->least_side_px(), .region = region};
  }

 private:
  // `clock` and `answer` go on from the stages before.
  Result<Answer> Ask(const Image& photo, const ReadRegion& read, const QueryOptions& query,
                     StageClock clock, Answer answer, const WithView& with_view) const;

  EngineOptions options_;
  DecodeLimits limits_;
  std::unique_ptr<Extractor> extractor_;
  std::unique_ptr<Retrieval> retrieval_;
};

}  // namespace inlier
