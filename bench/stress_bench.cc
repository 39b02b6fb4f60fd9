#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/pictures.h"
#include "bench/session.h"
#include "core/blob.h"
#include "core/file.h"
#include "core/parallel.h"
#include "render/stress.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kSeeds = 3;
constexpr std::uint64_t kBootstrapSeed = 1;
constexpr int kPictureSide_px = 300;
constexpr std::size_t kMostPlaced = 8;

// Pictures that scenes are made of.
struct Props {
  const Dataset* dataset = nullptr;
  std::vector<const CatalogueEntry*> occluders, backgrounds;
};

Result<Props> PropsFor(const Gallery& gallery, const std::string& name) {
  Props props;
  for (const Dataset& dataset : gallery.datasets) {
    if (dataset.name == name) props.dataset = &dataset;
  }
  if (!props.dataset)
    return Fail(ErrorCode::kInvalidArgument,
                "stress: there is no dataset '" + name + "' with photos");
  std::vector<std::string> own;
  for (const CatalogueEntry& entry : props.dataset->catalogue.entries) own.push_back(entry.id);
  std::sort(own.begin(), own.end());
  for (const CatalogueEntry& entry : gallery.catalogue.entries) {
    if (std::binary_search(own.begin(), own.end(), entry.id)) continue;
    props.occluders.push_back(&entry);
  }
  if (props.occluders.empty()) {  // one dataset alone: its own other items
    for (const CatalogueEntry& entry : props.dataset->catalogue.entries)
      props.occluders.push_back(&entry);
  }
  // A background is a picture that is wider than high, as far as there are any.
  constexpr std::size_t kEnough = 200;
  for (std::size_t i = props.occluders.size(); i > 0 && props.backgrounds.size() < kEnough; --i) {
    const auto bytes = ReadFileBytes(props.occluders[i - 1]->image, DecodeLimits{}.max_file_bytes);
    const auto header = bytes ? ProbeImage(*bytes) : tl::unexpected(bytes.error());
    if (header && header->width_px > header->height_px)
      props.backgrounds.push_back(props.occluders[i - 1]);
  }
  if (props.backgrounds.empty()) props.backgrounds = props.occluders;
  return props;
}

// One scene: what stands in it depends on the dataset, its number and the seed, not on slider or
// level.
struct Scene {
  std::size_t level = 0, number = 0;
  std::uint64_t seed = 0;
};

std::uint64_t Mix(std::string_view name, std::size_t number, std::uint64_t seed) {
  return Hash64(fmt::format("{} {} {}", name, number, seed));
}

// What one method made of one scene.
struct Judged {
  double first = 0, found = 0, overlap = 0, overlaps = 0, wrong = 0;
};

Judged Judge(const BenchAnswer& answer,
             const std::vector<std::pair<std::string, std::vector<Point>>>& placed) {
  Judged j;
  const auto place_of = [&placed](const std::string& id) {
    return std::find_if(placed.begin(), placed.end(),
                        [&id](const auto& p) { return p.first == id; });
  };
  j.first = !answer.items.empty() && place_of(answer.items.front().id) != placed.end();
  for (const RankedItem& item : answer.items) {
    if (!item.accepted) continue;
    const auto place = place_of(item.id);
    if (place == placed.end()) {
      j.wrong = 1;
      continue;
    }
    j.found += 1 / static_cast<double>(placed.size());
    j.overlap += IntersectionOverUnion(item.outline, place->second);
    j.overlaps += 1;
  }
  return j;
}

struct Stand {  // what stands in a scene
  std::vector<Image> items;
  std::vector<std::string> ids;
  Image occluder, background;
  std::vector<std::string> without;  // props are in the gallery too, and would be found
};

Result<Stand> Furnish(const Props& props, const Scene& scene, std::size_t items) {
  Stand stand;
  const std::uint64_t dice = Mix(props.dataset->name, scene.number, scene.seed);
  const auto& entries = props.dataset->catalogue.entries;
  for (std::size_t i = 0; i < std::min(items, entries.size()); ++i) {
    const CatalogueEntry& entry = entries[(dice + i * 7919) % entries.size()];
    if (std::find(stand.ids.begin(), stand.ids.end(), entry.id) != stand.ids.end()) continue;
    INLIER_ASSIGN_OR_RETURN(Image image, ReadImage(entry.image));
    stand.items.push_back(std::move(image));
    stand.ids.push_back(entry.id);
  }
  const CatalogueEntry& occluder = *props.occluders[(dice >> 16) % props.occluders.size()];
  const CatalogueEntry& background = *props.backgrounds[(dice >> 32) % props.backgrounds.size()];
  INLIER_ASSIGN_OR_RETURN(stand.occluder, ReadImage(occluder.image));
  INLIER_ASSIGN_OR_RETURN(stand.background, ReadImage(background.image));
  for (const std::string& id : {occluder.id, background.id}) {
    if (std::find(stand.ids.begin(), stand.ids.end(), id) == stand.ids.end())
      stand.without.push_back(id);
  }
  return stand;
}

Json Curve(const std::vector<std::vector<const Judged*>>& by_level,
           const std::vector<std::uint32_t>& groups) {
  Json curve = {{"first_hit", Json::array()}, {"first_hit_ci", Json::array()},
                {"found", Json::array()},     {"found_ci", Json::array()},
                {"iou", Json::array()},       {"wrong", Json::array()}};
  for (const auto& scenes : by_level) {
    std::vector<double> first, found, wrong;
    double overlap = 0, overlaps = 0;
    for (const Judged* j : scenes) {
      first.push_back(j->first);
      found.push_back(j->found);
      wrong.push_back(j->wrong);
      overlap += j->overlap;
      overlaps += j->overlaps;
    }
    const Interval first_ci = BootstrapMean(first, groups, kBootstrapSeed),
                   found_ci = BootstrapMean(found, groups, kBootstrapSeed);
    curve["first_hit"].push_back(Mean(first));
    curve["first_hit_ci"].push_back({first_ci.low, first_ci.high});
    curve["found"].push_back(Mean(found));
    curve["found_ci"].push_back({found_ci.low, found_ci.high});
    curve["iou"].push_back(overlaps > 0 ? Json(overlap / overlaps) : Json(nullptr));
    curve["wrong"].push_back(Mean(wrong));
  }
  return curve;
}

Result<Json> RunSlider(BenchSession& session, const Props& props, const StressSlider& slider,
                       const std::vector<std::string>& methods) {
  const BenchOptions& options = session.options;
  const std::string name = props.dataset->name;
  std::map<std::string, const BenchMethod*> opened;
  for (const std::string& method : methods) {
    if (method == "hybrid") continue;
    INLIER_ASSIGN_OR_RETURN(opened[method], session.Open(method));
  }
  const auto scenes_a_level = static_cast<std::size_t>(options.stress_scenes) * kSeeds;
  std::vector<Scene> scenes;
  for (std::size_t level = 0; level < slider.levels.size(); ++level) {
    for (std::size_t s = 0; s < scenes_a_level; ++s) {
      scenes.push_back(
          {level, s / kSeeds, static_cast<std::uint64_t>(options.seed - 1) * kSeeds + s % kSeeds});
    }
  }
  std::vector<std::map<std::string, Judged>> judged(scenes.size());
  std::vector<std::string> shown(slider.levels.size());
  Status status;
  std::mutex mutex;
  std::size_t done = 0;
  const std::string stage = fmt::format("stress: {}, {}", name, slider.name);
  ParallelFor(scenes.size(), options.threads, [&](std::size_t i) {
    const Scene& scene = scenes[i];
    const double level = slider.levels[scene.level];
    const auto work = [&]() -> Status {
      INLIER_ASSIGN_OR_RETURN(
          const Stand stand,
          Furnish(
              props, scene,
              slider.name == "items" ? std::min(static_cast<std::size_t>(level), kMostPlaced) : 1));
      INLIER_ASSIGN_OR_RETURN(
          const StressScene rendered,
          RenderStress(slider.name, level, stand.items, stand.occluder, stand.background,
                       Mix(name + ":pose", scene.number, scene.seed)));
      std::vector<std::pair<std::string, std::vector<Point>>> placed;
      std::vector<std::vector<Point>> outlines;
      for (const PlacedItem& item : rendered.placed) {
        placed.emplace_back(stand.ids[item.item], item.outline);
        outlines.push_back(item.outline);
      }
      if (scene.number == 0 && scene.seed % kSeeds == 0) {
        const std::string file =
            fmt::format("pictures/stress-{}-{}-{}.jpg", name, slider.name, scene.level);
        INLIER_RETURN_IF_ERROR(WritePicture(
            options.out / file, WithOutlines(rendered.photo, outlines, kPictureSide_px)));
        shown[scene.level] = file;
      }
      std::map<std::string, BenchAnswer> answers;
      for (const auto& [method, asks] : opened) {
        INLIER_ASSIGN_OR_RETURN(const Answer answer, asks->Ask(rendered.photo, stand.without));
        answers[method] = ToBenchAnswer(answer);
      }
      if (std::find(methods.begin(), methods.end(), "hybrid") != methods.end()) {
        answers["hybrid"] = session.fusion.Fuse(
            answers.at(session.classical), answers.at(session.deep), session.accept_probability);
      }
      for (const auto& [method, answer] : answers) judged[i][method] = Judge(answer, placed);
      return {};
    };
    const Status worked = work();
    std::lock_guard lock(mutex);
    if (!worked && status) status = worked;
    if (options.progress) options.progress({stage, ++done, scenes.size()});
  });
  INLIER_RETURN_IF_ERROR(status);
  std::vector<std::uint32_t> groups;
  for (std::size_t s = 0; s < scenes_a_level; ++s) groups.push_back(static_cast<std::uint32_t>(s));
  Json result = {{"unit", slider.unit},
                 {"meaning", slider.meaning},
                 {"levels", slider.levels},
                 {"scenes_a_level", scenes_a_level},
                 {"pictures", shown}};
  for (const std::string& method : methods) {
    std::vector<std::vector<const Judged*>> by_level(slider.levels.size());
    for (std::size_t i = 0; i < scenes.size(); ++i)
      by_level[scenes[i].level].push_back(&judged[i].at(method));
    result["methods"][method] = Curve(by_level, groups);
  }
  return result;
}

}  // namespace

Result<Json> RunStress(BenchSession& session, const std::string& dataset) {
  const BenchOptions& options = session.options;
  std::vector<std::string> methods;
  for (const auto& [method, answers] : session.answers) {
    if (!IsReferenceMethod(method) && method != "deep-raw") methods.push_back(method);
  }
  INLIER_ASSIGN_OR_RETURN(const Props props, PropsFor(session.gallery, dataset));
  std::error_code ec;
  std::filesystem::create_directories(options.out / "pictures", ec);
  Json sliders = Json::object();
  for (const StressSlider& slider : StressSliders()) {
    if (!options.sliders.empty() && std::find(options.sliders.begin(), options.sliders.end(),
                                              slider.name) == options.sliders.end())
      continue;
    std::string depends = fmt::format("{} {} {} {}", slider.name, options.seed,
                                      options.stress_scenes, fmt::join(slider.levels, ","));
    for (const std::string& method : methods)
      depends += " " + method + " " + session.Fingerprint(method);
    const std::string fingerprint = fmt::format("{:016x}", Hash64(depends));
    const auto path = options.out / fmt::format("stress-{}-{}.json", dataset, slider.name);
    if (std::ifstream in(path); in) {
      const Json kept = Json::parse(in, nullptr, false);
      if (kept.is_object() && kept.value("fingerprint", "") == fingerprint) {
        sliders[std::string(slider.name)] = kept.at("curves");
        continue;
      }
    }
    INLIER_ASSIGN_OR_RETURN(const Json curves, RunSlider(session, props, slider, methods));
    INLIER_RETURN_IF_ERROR(
        PublishFile(path, Json{{"fingerprint", fingerprint}, {"curves", curves}}.dump()));
    sliders[std::string(slider.name)] = curves;
  }
  return sliders;
}

}  // namespace inlier
