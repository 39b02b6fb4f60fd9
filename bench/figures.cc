#include "bench/figures.h"

#include <algorithm>
#include <unordered_map>

namespace inlier {
namespace {

constexpr std::uint64_t kSeed = 1;

bool IsRelevant(const Truth& truth, const std::string& id) {
  return std::find(truth.relevant.begin(), truth.relevant.end(), id) != truth.relevant.end();
}

// What is measured on the photos of one dataset, or on all of them, in one gallery. One value for
// each photo.
struct Tally {
  std::vector<double> first, ten, precision, precision5, four, accepted;
  std::vector<std::uint32_t> groups;  // photos of the same item are in the same group
  std::vector<double> own;            // probability of the photo's own item
  std::vector<double> wall, cpu, decode, extract, shortlist, verify;
  int listed = 0;

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
    bool is_accepted = false, is_listed = false;
    for (const RankedItem& item : answer.items) {
      if (!IsRelevant(truth, item.id)) continue;
      is_listed = true;
      best = std::max(best, item.probability);
      is_accepted |= item.accepted;
    }
    own.push_back(best);
    accepted.push_back(is_accepted);
    listed += is_listed;
    wall.push_back(answer.wall_ms);
    cpu.push_back(answer.cpu.total_ms);
    decode.push_back(answer.cpu.decode_ms);
    extract.push_back(answer.cpu.extract_ms);
    shortlist.push_back(answer.cpu.shortlist_ms);
    verify.push_back(answer.cpu.verify_ms);
  }
};

// The same for photos whose right answer is "not in the catalogue".
struct NothingTally {
  std::vector<double> best;  // the highest probability of an item that the photo does not show
  int wrong = 0;

  void Add(const BenchAnswer& answer, std::size_t photo, const IsVisible& is_visible) {
    double highest = 0;
    bool is_accepted = false;
    for (const RankedItem& item : answer.items) {
      if (is_visible(photo, item.id) || item.outline.empty()) continue;
      highest = std::max(highest, item.probability);
      is_accepted |= item.accepted;
    }
    best.push_back(highest);
    wrong += is_accepted;
  }
};

// Numbers the items that photos show.
class Groups {
 public:
  std::uint32_t Of(const BenchPhoto& photo) {
    return numbers_.try_emplace(photo.own(), static_cast<std::uint32_t>(numbers_.size()))
        .first->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

struct DatasetTally {
  Tally joint, own_gallery;
  NothingTally nothing;
  int failed = 0;
};

bool IsAnswered(const std::optional<BenchAnswer>& answer) {
  return answer && answer->error.empty();
}

bool BelongsTo(const BenchPhoto& photo, const std::string& dataset) {
  return dataset == kAllPhotos || photo.dataset == dataset;
}

DatasetKind KindOfDataset(const Gallery& gallery, const std::string& name) {
  for (const Dataset& dataset : gallery.datasets) {
    if (dataset.name == name) return dataset.kind;
  }
  return DatasetKind::kCatalogue;
}

DatasetTally TallyOf(const Gallery& gallery, const MethodAnswers& answers,
                     const IsVisible& is_visible, const std::string& dataset) {
  const DatasetKind kind = KindOfDataset(gallery, dataset);
  DatasetTally tally;
  Groups groups;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    const BenchPhoto& photo = gallery.photos[i];
    if (!BelongsTo(photo, dataset)) continue;
    const auto& [joint, left_out, own] = answers.photos[i];
    for (const auto* answer : {&joint, &left_out, &own})
      tally.failed += *answer && !(*answer)->error.empty();
    const bool shows_nothing = photo.truth.relevant.empty();
    if (!shows_nothing && IsAnswered(joint)) tally.joint.Add(*joint, photo, kind, groups.Of(photo));
    if (!shows_nothing && IsAnswered(own))
      tally.own_gallery.Add(*own, photo, kind, groups.Of(photo));
    const auto& nothing = shows_nothing ? joint : left_out;
    if (IsAnswered(nothing)) tally.nothing.Add(*nothing, i, is_visible);
  }
  return tally;
}

MeanFigure MeanOf(const std::vector<double>& values, const std::vector<std::uint32_t>& groups) {
  return {Mean(values), BootstrapMean(values, groups, kSeed)};
}

RankFigures RanksOf(const Tally& t) {
  return {.photos = t.first.size(),
          .first_hit = MeanOf(t.first, t.groups),
          .recall_at_10 = MeanOf(t.ten, t.groups),
          .average_precision = MeanOf(t.precision, t.groups),
          .average_precision_at_5 = Mean(t.precision5)};
}

DatasetFigures FiguresOf(const DatasetTally& tally, DatasetKind kind) {
  const bool in_joint = !tally.joint.first.empty();
  const Tally& main = in_joint ? tally.joint : tally.own_gallery;
  DatasetFigures figures{.ranks = RanksOf(main), .in_joint_gallery = in_joint};
  if (kind == DatasetKind::kUkbench) figures.top_4 = Mean(main.four);
  if (in_joint) {
    figures.listed =
        static_cast<double>(tally.joint.listed) / static_cast<double>(tally.joint.first.size());
  }
  figures.accepted = MeanOf(main.accepted, main.groups);
  if (const auto& best = tally.nothing.best; !best.empty()) {
    figures.nothing = {
        .photos = best.size(),
        .wrong = static_cast<double>(tally.nothing.wrong) / static_cast<double>(best.size()),
        .detection_errors = DetectionErrors(main.own, best)};
  }
  figures.query_ms = Median(main.wall);
  figures.query_cpu_ms = Median(main.cpu);
  figures.decode_ms = Median(main.decode);
  figures.extract_ms = Median(main.extract);
  figures.shortlist_ms = Median(main.shortlist);
  figures.verify_ms = Median(main.verify);
  figures.failed = tally.failed;
  if (in_joint && !tally.own_gallery.first.empty())
    figures.own_gallery = RanksOf(tally.own_gallery);
  return figures;
}

std::vector<std::string> NamesOf(const Gallery& gallery) {
  std::vector<std::string> names;
  for (const Dataset& dataset : gallery.datasets) names.push_back(dataset.name);
  names.push_back(kAllPhotos);
  return names;
}

}  // namespace

ByName<DatasetFigures> FiguresOf(const Gallery& gallery, const MethodAnswers& answers,
                                 const IsVisible& is_visible) {
  ByName<DatasetFigures> figures;
  for (const std::string& name : NamesOf(gallery)) {
    const DatasetTally tally = TallyOf(gallery, answers, is_visible, name);
    if (tally.joint.first.empty() && tally.own_gallery.first.empty() && tally.nothing.best.empty())
      continue;
    figures.emplace_back(name, FiguresOf(tally, KindOfDataset(gallery, name)));
  }
  return figures;
}

ByName<PairedDifference> PairedDifferences(
    const Gallery& gallery, const MethodAnswers& answers,
    const std::vector<std::pair<std::string, const MethodAnswers*>>& parts) {
  constexpr auto kJoint = static_cast<std::size_t>(Setting::kJoint);
  ByName<PairedDifference> differences;
  for (const std::string& name : NamesOf(gallery)) {
    Groups groups;
    std::vector<double> whole;
    std::vector<std::vector<double>> of_parts(parts.size());
    std::vector<std::uint32_t> group_of;
    for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
      const BenchPhoto& photo = gallery.photos[i];
      const auto& answer = answers.photos[i][kJoint];
      if (!BelongsTo(photo, name) || photo.truth.relevant.empty() || !answer) continue;
      whole.push_back(FirstHit(answer->ranking(), photo.truth));
      group_of.push_back(groups.Of(photo));
      for (std::size_t p = 0; p < parts.size(); ++p) {
        const auto& of_part = parts[p].second->photos[i][kJoint];
        of_parts[p].push_back(FirstHit(of_part->ranking(), photo.truth));
      }
    }
    if (whole.empty()) continue;
    std::size_t better = 0;
    for (std::size_t p = 1; p < parts.size(); ++p) {
      if (Mean(of_parts[p]) > Mean(of_parts[better])) better = p;
    }
    std::vector<double> difference;
    for (std::size_t i = 0; i < whole.size(); ++i)
      difference.push_back(whole[i] - of_parts[better][i]);
    differences.emplace_back(
        name, PairedDifference{.first_hit = Mean(whole),
                               .better_part = parts[better].first,
                               .first_hit_of_part = Mean(of_parts[better]),
                               .difference = Mean(difference),
                               .interval = BootstrapMean(difference, group_of, kSeed)});
  }
  return differences;
}

}  // namespace inlier
