#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/metrics.h"
#include "core/result.h"
#include "inlier/engine.h"

namespace inlier {

/// In which gallery a photo is asked for.
enum class Asked {
  kJoint,    // all catalogues together
  kLeftOut,  // the same without what the photo shows: the right answer is "not in the catalogue"
  kOwn,      // the photo's own dataset alone
};
constexpr std::array<const char*, 3> kAskedNames = {"joint", "left_out", "own"};

/// An item of an answer, as much of it as figures need.
struct RankedItem {
  std::string id;
  double score = 0;        // as Hit::score
  double probability = 0;  // as Hit::probability
  bool accepted = false;
  int inliers = 0;
  std::vector<Point> outline;  // empty: no place, or beyond those that are kept
};

struct BenchAnswer {
  std::vector<RankedItem> items;  // best first
  double wall_ms = 0;             // of the whole query, decoding included
  Timings cpu;                    // total_ms: of the calling thread
  std::string error;              // empty: it was answered

  Ranking ranking() const;
};
BenchAnswer ToBenchAnswer(const Answer& answer);

/// What one method said to every photo of a gallery; nothing where it was not asked.
struct MethodAnswers {
  using OfPhoto = std::array<std::optional<BenchAnswer>, 3>;  // by Asked
  std::vector<OfPhoto> photos;
  std::string costs = "{}";  // JSON: building, opening, sizes
};

/// Answers are kept so that a run that was stopped goes on where it was. `fingerprint` says what
/// they are answers to; of another one they are as good as absent.
Status WriteAnswers(const std::filesystem::path& path, const std::string& fingerprint,
                    const MethodAnswers& answers);
std::optional<MethodAnswers> ReadAnswers(const std::filesystem::path& path,
                                         const std::string& fingerprint);

}  // namespace inlier
