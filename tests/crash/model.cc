#include "tests/crash/model.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "tests/index/made_items.h"

namespace inlier::test {
namespace {

constexpr unsigned kVersions = 1000;
constexpr std::size_t kFeatures = 40;

std::string Id(unsigned number) { return "item-" + std::to_string(number); }

// The numbers that follow the verb; N:V counts as two.
std::vector<unsigned> Numbers(const std::string& change) {
  std::string text = change.substr(change.find(' ') + 1);
  std::replace(text.begin(), text.end(), ':', ' ');
  std::istringstream in(text);
  return {std::istream_iterator<unsigned>(in), {}};
}

bool SameFeatures(const Features& a, const Features& b) {
  return a.descriptors == b.descriptors && a.keypoints.size() == b.keypoints.size() &&
         std::equal(a.keypoints.begin(), a.keypoints.end(), b.keypoints.begin(),
                    [](const Keypoint& p, const Keypoint& q) {
                      return p.point.x_px == q.point.x_px && p.point.y_px == q.point.y_px;
                    });
}

}  // namespace

ItemUpdate MakeVersion(unsigned number, const Held& held) {
  ItemUpdate item = MakeItem(number * kVersions + held.version, kFeatures);
  item.id = Id(number);
  item.metadata = Metadata{{"note", std::to_string(held.note)}};
  PictureOf(item).record.path = "/pictures/" + item.id + ".jpg";
  PictureOf(item).record.content_hash = std::to_string(held.version);
  return item;
}

std::string MakeChange(const Model& model, std::mt19937& random) {
  const auto any = [&] {
    return std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % model.size()));
  };
  const unsigned dice = random() % 16;
  if (dice >= 14) return "checkpoint";
  if (dice == 13) return "rebuild";
  if (dice >= 11 && model.size() > 4) return fmt::format("drop {}", any()->first);
  if (dice >= 9 && !model.empty()) return fmt::format("note {}:{}", any()->first, random() % 1000);
  std::string change = "put";
  const unsigned first = model.empty() ? 0 : model.rbegin()->first + 1;
  for (unsigned i = 0; i <= random() % 4; ++i) change += fmt::format(" {}:0", first + i);
  if (dice < 3 && !model.empty()) {
    const auto old = any();  // replaced in the same batch
    change += fmt::format(" {}:{}", old->first, old->second.version + 1);
  }
  return change;
}

void Apply(const std::string& change, Model& model) {
  const std::vector<unsigned> numbers = Numbers(change);
  if (change.starts_with("put")) {
    for (std::size_t i = 0; i < numbers.size(); i += 2)
      model[numbers[i]] = {.version = numbers[i + 1]};
  } else if (change.starts_with("drop")) {
    for (const unsigned number : numbers) model.erase(number);
  } else if (change.starts_with("note")) {
    model[numbers[0]].note = numbers[1];
  }
}

Status Apply(const std::string& change, Collection& collection) {
  if (change == "checkpoint") return collection.Checkpoint();
  if (change == "rebuild") return collection.Rebuild();
  const std::vector<unsigned> numbers = Numbers(change);
  if (change.starts_with("drop")) return collection.Remove({Id(numbers[0])});
  if (change.starts_with("note")) {
    return collection.Put({{.id = Id(numbers[0]),
                            .metadata = Metadata{{"note", std::to_string(numbers[1])}},
                            .pictures = {},
                            .others = ItemUpdate::Others::kFollow}});
  }
  std::vector<ItemUpdate> items;
  for (std::size_t i = 0; i < numbers.size(); i += 2)
    items.push_back(MakeVersion(numbers[i], {.version = numbers[i + 1]}));
  return collection.Put(items);
}

Result<Model> ReadModel(const Collection& collection) {
  Model model;
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber, const ItemRecord& record) {
    model[static_cast<unsigned>(std::stoul(record.id.substr(5)))] = {
        .version = static_cast<unsigned>(std::stoul(record.pictures.at(0).content_hash)),
        .note = static_cast<unsigned>(std::stoul(record.metadata.at(0).second))};
    return true;
  }));
  return model;
}

std::optional<std::string> Differs(const Collection& collection, const Model& model) {
  const auto report = collection.Check();
  if (!report) return "check: " + report.error().message;
  if (!report->problems.empty()) return "check: " + report->problems.front();
  const auto found = ReadModel(collection);
  if (!found) return found.error().message;
  for (const auto& [number, held] : model) {
    if (!found->contains(number)) return Id(number) + " is lost";
    if (found->at(number) != held) return Id(number) + " is not as it was last put";
  }
  if (found->size() != model.size())
    return fmt::format("{} items where {} were put", found->size(), model.size());
  for (const auto& [number, held] : model) {
    const ItemUpdate item = MakeVersion(number, held);
    const auto best = collection.Search(MakePhoto(item, 6, number), 1, {});
    if (!best) return best.error().message;
    const auto record = collection.Find(Id(number));
    if (!record) return record.error().message;
    const FaceNumber own = record.value()->pictures.at(0).face;
    // With so few items there is no vocabulary, and the shortlist contains all of them.
    const bool voted = !best->empty() && !best->front().pairs.empty();
    if (best->empty() || (voted && best->front().number != own))
      return Id(number) + " does not answer its own photo";
    const std::vector<FaceNumber> numbers{own};
    auto keypoints = collection.FetchKeypoints(numbers);
    if (!keypoints) return keypoints.error().message;
    const auto stored = collection.FetchDescriptors(std::move(*keypoints));
    if (!stored) return stored.error().message;
    if (stored->size() != 1 || !stored->front()) return Id(number) + " cannot be fetched";
    if (!SameFeatures(stored->front()->features, FeaturesOf(item)))
      return Id(number) + " has other features";
    if (stored->front()->preview != item.pictures.front().face->preview)
      return Id(number) + " has another preview";
  }
  return std::nullopt;
}

}  // namespace inlier::test
