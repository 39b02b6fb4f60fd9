#include "bench/summary.h"

#include <algorithm>
#include <unordered_map>

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::uint64_t kSeed = 1;
constexpr const char* kAll = "joint";

// What the photos of one dataset, or of all, come to in one gallery.
struct Tally {
  std::vector<double> first, ten, precision, precision5, four, accepted;
  std::vector<std::uint32_t> groups;  // by the item shown
  std::vector<double> own;            // probability of the photo's own item
  std::vector<double> wall, cpu, decode, extract, shortlist, verify;

  void Add(const BenchAnswer& answer, const BenchPhoto& photo, DatasetKind kind,
           std::uint32_t group) {
    const Ranking ranking = answer.ranking();
    const Truth& truth = photo.truth;
    first.push_back(FirstHit(ranking, truth));
    ten.push_back(RecallAt(10, ranking, truth));
    precision.push_back(kind == DatasetKind::kOxford ? AveragePrecisionByTrapezoids(ranking, truth)
                                                     : AveragePrecision(ranking, truth));
    precision5.push_back(AveragePrecisionAt(5, ranking, truth));
    four.push_back(4 * RecallAt(4, ranking, truth));
    groups.push_back(group);
    double best = 0;
    bool taken = false;
    for (const RankedItem& item : answer.items) {
      if (std::find(truth.relevant.begin(), truth.relevant.end(), item.id) == truth.relevant.end())
        continue;
      best = std::max(best, item.probability);
      taken |= item.accepted;
    }
    own.push_back(best);
    accepted.push_back(taken);
    wall.push_back(answer.wall_ms);
    cpu.push_back(answer.cpu.total_ms);
    decode.push_back(answer.cpu.decode_ms);
    extract.push_back(answer.cpu.extract_ms);
    shortlist.push_back(answer.cpu.shortlist_ms);
    verify.push_back(answer.cpu.verify_ms);
  }
};

Json ToJson(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json Figures(const Tally& t) {
  return {{"photos", t.first.size()},
          {"first_hit", Mean(t.first)},
          {"first_hit_ci", ToJson(BootstrapMean(t.first, t.groups, kSeed))},
          {"recall_at_10", Mean(t.ten)},
          {"recall_at_10_ci", ToJson(BootstrapMean(t.ten, t.groups, kSeed))},
          {"map", Mean(t.precision)},
          {"map_ci", ToJson(BootstrapMean(t.precision, t.groups, kSeed))},
          {"map_at_5", Mean(t.precision5)}};
}

// What figures are told for: each dataset, and all photos.
std::vector<std::string> Names(const Gallery& gallery) {
  std::vector<std::string> names;
  for (const Dataset& dataset : gallery.datasets) names.push_back(dataset.name);
  names.push_back(kAll);
  return names;
}

std::uint32_t GroupOf(std::unordered_map<std::string, std::uint32_t>& groups,
                      const BenchPhoto& photo) {
  return groups.try_emplace(photo.own(), static_cast<std::uint32_t>(groups.size())).first->second;
}

}  // namespace

Json Summarise(const Gallery& gallery, const MethodAnswers& answers, const IsVisible& is_visible) {
  Json figures = Json::object();
  for (const std::string& name : Names(gallery)) {
    std::unordered_map<std::string, std::uint32_t> groups;
    Tally joint, own_gallery;
    std::vector<double>
        foreign;  // the best probability of anything wrong where the right answer is "nothing"
    int wrong = 0, listed = 0, failed = 0;
    DatasetKind kind = DatasetKind::kCatalogue;
    for (const Dataset& dataset : gallery.datasets) {
      if (dataset.name == name) kind = dataset.kind;
    }
    for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
      const BenchPhoto& photo = gallery.photos[i];
      if (name != kAll && photo.dataset != name) continue;
      const auto& [asked, left_out, own] = answers.photos[i];
      const bool shows_nothing = photo.truth.relevant.empty();
      for (const auto* answer : {&asked, &left_out, &own})
        failed += *answer && !(*answer)->error.empty();
      if (asked && asked->error.empty() && !shows_nothing) {
        joint.Add(*asked, photo, kind, GroupOf(groups, photo));
        const auto& items = asked->items;
        listed += std::any_of(items.begin(), items.end(), [&photo](const RankedItem& item) {
          return std::find(photo.truth.relevant.begin(), photo.truth.relevant.end(), item.id) !=
                 photo.truth.relevant.end();
        });
      }
      if (own && own->error.empty() && !shows_nothing)
        own_gallery.Add(*own, photo, kind, GroupOf(groups, photo));
      const auto& nothing = shows_nothing ? asked : left_out;
      if (!nothing || !nothing->error.empty()) continue;
      double best = 0;
      bool taken = false;
      for (const RankedItem& item : nothing->items) {
        if (is_visible(i, item.id) || item.outline.empty()) continue;
        best = std::max(best, item.probability);
        taken |= item.accepted;
      }
      foreign.push_back(best);
      wrong += taken;
    }
    const bool asked_joint = !joint.first.empty();
    const Tally& main = asked_joint ? joint : own_gallery;
    if (main.first.empty() && foreign.empty()) continue;
    Json f = Figures(main);
    f["gallery"] = asked_joint ? "joint" : "own";
    if (kind == DatasetKind::kUkbench) f["top_4"] = Mean(main.four);
    f["listed"] =
        asked_joint ? static_cast<double>(listed) / static_cast<double>(joint.first.size()) : 0.0;
    f["accepted"] = Mean(main.accepted);
    f["accepted_ci"] = ToJson(BootstrapMean(main.accepted, main.groups, kSeed));
    if (!foreign.empty()) {
      f["nothing_photos"] = foreign.size();
      f["wrong"] = static_cast<double>(wrong) / static_cast<double>(foreign.size());
      Json curve = Json::array();
      for (const DetectionError& e : DetectionErrors(main.own, foreign))
        curve.push_back({e.threshold, e.missed, e.false_alarm});
      f["detection_errors"] = std::move(curve);
    }
    f["query_ms"] = Median(main.wall);
    f["query_cpu_ms"] = Median(main.cpu);
    f["decode_ms"] = Median(main.decode);
    f["extract_ms"] = Median(main.extract);
    f["shortlist_ms"] = Median(main.shortlist);
    f["verify_ms"] = Median(main.verify);
    f["failed"] = failed;
    if (asked_joint && !own_gallery.first.empty()) f["own_gallery"] = Figures(own_gallery);
    figures[name] = std::move(f);
  }
  return figures;
}

Json CompareWithParts(const Gallery& gallery, const MethodAnswers& answers,
                      const std::vector<std::pair<std::string, const MethodAnswers*>>& parts) {
  Json compared = Json::object();
  for (const std::string& name : Names(gallery)) {
    std::unordered_map<std::string, std::uint32_t> groups;
    std::vector<double> whole;
    std::vector<std::vector<double>> of_parts(parts.size());
    std::vector<std::uint32_t> group_of;
    for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
      const BenchPhoto& photo = gallery.photos[i];
      const auto asked = static_cast<std::size_t>(Asked::kJoint);
      if ((name != kAll && photo.dataset != name) || photo.truth.relevant.empty() ||
          !answers.photos[i][asked])
        continue;
      whole.push_back(FirstHit(answers.photos[i][asked]->ranking(), photo.truth));
      group_of.push_back(GroupOf(groups, photo));
      for (std::size_t p = 0; p < parts.size(); ++p)
        of_parts[p].push_back(FirstHit(parts[p].second->photos[i][asked]->ranking(), photo.truth));
    }
    if (whole.empty()) continue;
    std::size_t better = 0;
    for (std::size_t p = 1; p < parts.size(); ++p) {
      if (Mean(of_parts[p]) > Mean(of_parts[better])) better = p;
    }
    std::vector<double> difference;
    for (std::size_t i = 0; i < whole.size(); ++i)
      difference.push_back(whole[i] - of_parts[better][i]);
    const Interval interval = BootstrapMean(difference, group_of, kSeed);
    compared[name] = {{"first_hit", Mean(whole)},
                      {"better_part", parts[better].first},
                      {"first_hit_of_part", Mean(of_parts[better])},
                      {"difference", Mean(difference)},
                      {"difference_ci", ToJson(interval)},
                      {"not_worse", interval.high >= 0}};
  }
  return compared;
}

}  // namespace inlier
