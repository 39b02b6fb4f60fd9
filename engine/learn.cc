#include "engine/learn.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "core/image.h"
#include "core/options.h"
#include "core/parallel.h"
#include "deep/calibrate.h"
#include "deep/deep_model.h"
#include "deep/network_input.h"
#include "deep/projection.h"
#include "deep/views.h"
#include "engine/threads.h"

namespace inlier {
namespace {

struct Described {
  bool usable = false;
  std::vector<float> item;
  std::vector<std::vector<float>> views;  // the last one is kept apart
};

// Depends on the seed, the item and the view, never on a thread.
std::uint64_t SeedOf(std::uint64_t seed, std::size_t item, std::size_t view) {
  return (seed * 0x9E3779B97F4A7C15U) ^ (static_cast<std::uint64_t>(item) << 20) ^
         static_cast<std::uint64_t>(view);
}

Status CheckRange(const LearnOptions& options) {
  const auto check = [](const char* name, double value, double least, double most) -> Status {
    if (value >= least && value <= most) return {};
    return Fail(ErrorCode::kInvalidArgument, std::string(name) + " is " + NumberText(value) +
                                                 ", outside " + NumberText(least) + " to " +
                                                 NumberText(most));
  };
  INLIER_RETURN_IF_ERROR(check("items", options.items, 2, 100'000));
  INLIER_RETURN_IF_ERROR(check("views", options.views, 1, 1000));
  INLIER_RETURN_IF_ERROR(check("dims", options.dims, 1, 65'535));
  return check("shrinkage", options.shrinkage, 1e-6, 1e6);
}

Result<Described> Describe(const DeepModel& model,
                           const std::vector<const CatalogueEntry*>& entries, std::size_t i,
                           const LearnOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const Image item, ReadImage(entries[i]->image));
  Described described{.usable = true, .item = model.embedder().Embed(item, WholeImage(item))};
  const auto views = static_cast<std::size_t>(options.views) + 1;
  Image background;
  for (std::size_t v = 0; v < views; ++v) {
    // Two backgrounds an item: reading a picture costs as much as embedding it.
    if (v % ((views + 1) / 2) == 0) {
      const std::size_t other =
          (i + 1 + SeedOf(options.seed, i, v) % (entries.size() - 1)) % entries.size();
      auto read = ReadImage(entries[other]->image);
      background = read ? std::move(*read) : item;
    }
    const Image view = SyntheticView(item, background, SeedOf(options.seed, i, v));
    described.views.push_back(model.embedder().Embed(view, WholeImage(view)));
  }
  return described;
}

}  // namespace

Result<LearnReport> LearnProjection(const Catalogue& catalogue, const LearnOptions& options,
                                    const std::filesystem::path& out) {
  UseSingleThreadedLibraries();
  INLIER_RETURN_IF_ERROR(CheckRange(options));
  INLIER_ASSIGN_OR_RETURN(const auto model, DeepModel::Load(options.model));
  const std::size_t all = catalogue.entries.size(),
                    count = std::min(all, static_cast<std::size_t>(options.items));
  if (count < 2)
    return Fail(ErrorCode::kInvalidArgument, "a projection is learnt from two items at least");
  std::vector<const CatalogueEntry*> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(&catalogue.entries[i * all / count]);

  const auto cancelled = [&options] { return options.cancel && options.cancel->load(); };
  std::vector<Described> described(count);
  LearnReport report;
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(count, options.threads, [&](std::size_t i) {
    if (cancelled()) return;
    auto one = Describe(*model, entries, i, options);
    std::lock_guard lock(mutex);
    if (one) {
      described[i] = std::move(*one);
    } else {
      ++report.failed;
      if (options.failed) options.failed(*entries[i], one.error());
    }
    if (options.progress) options.progress({"views", ++done, count});
  });
  if (cancelled()) return Fail(ErrorCode::kCancelled, "interrupted; nothing was written");

  ProjectionSamples samples;
  std::vector<std::vector<float>> apart;
  for (Described& one : described) {
    if (!one.usable) continue;
    apart.push_back(std::move(one.views.back()));
    one.views.pop_back();
    for (auto& view : one.views) samples.views.push_back({samples.items.size(), std::move(view)});
    samples.items.push_back(std::move(one.item));
  }
  if (options.progress) options.progress({"fit", 0, 1});
  INLIER_ASSIGN_OR_RETURN(
      Projection projection,
      FitProjection(samples, {.dims = options.dims, .shrinkage = options.shrinkage}));
  projection.model_hash = model->config().hash;
  report.first_hit_before = Calibrate(samples.items, apart).first_hit;
  for (auto* vectors : {&samples.items, &apart}) {
    for (auto& values : *vectors) values = projection.Apply(values);
  }
  const Calibrated calibrated = Calibrate(samples.items, apart);
  projection.calibration = calibrated.calibration;
  report.first_hit = calibrated.first_hit;
  report.items = samples.items.size();
  report.dims = projection.dims();
  INLIER_RETURN_IF_ERROR(projection.Write(out));
  return report;
}

}  // namespace inlier
