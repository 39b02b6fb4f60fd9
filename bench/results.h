#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/costs.h"
#include "bench/metrics.h"

namespace inlier {

/// A list of names with a value each, in the order in which they are written.
template <class Value>
using ByName = std::vector<std::pair<std::string, Value>>;

/// A mean over photos with its 95 % interval.
struct MeanFigure {
  double mean = 0;
  Interval interval;
};

/// How well the photos of a dataset are answered in one gallery.
struct RankFigures {
  std::size_t photos = 0;
  MeanFigure first_hit;
  MeanFigure recall_at_10;
  MeanFigure average_precision;
  double average_precision_at_5 = 0;
};

/// How a method answers photos whose item is not in the gallery.
struct NothingFigures {
  std::size_t photos = 0;
  double wrong = 0;  // share of them in which something is accepted that they do not show
  std::vector<DetectionError> detection_errors;
};

/// All figures of one method on one dataset, or on all photos together.
struct DatasetFigures {
  RankFigures ranks;
  bool in_joint_gallery = true;  // false: `ranks` are of the dataset's own gallery
  std::optional<double> top_4;   // UKBench alone
  double listed = 0;             // share whose own item is among the items kept
  MeanFigure accepted;           // share whose own item is accepted
  std::optional<NothingFigures> nothing;
  double query_ms = 0;      // medians; wall clock
  double query_cpu_ms = 0;  // of the calling thread, as the stages below
  double decode_ms = 0;
  double extract_ms = 0;
  double shortlist_ms = 0;
  double verify_ms = 0;
  int failed = 0;  // queries
  std::optional<RankFigures> own_gallery;
};

/// The first hits of one method against those of another on the same photos.
struct PairedDifference {
  double first_hit = 0;
  std::string better_part;  // the method that it is compared with
  double first_hit_of_part = 0;
  double difference = 0;  // first_hit − first_hit_of_part
  Interval interval;      // 95 %, of the difference
  bool not_worse() const { return interval.high >= 0; }
};

/// How far a method lies behind the one with the most first hits.
struct BehindBest {
  std::string best;
  double behind = 0;
  Interval interval;
};

/// What index voting loses against exact voting on some photos of a dataset.
struct IndexLoss {
  int photos = 0;
  double voted_first_in_100 = 0;  // the item with the most exact votes is in the index's first 100
  double voted_first_is_right = 0;
  int right_not_in_100 = 0;  // photos whose right item has the most exact votes and is not there
  double first_hit_exact = 0;
  double first_hit_index = 0;
  double cpu_ms = 0;  // of exact voting, the median
};

/// One method over the severities of one corruption.
struct SeverityCurve {
  std::vector<MeanFigure> first_hit;
  std::vector<MeanFigure> found;           // share of the items in a photo that are accepted
  std::vector<std::optional<double>> iou;  // of the outlines of found items; absent without any
  std::vector<double> wrong;  // share of the photos in which an item is accepted that is not there
};

struct CorruptionFigures {
  std::string unit;
  std::string meaning;
  std::vector<double> severities;
  std::size_t scenes_per_severity = 0;
  std::vector<std::string> pictures;  // files below OUT, one for each severity
  ByName<SeverityCurve> methods;
};

/// The picture of an answer, for the page.
struct DrawnAnswer {
  std::string method;
  std::string dataset;
  bool right = false;
  std::string file;   // below OUT
  std::string photo;  // name of its file
  std::string named;  // the item that the method lists first
  std::string own;    // the item that the photo shows
  bool accepted = false;
  double probability = 0;
  int inliers = 0;
};

struct RunInfo {
  std::string version;
  std::string commit;
  std::string date;
  std::string machine;
  int threads = 0;
  std::string command;
  std::string data_hash;
  double seconds = 0;
};

struct DatasetSize {
  std::size_t items = 0;
  std::size_t photos = 0;
};

/// Everything that a run of the bench has measured. docs/EVALUATION.md defines the figures.
struct BenchResults {
  ByName<ByName<DatasetFigures>> methods;          // by method and dataset; "joint" is all photos
  ByName<MethodCosts> costs;                       // by method
  ByName<std::string> options;                     // by method; JSON
  ByName<PairedDifference> hybrid;                 // by dataset: against its parts
  ByName<BehindBest> against_best;                 // by method
  ByName<std::map<std::string, IndexLoss>> exact;  // by method and dataset
  ByName<ByName<CorruptionFigures>> corrupted;     // by dataset and corruption
  std::optional<std::vector<DrawnAnswer>> pictures;
  ByName<DatasetSize> datasets;
  DatasetSize gallery;
  RunInfo run;
};

}  // namespace inlier
