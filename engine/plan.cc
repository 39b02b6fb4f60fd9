#include "inlier/plan.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "core/clock.h"
#include "core/image.h"
#include "engine/all_methods.h"
#include "engine/cluster_plan.h"
#include "engine/preview.h"
#include "extractor/methods.h"
#include "index/index_size.h"
#include "index/item.h"

namespace inlier {
namespace {

constexpr std::size_t kSampled = 32;  // images
// What an item usually has and costs by method: features, those of them that vote, milliseconds for
// decoding, extraction and preview on one thread, and bytes of the preview. Measured on the joint
// gallery of docs/EVALUATION.md.
struct Usual {
  double features, voters, extract_ms, preview_bytes;
};
const std::map<std::string, Usual> kUsual = {
    {"sift", {1340, 590, 16, 9'900}},  {"surf", {850, 520, 8, 9'900}},
    {"orb", {1490, 1000, 13, 9'900}},  {"brief", {1490, 1000, 13, 9'900}},
    {"xfeat", {1440, 590, 22, 9'900}}, {"look", {1, 1, 3, 9'900}}};
constexpr double kRecord_bytes = 400;
constexpr double kDistance_ns = 4;  // of a row to a centroid of the cells
constexpr double kIterations = 10;  // of k-means
constexpr double kWrite_bytes_per_s = 100e6;

// Measures features and milliseconds an item, on images that are spread evenly over the catalogue.
Result<Usual> Measure(const Catalogue& catalogue, const Extractor& extractor) {
  const std::size_t count = std::min(kSampled, catalogue.entries.size());
  Usual sum{};
  double read = 0;
  Error last{ErrorCode::kBadImage, "the catalogue has no items"};
  for (std::size_t i = 0; i < count; ++i) {
    const double start = ThreadCpu_ms();
    const auto picture =
        ReadPicture(catalogue.entries[i * catalogue.entries.size() / count].images.front(),
                    {.least_side_px = extractor.least_side_px()});
    if (!picture) {
      last = picture.error();
      continue;
    }
    const Features features = extractor.ExtractItem(picture->image);
    sum.preview_bytes += static_cast<double>(MakePreview(picture->image).size());
    sum.extract_ms += ThreadCpu_ms() - start;
    sum.features += static_cast<double>(features.size());
    sum.voters += static_cast<double>(std::min(features.size(), MostVoters(features.kind)));
    ++read;
  }
  if (read == 0) return tl::unexpected(last);
  return Usual{sum.features / read, sum.voters / read, sum.extract_ms / read,
               sum.preview_bytes / read};
}

bool IsMethod(const std::string& name) {
  const std::vector<std::string> names = MethodNames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The kind and length of an extractor's rows. Only the extractor knows them, but they can be seen
// on any image, even on one without features.
Features ShapeOf(const Extractor& extractor) {
  return extractor.Extract({.width_px = 64,
                            .height_px = 64,
                            .channels = 1,
                            .pixels = std::vector<std::uint8_t>(64 * 64)});
}

Result<Usual> UsualOrMeasured(const ExtractorOptions& options, const Extractor& extractor,
                              const std::optional<Catalogue>& sample) {
  if (sample) return Measure(*sample, extractor);
  Usual usual = kUsual.at(options.method);
  usual.features = std::min<double>(usual.features, options.max_features);
  usual.voters = std::min(usual.voters, usual.features);
  return usual;
}

double BuildSeconds(const Plan& plan, const IndexSize& index, double store_bytes, int threads) {
  const double n = static_cast<double>(plan.items), features = n * plan.features_per_item;
  const double cells = static_cast<double>(index.cells),
               groups = std::sqrt(std::max(cells, 1.0));  // embeddings have none
  const double assign_s =
      features * (groups + index.groups_probed * cells / groups) * kDistance_ns * 1e-9;
  const double train_s = static_cast<double>(index.training_rows) *
                         (groups + kIterations * cells / groups) * kDistance_ns * 1e-9;
  // Vocabularies double until they are large enough, so all training and assignment together cost
  // twice as much as the last time.
  return (n * plan.extract_ms_per_item * 1e-3 + 2 * (assign_s + train_s)) / std::max(threads, 1) +
         (store_bytes + 2 * static_cast<double>(index.bytes)) / kWrite_bytes_per_s;
}

}  // namespace

Result<Plan> MakePlan(std::uint64_t items, const ExtractorOptions& options, int threads,
                      const std::optional<Catalogue>& sample,
                      const std::optional<ClusterShape>& cluster) {
  if (items == 0) return Fail(ErrorCode::kInvalidArgument, "a plan for no items");
  AddAllMethods();
  if (!sample && !kUsual.contains(options.method) && IsMethod(options.method)) {
    // This comes before the extractor is made, so that a build without ONNX Runtime gives the same
    // answer.
    return Fail(ErrorCode::kInvalidArgument, "there are no usual figures for method '" +
                                                 options.method +
                                                 "': its plan needs a catalogue to measure");
  }
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor(options));
  INLIER_ASSIGN_OR_RETURN(const Usual usual, UsualOrMeasured(options, *extractor, sample));
  Plan plan{.items = items,
            .features_per_item = usual.features,
            .extract_ms_per_item = usual.extract_ms,
            .sampled = sample.has_value()};
  const double n = static_cast<double>(items), features = n * plan.features_per_item;
  const Features shape = ShapeOf(*extractor);
  const IndexContents contents{.items = items,
                               .features = static_cast<std::uint64_t>(features),
                               .postings = static_cast<std::uint64_t>(n * usual.voters),
                               .kind = shape.kind,
                               .row_bytes = shape.descriptor_bytes};
  IndexSize index = SizeOfIndex(contents);
  const std::uint64_t feature_bytes = StoredBytesOfFeature(shape.kind, shape.descriptor_bytes);
  double store_bytes =
      features * static_cast<double>(feature_bytes) + n * (kRecord_bytes + usual.preview_bytes);
  for (const Features& global : shape.globals) {  // of an item there is one row each
    index.bytes += SizeOfIndex({.items = items,
                                .features = items,
                                .kind = global.kind,
                                .row_bytes = global.descriptor_bytes})
                       .bytes;
    store_bytes +=
        n * static_cast<double>(StoredBytesOfFeature(global.kind, global.descriptor_bytes));
  }
  plan.cells = index.cells;
  plan.code_bits = index.code_bits;
  plan.memory_bytes = index.bytes;
  plan.disk_bytes = static_cast<std::uint64_t>(store_bytes) + index.bytes;
  plan.build_disk_bytes = plan.disk_bytes + 2 * index.bytes;
  plan.build_memory_bytes = index.bytes + index.bytes / 2 + index.training_bytes;
  plan.open_files = TablesOfStore(static_cast<std::uint64_t>(features) * feature_bytes);
  plan.build_s = BuildSeconds(plan, index, store_bytes, threads);
  if (cluster) {
    INLIER_ASSIGN_OR_RETURN(plan.cluster,
                            PlanCluster(*cluster, {.index = contents,
                                                   .store_bytes = store_bytes,
                                                   .record_bytes = kRecord_bytes,
                                                   .preview_bytes = usual.preview_bytes}));
  }
  return plan;
}

}  // namespace inlier
