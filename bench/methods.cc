#include "bench/methods.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/oracles.h"
#include "bench/peak_memory.h"
#include "bench/tutorial.h"
#include "core/clock.h"
#include "core/file.h"
#include "engine/learn.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
// In the order that they are told in.
const std::vector<std::string> kOthers = {"deep", "deep-raw", "opencv-sift", "opencv-rootsift",
                                          "opencv-orb"};
const std::vector<std::string> kReferences = {"exact", "opencv-tutorial"};

constexpr const char* kProjection = "deep-projection.inlier";

Status Index(const BenchOptions& options, const EngineOptions& engine_options,
             const std::filesystem::path& folder, const Catalogue& catalogue, IndexReport& report) {
  INLIER_ASSIGN_OR_RETURN(const auto writer,
                          Engine::Open(folder, OpenMode::kCreate,
                                       {.options = engine_options, .threads = options.threads}));
  INLIER_ASSIGN_OR_RETURN(
      report,
      writer->IndexCatalogue(
          catalogue, {.threads = options.threads, .prune = true, .progress = options.progress}));
  return {};
}

// Builds the joint database; what that cost is kept beside it for a run that finds it there.
Result<Json> Build(const BenchOptions& options, const EngineOptions& engine_options,
                   const std::filesystem::path& folder, const Catalogue& catalogue) {
  const auto kept = std::filesystem::path(folder.string() + "-build.json");
  const std::uint64_t before_bytes = ResetPeakMemory();
  const double cpu_ms = ProcessCpu_ms();
  const Stopwatch watch;
  IndexReport report;
  INLIER_RETURN_IF_ERROR(Index(options, engine_options, folder, catalogue, report));
  const std::size_t worked = report.added + report.updated;
  Json build = {{"items", catalogue.entries.size()}, {"failed", report.failed}};
  if (worked + report.failed == catalogue.entries.size() && worked > 0) {
    build["cpu_ms_per_item"] = (ProcessCpu_ms() - cpu_ms) / static_cast<double>(worked);
    build["seconds"] = watch.Wall_ms() / 1e3;
    const std::uint64_t peak_bytes = PeakMemory_bytes();
    build["peak_memory_bytes"] = peak_bytes - std::min(peak_bytes, before_bytes);
    INLIER_RETURN_IF_ERROR(PublishFile(kept, build.dump()));
  } else if (std::ifstream in(kept); in) {
    const Json before = Json::parse(in, nullptr, false);
    if (before.is_object() && before.value("items", Json()) == build["items"]) return before;
  }
  return build;
}

// A database for all catalogues together, and one for each dataset.
class EngineMethod final : public BenchMethod {
 public:
  static Result<std::unique_ptr<BenchMethod>> Open(const BenchOptions& options,
                                                   const Gallery& gallery,
                                                   const std::string& name) {
    auto method = std::make_unique<EngineMethod>();
    method->exact_ = name == "exact";
    INLIER_ASSIGN_OR_RETURN(const EngineOptions engine_options, OptionsOfMethod(options, name));
    const auto folder = options.out / ("db-" + (method->exact_ ? "sift" : name));
    Json costs;
    if (name == "deep" && !std::filesystem::exists(engine_options.extract.deep_projection)) {
      const double cpu_ms = ProcessCpu_ms();
      const Stopwatch watch;
      INLIER_ASSIGN_OR_RETURN(const LearnReport report,
                              LearnProjection(gallery.catalogue,
                                              {.model = engine_options.extract.deep_model,
                                               .seed = static_cast<std::uint64_t>(options.seed),
                                               .threads = options.threads,
                                               .progress = options.progress},
                                              engine_options.extract.deep_projection));
      const Json learning = {{"seconds", watch.Wall_ms() / 1e3},
                             {"cpu_s", (ProcessCpu_ms() - cpu_ms) / 1e3},
                             {"items", report.items},
                             {"dims", report.dims}};
      INLIER_RETURN_IF_ERROR(PublishFile(options.out / "deep-learning.json", learning.dump()));
    }
    if (std::ifstream in(options.out / "deep-learning.json"); name == "deep" && in)
      costs["learning"] = Json::parse(in, nullptr, false);
    INLIER_ASSIGN_OR_RETURN(costs["build"],
                            Build(options, engine_options, folder, gallery.catalogue));
    const double cpu_ms = ProcessCpu_ms();
    const Stopwatch watch;
    INLIER_ASSIGN_OR_RETURN(method->joint_,
                            Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
    costs["open"] = {{"cpu_ms", ProcessCpu_ms() - cpu_ms}, {"wall_ms", watch.Wall_ms()}};
    INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, method->joint_->Stats());
    const std::uint64_t items = std::max<std::uint64_t>(stats.items, 1);
    costs["index"] = {{"items", stats.items},
                      {"features", stats.features},
                      {"cells", stats.cells},
                      {"memory_bytes_per_item", stats.index_bytes / items},
                      {"disk_bytes_per_item", stats.disk_bytes / items}};
    const bool alone =
        gallery.datasets.size() == 1 &&
        gallery.datasets[0].catalogue.entries.size() == gallery.catalogue.entries.size();
    for (const Dataset& dataset : gallery.datasets) {
      if (alone || method->exact_) break;
      const auto own = options.out / ("db-" + name + "-own") / dataset.name;
      IndexReport report;
      std::error_code ec;
      std::filesystem::create_directories(own.parent_path(), ec);
      INLIER_RETURN_IF_ERROR(Index(options, engine_options, own, dataset.catalogue, report));
      INLIER_ASSIGN_OR_RETURN(method->own_[dataset.name],
                              Engine::Open(own, OpenMode::kRead, {.options = engine_options}));
    }
    method->costs_ = costs.dump();
    method->options_ = ToJson(engine_options);
    return method;
  }

  Result<Answer> Ask(const BenchPhoto& photo, Asked how) const override {
    const Engine& engine = how == Asked::kOwn ? *own_.at(photo.dataset) : *joint_;
    QueryOptions query = Whole();
    if (how == Asked::kLeftOut) query.without = photo.truth.relevant;
    if (!photo.crop) return engine.Query(photo.image, query);
    INLIER_ASSIGN_OR_RETURN(const Image image, photo.Read());
    return engine.Query(image, query);
  }
  Result<Answer> Ask(const Image& photo, const std::vector<std::string>& without) const override {
    QueryOptions query = Whole();
    query.without = without;
    return joint_->Query(photo, query);
  }
  bool Answers(Asked how) const override {
    return exact_ ? how == Asked::kJoint : how != Asked::kOwn || !own_.empty();
  }

  std::optional<Hit> Explain(const BenchPhoto& photo, const std::string& id) const override {
    QueryOptions query = Whole();
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
  QueryOptions Whole() const { return {.top = kBenchDepth, .all = true, .exact = exact_}; }

  bool exact_ = false;
  std::unique_ptr<Engine> joint_;
  std::map<std::string, std::unique_ptr<Engine>> own_;
};

}  // namespace

bool IsReferenceMethod(std::string_view name) {
  return std::find(kReferences.begin(), kReferences.end(), name) != kReferences.end();
}

Status CheckMethod(const BenchOptions& options, const std::string& name) {
  AddOracleMethods();
  if (name == "hybrid" || name == "opencv-tutorial") return {};
  std::vector<std::string> known = {"sift", "surf", "orb", "brief"};
  known.insert(known.end(), kOthers.begin(), kOthers.end());
  known.push_back("hybrid");
  known.insert(known.end(), kReferences.begin(), kReferences.end());
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("there is no method '{}'; there are {}", name, fmt::join(known, ", ")));
  }
  INLIER_ASSIGN_OR_RETURN(EngineOptions engine_options, OptionsOfMethod(options, name));
  engine_options.extract.deep_projection.clear();  // it may be still to be learned
  const auto extractor = Extractor::Create(engine_options.extract);
  return extractor ? Status() : tl::unexpected(extractor.error());
}

Result<EngineOptions> OptionsOfMethod(const BenchOptions& options, const std::string& name) {
  EngineOptions engine_options;
  const bool deep = name == "deep" || name == "deep-raw";
  INLIER_RETURN_IF_ERROR(SetOption(engine_options, "extract.method",
                                   deep                      ? "deep"
                                   : IsReferenceMethod(name) ? "sift"
                                                             : name));
  if (name == "deep-raw") engine_options.extract.deep_model = "nanodet-g-plain";
  if (name == "deep")
    engine_options.extract.deep_projection =
        std::filesystem::absolute(options.out / kProjection).string();
  for (const auto& [option, value] : options.set)
    INLIER_RETURN_IF_ERROR(SetOption(engine_options, option, value));
  return engine_options;
}

Result<std::unique_ptr<BenchMethod>> OpenMethod(const BenchOptions& options, const Gallery& gallery,
                                                const std::string& name) {
  if (name == "opencv-tutorial") return MakeTutorial(options, gallery);
  return EngineMethod::Open(options, gallery, name);
}

}  // namespace inlier
