// 'inlier learn', from the catalogue to the file: choose items, embed them and synthetic photos of
// some of them (on all threads), fit the projection on all photos but one of each item, and
// calibrate the projected similarity on the photos that were left out. The mathematics are in
// deep/projection_fit.cc and deep/calibrate.cc.
#include "engine/learn.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "core/image.h"
#include "core/options.h"
#include "core/parallel.h"
#include "deep/calibrate.h"
#include "deep/deep_model.h"
#include "deep/projection.h"
#include "deep/views.h"
#include "engine/threads.h"

namespace inlier {
namespace {

// A photo of one item costs as much as the item, and the calibration compares each with all.
constexpr std::size_t kMaxShown = 1500;

using Entries = std::vector<const CatalogueEntry*>;

// The embeddings of an item and of the synthetic photos of it, if it has any.
struct Described {
  bool usable = false;
  std::vector<float> item;
  std::vector<std::vector<float>> views;  // the last one is kept apart
};

// What the projection is fitted on, and a further view of some items to calibrate it with.
struct Samples {
  ProjectionSamples fit;
  std::vector<std::vector<float>> shown, apart;  // items that have views, and a view of each
};

bool Cancelled(const LearnOptions& options) {
  return options.cancel != nullptr && options.cancel->load();
}

// Depends on the seed, the item and the view, never on a thread.
std::uint64_t SeedOf(std::uint64_t seed, std::size_t item, std::size_t view) {
  return (seed * 0x9E3779B97F4A7C15U) ^ (static_cast<std::uint64_t>(item) << 20) ^
         static_cast<std::uint64_t>(view);
}

// At most `most` of the entries, taken evenly.
Entries ChooseEntries(const Catalogue& catalogue, int most) {
  const std::size_t all = catalogue.entries.size(),
                    count = std::min(all, static_cast<std::size_t>(most));
  Entries chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(&catalogue.entries[i * all / count]);
  return chosen;
}

bool Whitens(const DeepModel& model) {
  return std::ranges::any_of(model.embedder().parts(),
                             [](const EmbeddingPart& part) { return part.whitened > 0; });
}

// How many views are made of an item: the one to be kept apart, and those to fit on.
std::size_t ViewsOf(std::size_t i, const DeepModel& model, std::size_t items,
                    const LearnOptions& options) {
  const std::size_t every = (items + kMaxShown - 1) / kMaxShown;
  if (i % every != 0) return 0;
  return Whitens(model) ? 1 : static_cast<std::size_t>(options.views) + 1;
}

Result<Described> Describe(const DeepModel& model, const Entries& entries, std::size_t i,
                           const LearnOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const Image item, ReadImage(entries[i]->images.front()));
  Described described{.usable = true, .item = model.embedder().Embed(item, WholeImage(item))};
  const std::size_t views = ViewsOf(i, model, entries.size(), options);
  Image background;
  for (std::size_t v = 0; v < views; ++v) {
    // An item has only two backgrounds, because reading a picture costs as much as embedding it.
    if (v % ((views + 1) / 2) == 0) {
      const std::size_t other =
          (i + 1 + SeedOf(options.seed, i, v) % (entries.size() - 1)) % entries.size();
      background = ReadImage(entries[other]->images.front()).value_or(item);
    }
    const Image view = SyntheticView(item, background, SeedOf(options.seed, i, v));
    described.views.push_back(model.embedder().Embed(view, WholeImage(view)));
  }
  return described;
}

// In the order of `entries`; items that could not be read are reported, counted and left unusable.
Result<std::vector<Described>> DescribeAll(const DeepModel& model, const Entries& entries,
                                           const LearnOptions& options, std::size_t& failed) {
  std::vector<Described> described(entries.size());
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(entries.size(), options.threads, [&](std::size_t i) {
    if (Cancelled(options)) return;
    auto one = Describe(model, entries, i, options);
    std::lock_guard lock(mutex);
    if (one) {
      described[i] = std::move(*one);
    } else {
      ++failed;
      if (options.failed) options.failed(*entries[i], one.error());
    }
    if (options.progress) options.progress({"views", ++done, entries.size()});
  });
  if (Cancelled(options)) return Fail(ErrorCode::kCancelled, "interrupted; nothing was written");
  return described;
}

Samples Split(std::vector<Described> described) {
  Samples samples;
  for (Described& one : described) {
    if (!one.usable) continue;
    if (!one.views.empty()) {
      samples.shown.push_back(one.item);
      samples.apart.push_back(std::move(one.views.back()));
      one.views.pop_back();
    }
    for (auto& view : one.views) {
      samples.fit.views.push_back({samples.fit.items.size(), std::move(view)});
    }
    samples.fit.items.push_back(std::move(one.item));
  }
  return samples;
}

Calibrated CalibrateProjected(const Projection& projection, const Samples& samples) {
  const auto projected = [&projection](const std::vector<std::vector<float>>& embeddings) {
    std::vector<std::vector<float>> out;
    out.reserve(embeddings.size());
    for (const auto& values : embeddings) out.push_back(projection.Apply(values));
    return out;
  };
  return Calibrate(projected(samples.shown), projected(samples.apart));
}

Result<Projection> Fit(const DeepModel& model, const Samples& samples,
                       const LearnOptions& options) {
  if (Whitens(model)) return FitWhitening(samples.fit.items, model.embedder().parts());
  return FitProjection(samples.fit, options.projection);
}

}  // namespace

Result<LearnReport> LearnProjection(const Catalogue& catalogue, const LearnOptions& options,
                                    const std::filesystem::path& out) {
  UseSingleThreadedLibraries();
  INLIER_RETURN_IF_ERROR(ValidateFields(options, "learn"));
  INLIER_RETURN_IF_ERROR(ValidateFields(options.projection, "learn"));
  INLIER_ASSIGN_OR_RETURN(const auto model, DeepModel::Load(options.model));
  const Entries entries = ChooseEntries(catalogue, options.items);
  if (entries.size() < 2) {
    return Fail(ErrorCode::kInvalidArgument, "a projection is learnt from at least two items");
  }
  LearnReport report;
  INLIER_ASSIGN_OR_RETURN(auto described, DescribeAll(*model, entries, options, report.failed));
  const Samples samples = Split(std::move(described));
  if (options.progress) options.progress({"fit", 0, 1});
  INLIER_ASSIGN_OR_RETURN(Projection projection, Fit(*model, samples, options));
  projection.model_hash = model->config().hash;
  const Calibrated calibrated = CalibrateProjected(projection, samples);
  projection.calibration = model->config().calibration_whitened && Whitens(*model)
                               ? *model->config().calibration_whitened
                               : calibrated.calibration;
  report.items = samples.fit.items.size();
  report.dims = projection.dims();
  report.first_hit_before = Calibrate(samples.shown, samples.apart).first_hit;
  report.first_hit = calibrated.first_hit;
  INLIER_RETURN_IF_ERROR(projection.Write(out));
  return report;
}

}  // namespace inlier
