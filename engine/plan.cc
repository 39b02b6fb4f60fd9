#include "inlier/plan.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "core/clock.h"
#include "core/image.h"
#include "deep/deep.h"
#include "engine/preview.h"
#include "index/collection.h"

namespace inlier {
namespace {

constexpr std::size_t kSampled = 32;  // images
// Of the joint gallery of docs/EVALUATION.md, decoding and preview included: features and
// milliseconds an item by method, one thread of the machine that is named there.
struct Usual {
  double features, extract_ms;
};
const std::map<std::string, Usual> kUsual = {
    {"sift", {1340, 16}}, {"surf", {850, 8}}, {"orb", {1490, 13}}, {"brief", {1490, 13}}};
constexpr double kStoredKeypoint_bytes = 20;
constexpr double kRecordAndPreview_bytes = 4500;
constexpr double kDistance_ns = 4;  // of a row to a centroid of the cells
constexpr double kIterations = 10;  // of k-means
constexpr double kWrite_bytes_per_s = 100e6;

// Features and milliseconds an item, over images that are spread evenly.
Result<Usual> Measure(const Catalogue& catalogue, const Extractor& extractor) {
  const std::size_t count = std::min(kSampled, catalogue.entries.size());
  Usual sum{};
  double read = 0;
  Error last{ErrorCode::kBadImage, "the catalogue has no items"};
  for (std::size_t i = 0; i < count; ++i) {
    const double start = ThreadCpu_ms();
    const auto image = ReadImage(catalogue.entries[i * catalogue.entries.size() / count].image);
    if (!image) {
      last = image.error();
      continue;
    }
    const Features features = extractor.ExtractItem(*image);
    static_cast<void>(MakePreview(*image));
    sum.extract_ms += ThreadCpu_ms() - start;
    sum.features += static_cast<double>(features.size());
    ++read;
  }
  if (read == 0) return tl::unexpected(last);
  return Usual{sum.features / read, sum.extract_ms / read};
}

bool IsMethod(const std::string& name) {
  const std::vector<std::string> names = MethodNames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Plan> MakePlan(std::uint64_t items, const ExtractorOptions& options, int threads,
                      const std::optional<Catalogue>& sample) {
  if (items == 0) return Fail(ErrorCode::kInvalidArgument, "a plan for no items");
  AddDeepMethod();
  const auto usual = kUsual.find(options.method);
  if (!sample && usual == kUsual.end() && IsMethod(options.method)) {
    // Said before the extractor is made, so that a build without ONNX Runtime gives the same
    // answer.
    return Fail(ErrorCode::kInvalidArgument, "there are no usual figures for method '" +
                                                 options.method +
                                                 "': its plan needs a catalogue to measure");
  }
  INLIER_ASSIGN_OR_RETURN(const auto extractor, Extractor::Create(options));
  Plan plan{.items = items, .sampled = sample.has_value()};
  if (sample) {
    INLIER_ASSIGN_OR_RETURN(const Usual measured, Measure(*sample, *extractor));
    plan.features_per_item = measured.features;
    plan.extract_ms_per_item = measured.extract_ms;
  } else {
    plan.features_per_item = std::min<double>(usual->second.features, options.max_features);
    plan.extract_ms_per_item = usual->second.extract_ms;
  }
  const double n = static_cast<double>(items), features = n * plan.features_per_item;
  // The kind and length of a row is the extractor's own matter; an image without features tells it
  // too.
  const Features shape = extractor->Extract({.width_px = 64,
                                             .height_px = 64,
                                             .channels = 1,
                                             .pixels = std::vector<std::uint8_t>(64 * 64)});
  const IndexSize index =
      SizeOfIndex(items, static_cast<std::uint64_t>(features), shape.kind, shape.descriptor_bytes);
  plan.cells = index.cells;
  plan.code_bits = index.code_bits;
  plan.memory_bytes = index.bytes;
  const double store =
      features * (shape.descriptor_bytes + kStoredKeypoint_bytes) + n * kRecordAndPreview_bytes;
  plan.disk_bytes = static_cast<std::uint64_t>(store) + index.bytes;
  plan.build_disk_bytes = plan.disk_bytes + 2 * index.bytes;
  plan.build_memory_bytes = index.bytes + index.bytes / 2 + index.training_bytes;
  const double cells = static_cast<double>(index.cells),
               groups = std::sqrt(std::max(cells, 1.0));  // embeddings have none
  const double assign_s =
      features * (groups + index.groups_probed * cells / groups) * kDistance_ns * 1e-9;
  const double train_s = static_cast<double>(index.training_rows) *
                         (groups + kIterations * cells / groups) * kDistance_ns * 1e-9;
  // Vocabularies double until they are large enough, so the assignment is done twice in all.
  plan.build_s =
      (n * plan.extract_ms_per_item * 1e-3 + 2 * (assign_s + train_s)) / std::max(threads, 1) +
      (store + 2 * static_cast<double>(index.bytes)) / kWrite_bytes_per_s;
  return plan;
}

}  // namespace inlier
