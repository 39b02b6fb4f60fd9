#pragma once

#include <cstdint>
#include <optional>

#include "inlier/catalogue.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/options.h"

namespace inlier {

/// What a catalogue will need, reckoned from its size. Bytes follow from the layout on disk and in
/// memory (docs/FORMAT.md) and are within a few percent; times are of one kind of machine and are a
/// guide.
struct Plan {
  std::uint64_t items = 0;
  double features_per_item = 0;
  double extract_ms_per_item = 0;  // decoding and extraction, one thread
  bool sampled = false;            // the two above come from images of the catalogue itself
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t memory_bytes = 0;  // of the index, to answer photos
  std::uint64_t build_memory_bytes =
      0;                         // while the index is trained anew: the old one is still there
  std::uint64_t disk_bytes = 0;  // of the database
  std::uint64_t build_disk_bytes = 0;  // while a generation is written
  double build_s = 0;                  // on so many threads
};

/// `sample`: a catalogue like the one to come; some of its images are extracted. Without it the
/// figures are those of the photos in docs/EVALUATION.md. Errors: kInvalidArgument (no items, no
/// such method), kBadImage (none of the sampled images can be read).
INLIER_EXPORT Result<Plan> MakePlan(std::uint64_t items, const ExtractorOptions& options,
                                    int threads,
                                    const std::optional<Catalogue>& sample = std::nullopt);

}  // namespace inlier
