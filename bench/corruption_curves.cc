#include "bench/corruption_curves.h"

#include <algorithm>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/corrupted_scenes.h"
#include "bench/kept_files.h"
#include "bench/methods.h"
#include "bench/pictures.h"
#include "core/blob.h"
#include "core/parallel.h"
#include "render/corruption.h"

namespace inlier {
namespace {

constexpr std::size_t kSeeds = 3;  // of each scene
constexpr std::uint64_t kBootstrapSeed = 1;
constexpr int kPictureSide_px = 300;
constexpr std::size_t kMaxItems = 8;

// What one answer to one photo is worth.
struct Score {
  double first = 0;      // 1 when the first item is in the photo
  double found = 0;      // share of the photo's items that are accepted
  double iou_sum = 0;    // over the accepted items that are in the photo
  double iou_count = 0;  // of these items
  double wrong = 0;      // 1 when an accepted item is not in the photo
};

// The items in a photo with their true outlines.
using TrueOutlines = std::vector<std::pair<std::string, std::vector<Point>>>;

Score ScoreOf(const BenchAnswer& answer, const TrueOutlines& truth) {
  Score score;
  const auto find = [&truth](const std::string& id) {
    return std::find_if(truth.begin(), truth.end(), [&id](const auto& t) { return t.first == id; });
  };
  score.first = !answer.items.empty() && find(answer.items.front().id) != truth.end();
  for (const RankedItem& item : answer.items) {
    if (!item.accepted) continue;
    const auto found = find(item.id);
    if (found == truth.end()) {
      score.wrong = 1;
      continue;
    }
    score.found += 1 / static_cast<double>(truth.size());
    score.iou_sum += IntersectionOverUnion(item.outline, found->second);
    score.iou_count += 1;
  }
  return score;
}

// One corruption on the scenes of one dataset, asked with all methods.
class CurveRun {
 public:
  CurveRun(BenchSession& session, const ScenePictures& pictures, const Corruption& corruption,
           std::vector<std::string> methods)
      : session_(session),
        pictures_(pictures),
        corruption_(corruption),
        methods_(std::move(methods)),
        scenes_per_severity_(static_cast<std::size_t>(session.options.corruption_scenes) * kSeeds) {
  }

  Result<CorruptionFigures> Run() {
    INLIER_RETURN_IF_ERROR(OpenMethods());
    const std::size_t severities = corruption_.severities.size();
    const std::size_t photos = severities * scenes_per_severity_;
    scores_.resize(photos);
    shown_.resize(severities);
    Status status;
    std::mutex mutex;
    std::size_t done = 0;
    const std::string stage =
        fmt::format("stress: {}, {}", pictures_.dataset->name, corruption_.name);
    ParallelFor(photos, session_.options.threads, [&](std::size_t i) {
      const Status asked = AskPhoto(i);
      std::lock_guard lock(mutex);
      if (!asked && status) status = asked;
      if (session_.options.progress) session_.options.progress({stage, ++done, photos});
    });
    INLIER_RETURN_IF_ERROR(status);
    CorruptionFigures figures{.unit = std::string(corruption_.unit),
                              .meaning = std::string(corruption_.meaning),
                              .severities = corruption_.severities,
                              .scenes_per_severity = scenes_per_severity_,
                              .pictures = shown_};
    for (const std::string& method : methods_) figures.methods.emplace_back(method, Curve(method));
    return figures;
  }

 private:
  Status OpenMethods() {
    for (const std::string& name : methods_) {
      INLIER_ASSIGN_OR_RETURN(opened_[name], session_.Open(name));
    }
    return {};
  }

  // Renders the photo with this number, which is that of a scene at a severity, and asks all
  // methods about it.
  Status AskPhoto(std::size_t i) {
    const std::size_t severity = i / scenes_per_severity_, s = i % scenes_per_severity_;
    const std::uint64_t first_seed = static_cast<std::uint64_t>(session_.options.seed - 1) * kSeeds;
    const SceneKey key{.number = s / kSeeds, .seed = first_seed + s % kSeeds};
    const double amount = corruption_.severities[severity];
    const std::size_t items =
        corruption_.name == "items" ? std::min(static_cast<std::size_t>(amount), kMaxItems) : 1;
    INLIER_ASSIGN_OR_RETURN(const SceneImages scene, ReadScene(pictures_, key, items));
    INLIER_ASSIGN_OR_RETURN(const RenderedPhoto rendered,
                            RenderCorrupted(corruption_.name, amount, scene.items, scene.occluder,
                                            scene.background, RenderSeed(pictures_, key)));
    TrueOutlines truth;
    for (const PlacedItem& item : rendered.placed)
      truth.emplace_back(scene.ids[item.item], item.outline);
    if (s == 0) INLIER_RETURN_IF_ERROR(Show(severity, rendered));
    for (const auto& [method, opened] : opened_) {
      INLIER_ASSIGN_OR_RETURN(const Answer answer, opened->Query(rendered.photo, scene.without));
      scores_[i][method] = ScoreOf(ToBenchAnswer(answer), truth);
    }
    return {};
  }

  // Writes a picture of the severity, with the true outlines.
  Status Show(std::size_t severity, const RenderedPhoto& rendered) {
    std::vector<std::vector<Point>> outlines;
    for (const PlacedItem& item : rendered.placed) outlines.push_back(item.outline);
    shown_[severity] = fmt::format("pictures/stress-{}-{}-{}.jpg", pictures_.dataset->name,
                                   corruption_.name, severity);
    return WritePicture(session_.options.out / shown_[severity],
                        WithOutlines(rendered.photo, outlines, kPictureSide_px));
  }

  SeverityCurve Curve(const std::string& method) const {
    // Scenes of the same number and seed are one group each: there is one in each severity.
    std::vector<std::uint32_t> groups;
    for (std::size_t s = 0; s < scenes_per_severity_; ++s)
      groups.push_back(static_cast<std::uint32_t>(s));
    const auto mean = [&groups](const std::vector<double>& values) {
      return MeanFigure{Mean(values), BootstrapMean(values, groups, kBootstrapSeed)};
    };
    SeverityCurve curve;
    for (std::size_t severity = 0; severity < corruption_.severities.size(); ++severity) {
      std::vector<double> first, found, wrong;
      double iou_sum = 0, iou_count = 0;
      for (std::size_t s = 0; s < scenes_per_severity_; ++s) {
        const Score& score = scores_[severity * scenes_per_severity_ + s].at(method);
        first.push_back(score.first);
        found.push_back(score.found);
        wrong.push_back(score.wrong);
        iou_sum += score.iou_sum;
        iou_count += score.iou_count;
      }
      curve.first_hit.push_back(mean(first));
      curve.found.push_back(mean(found));
      curve.iou.push_back(iou_count > 0 ? std::optional<double>(iou_sum / iou_count)
                                        : std::nullopt);
      curve.wrong.push_back(Mean(wrong));
    }
    return curve;
  }

  BenchSession& session_;
  const ScenePictures& pictures_;
  const Corruption& corruption_;
  std::vector<std::string> methods_;
  std::size_t scenes_per_severity_;
  std::map<std::string, const BenchMethod*> opened_;
  std::vector<std::map<std::string, Score>> scores_;  // by photo and method
  std::vector<std::string> shown_;                    // picture files, by severity
};

bool IsAskedFor(const BenchOptions& options, std::string_view corruption) {
  const auto& names = options.corruptions;
  return names.empty() || std::find(names.begin(), names.end(), corruption) != names.end();
}

std::string Fingerprint(const BenchSession& session, const Corruption& corruption,
                        const std::vector<std::string>& methods) {
  std::string depends =
      fmt::format("{} {} {} {}", corruption.name, session.options.seed,
                  session.options.corruption_scenes, fmt::join(corruption.severities, ","));
  for (const std::string& method : methods)
    depends += " " + method + " " + session.Fingerprint(method);
  return fmt::format("{:016x}", Hash64(depends));
}

}  // namespace

Result<ByName<CorruptionFigures>> MeasureCorruptions(BenchSession& session,
                                                     const std::string& dataset) {
  const BenchOptions& options = session.options;
  std::vector<std::string> methods;
  for (const auto& [method, answers] : session.answers) {
    if (!IsReferenceMethod(method) && method != "deep-raw") methods.push_back(method);
  }
  INLIER_ASSIGN_OR_RETURN(const ScenePictures pictures, PicturesFor(session.gallery, dataset));
  std::error_code ec;
  std::filesystem::create_directories(options.out / "pictures", ec);
  ByName<CorruptionFigures> all;
  for (const Corruption& corruption : Corruptions()) {
    if (!IsAskedFor(options, corruption.name)) continue;
    const std::string name(corruption.name);
    const std::string fingerprint = Fingerprint(session, corruption, methods);
    const auto path = options.out / fmt::format("stress-{}-{}.json", dataset, name);
    if (auto kept = ReadCorruptionFigures(path, fingerprint)) {
      all.emplace_back(name, std::move(*kept));
      continue;
    }
    INLIER_ASSIGN_OR_RETURN(CorruptionFigures figures,
                            CurveRun(session, pictures, corruption, methods).Run());
    INLIER_RETURN_IF_ERROR(WriteCorruptionFigures(path, fingerprint, figures));
    all.emplace_back(name, std::move(figures));
  }
  return all;
}

}  // namespace inlier
