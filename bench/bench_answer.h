#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bench/costs.h"
#include "bench/metrics.h"
#include "inlier/answer.h"

namespace inlier {

/// The gallery in which a photo is searched.
enum class Setting {
  kJoint,    // all catalogues together
  kLeftOut,  // the same without the items of the photo: "not in the catalogue" is right
  kOwn,      // the catalogue of the photo's own dataset alone
};
constexpr std::array<const char*, 3> kSettingNames = {"joint", "left_out", "own"};

/// The part of a Hit that the figures are computed from.
struct RankedItem {
  std::string id;
  double score = 0;        // as Hit::score
  double probability = 0;  // as Hit::probability
  bool accepted = false;
  int inliers = 0;
  std::vector<Point> outline;  // empty when no place was found, or when it was not kept
};

struct BenchAnswer {
  std::vector<RankedItem> items;  // best first
  double wall_ms = 0;             // of the whole query, decoding included
  Timings cpu;                    // CPU time of the calling thread
  std::string error;              // empty unless the query failed

  Ranking ranking() const;
};

/// Outlines are kept of accepted items and of the ten best.
BenchAnswer ToBenchAnswer(const Answer& answer);

/// The answers of one method to all photos of a gallery.
struct MethodAnswers {
  /// By Setting; absent where the method was not asked.
  using OfPhoto = std::array<std::optional<BenchAnswer>, 3>;
  std::vector<OfPhoto> photos;  // as in Gallery::photos
  MethodCosts costs;
};

}  // namespace inlier
