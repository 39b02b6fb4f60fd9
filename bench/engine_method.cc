#include "bench/engine_method.h"

#include <algorithm>
#include <map>

#include "bench/kept_files.h"
#include "core/clock.h"
#include "core/peak_memory.h"
#include "engine/learn.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

Result<IndexReport> IndexInto(const BenchOptions& options, const EngineOptions& engine_options,
                              const fs::path& folder, const Catalogue& catalogue) {
  INLIER_ASSIGN_OR_RETURN(const auto writer,
                          Engine::Open(folder, OpenMode::kCreate,
                                       {.options = engine_options, .threads = options.threads}));
  return writer->IndexCatalogue(
      catalogue, {.threads = options.threads, .prune = true, .progress = options.progress});
}

// Builds the joint database. The cost of building it is kept beside it, for a later run that finds
// the database complete.
Result<BuildCost> Build(const BenchOptions& options, const EngineOptions& engine_options,
                        const fs::path& folder, const Catalogue& catalogue) {
  const fs::path kept = folder.string() + "-build.json";
  ResetPeakMemory();
  const std::uint64_t before_bytes = ResidentMemory_bytes();
  const double cpu_ms = ProcessCpu_ms();
  const Stopwatch watch;
  INLIER_ASSIGN_OR_RETURN(const IndexReport report,
                          IndexInto(options, engine_options, folder, catalogue));
  const std::size_t indexed = report.added + report.updated;
  BuildCost cost{.items = catalogue.entries.size(), .failed = report.failed};
  if (indexed + report.failed == cost.items && indexed > 0) {
    const double cpu_ms_per_item = (ProcessCpu_ms() - cpu_ms) / static_cast<double>(indexed);
    const double seconds = watch.Wall_ms() / 1e3;
    const std::uint64_t peak_bytes = PeakMemory_bytes();
    cost.measured = {cpu_ms_per_item, seconds, peak_bytes - std::min(peak_bytes, before_bytes)};
    INLIER_RETURN_IF_ERROR(WriteBuildCost(kept, cost));
  } else if (const auto before = ReadBuildCost(kept); before && before->items == cost.items) {
    return *before;
  }
  return cost;
}

// Learns the projection of "deep" unless there is one. The cost is kept beside it.
Status LearnOnce(const BenchOptions& options, const ExtractorOptions& extract,
                 const Catalogue& catalogue, const fs::path& kept) {
  if (fs::exists(extract.deep_projection)) return {};
  const double cpu_ms = ProcessCpu_ms();
  const Stopwatch watch;
  INLIER_ASSIGN_OR_RETURN(const LearnReport report,
                          LearnProjection(catalogue,
                                          {.model = extract.deep_model,
                                           .seed = static_cast<std::uint64_t>(options.seed),
                                           .threads = options.threads,
                                           .progress = options.progress},
                                          extract.deep_projection));
  return WriteLearningCost(kept, {.seconds = watch.Wall_ms() / 1e3,
                                  .cpu_s = (ProcessCpu_ms() - cpu_ms) / 1e3,
                                  .items = report.items,
                                  .dims = report.dims});
}

class EngineMethod final : public BenchMethod {
 public:
  explicit EngineMethod(bool exact) : exact_(exact) {}

  Status Open(const BenchOptions& options, const EngineOptions& engine_options,
              const Gallery& gallery, const std::string& name) {
    options_ = ToJson(engine_options);
    if (!engine_options.extract.deep_projection.empty()) {
      const std::string learner = name == "hybrid" ? "deep" : name;  // they share a projection
      const fs::path kept = options.out / (learner + "-learning.json");
      INLIER_RETURN_IF_ERROR(LearnOnce(options, engine_options.extract, gallery.catalogue, kept));
      costs_.learning = ReadLearningCost(kept);
    }
    INLIER_RETURN_IF_ERROR(OpenJoint(options, engine_options, gallery, name));
    if (exact_) return {};
    return OpenOwn(options, engine_options, gallery, name);
  }

  Result<Answer> Query(const BenchPhoto& photo, Setting setting) const override {
    const Engine& engine = setting == Setting::kOwn ? *own_.at(photo.dataset) : *joint_;
    QueryOptions query = AllHits();
    if (setting == Setting::kLeftOut) query.without = photo.truth.relevant;
    if (!photo.crop) return engine.Query(photo.image, query);
    INLIER_ASSIGN_OR_RETURN(const Image image, photo.Read());
    return engine.Query(image, query);
  }

  Result<Answer> Query(const Image& photo, const std::vector<std::string>& without) const override {
    QueryOptions query = AllHits();
    query.without = without;
    return joint_->Query(photo, query);
  }

  bool Answers(Setting setting) const override {
    if (exact_) return setting == Setting::kJoint;
    return setting != Setting::kOwn || !own_.empty();
  }

  std::optional<Hit> Explain(const BenchPhoto& photo, const std::string& id) const override {
    QueryOptions query = AllHits();
    query.keep_matches = true;
    const auto image = photo.Read();
    if (!image) return std::nullopt;
    auto answer = joint_->Query(*image, query);
    if (!answer) return std::nullopt;
    const auto hit = std::find_if(answer->hits.begin(), answer->hits.end(),
                                  [&id](const Hit& h) { return h.id == id; });
    return hit == answer->hits.end() ? std::nullopt : std::optional<Hit>(std::move(*hit));
  }

 private:
  QueryOptions AllHits() const {
    return {.top = kBenchDepth, .all = true, .exact = exact_, .shortlisted = true};
  }

  Status OpenJoint(const BenchOptions& options, const EngineOptions& engine_options,
                   const Gallery& gallery, const std::string& name) {
    const fs::path folder = options.out / ("db-" + (exact_ ? "sift" : name));
    INLIER_ASSIGN_OR_RETURN(costs_.build,
                            Build(options, engine_options, folder, gallery.catalogue));
    const double cpu_ms = ProcessCpu_ms();
    const Stopwatch watch;
    INLIER_ASSIGN_OR_RETURN(joint_,
                            Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
    costs_.open = OpenCost{.cpu_ms = ProcessCpu_ms() - cpu_ms, .wall_ms = watch.Wall_ms()};
    INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, joint_->Stats());
    const std::uint64_t items = std::max<std::uint64_t>(stats.items, 1);
    costs_.index = MeasuredIndex{.items = stats.items,
                                 .features = stats.features,
                                 .cells = stats.cells,
                                 .memory_bytes_per_item = stats.index_bytes / items,
                                 .disk_bytes_per_item = stats.disk_bytes / items};
    return {};
  }

  // A gallery that is one dataset and nothing else needs no second database.
  Status OpenOwn(const BenchOptions& options, const EngineOptions& engine_options,
                 const Gallery& gallery, const std::string& name) {
    if (gallery.datasets.size() == 1 &&
        gallery.datasets[0].catalogue.entries.size() == gallery.catalogue.entries.size())
      return {};
    for (const Dataset& dataset : gallery.datasets) {
      const fs::path folder = options.out / ("db-" + name + "-own") / dataset.name;
      std::error_code ec;
      fs::create_directories(folder.parent_path(), ec);
      INLIER_RETURN_IF_ERROR(IndexInto(options, engine_options, folder, dataset.catalogue));
      INLIER_ASSIGN_OR_RETURN(own_[dataset.name],
                              Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
    }
    return {};
  }

  bool exact_;
  std::unique_ptr<Engine> joint_;
  std::map<std::string, std::unique_ptr<Engine>> own_;  // by dataset
};

}  // namespace

Result<std::unique_ptr<BenchMethod>> OpenEngineMethod(const BenchOptions& options,
                                                      const EngineOptions& engine_options,
                                                      const Gallery& gallery,
                                                      const std::string& name) {
  auto method = std::make_unique<EngineMethod>(name == "exact");
  INLIER_RETURN_IF_ERROR(method->Open(options, engine_options, gallery, name));
  return method;
}

}  // namespace inlier
