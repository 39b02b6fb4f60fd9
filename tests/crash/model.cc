#include "tests/crash/model.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "tests/index/made_items.h"

namespace inlier::test {
namespace {

constexpr std::size_t kFeatures = 40;
constexpr float kLikeness = 0.75F;

// The numbers that follow the verb; N:P counts as two.
std::vector<unsigned> Numbers(const std::string& change) {
  std::string text = change.substr(change.find(' ') + 1);
  std::replace(text.begin(), text.end(), ':', ' ');
  std::istringstream in(text);
  return {std::istream_iterator<unsigned>(in), {}};
}

// Twins end with the last item that has one of the two pictures.
void ForgetTwinsOfLostPictures(Model& model) {
  std::set<unsigned> pictures;
  for (const auto& [number, held] : model.items)
    pictures.insert(held.pictures.begin(), held.pictures.end());
  std::erase_if(model.twins, [&pictures](const auto& pair) {
    return !pictures.contains(pair.first) || !pictures.contains(pair.second);
  });
}

// Makes one change of a model.
class ChangeMaker {
 public:
  ChangeMaker(const Model& model, std::mt19937& random) : model_(model), random_(random) {
    for (const auto& [number, held] : model.items)
      fresh_ = std::max(fresh_, *std::ranges::max_element(held.pictures) + 1);
  }

  std::string Make() {
    const unsigned dice = random_() % 20;
    if (dice >= 18) return "checkpoint";
    if (dice == 17) return "rebuild";
    if (dice >= 15 && model_.items.size() > 4) return fmt::format("drop {}", AnyItem().first);
    if (dice < 8 || model_.items.empty()) return Put(/*replaces=*/dice < 3);
    const auto& [number, held] = AnyItem();
    if (dice == 8 && held.pictures.size() > 1)
      return fmt::format("cut {}:{}", number, held.pictures[random_() % held.pictures.size()]);
    if (dice <= 10) return fmt::format("add {}:{}", number, AnyPicture());
    if (dice <= 12) return fmt::format("twin {} {}", number, AnyItem().first);
    return fmt::format("note {}:{}", number, random_() % 1000);
  }

 private:
  const std::pair<const unsigned, Held>& AnyItem() {
    return *std::next(model_.items.begin(),
                      static_cast<std::ptrdiff_t>(random_() % model_.items.size()));
  }

  // Mostly a new one, now and then one that an item has.
  unsigned AnyPicture() {
    if (model_.items.empty() || random_() % 4 != 0) return fresh_++;
    const std::vector<unsigned>& pictures = AnyItem().second.pictures;
    return pictures[random_() % pictures.size()];
  }

  std::string Put(bool replaces) {
    std::string change = "put";
    const unsigned first = model_.items.empty() ? 0 : model_.items.rbegin()->first + 1;
    for (unsigned i = 0; i <= random_() % 4; ++i) {
      change += fmt::format(" {}:{}", first + i, AnyPicture());
      if (random_() % 3 == 0) change += fmt::format(" {}:{}", first + i, fresh_++);
    }
    // An old item gets another picture in the same batch.
    if (replaces && !model_.items.empty())
      change += fmt::format(" {}:{}", AnyItem().first, AnyPicture());
    return change;
  }

  const Model& model_;
  std::mt19937& random_;
  unsigned fresh_ = 0;  // a picture that no item has
};

// What a "put" says, by item.
std::map<unsigned, Held> PutBy(const std::vector<unsigned>& numbers) {
  std::map<unsigned, Held> items;
  for (std::size_t i = 0; i < numbers.size(); i += 2)
    items[numbers[i]].pictures.push_back(numbers[i + 1]);
  return items;
}

}  // namespace

std::string ItemId(unsigned number) { return "item-" + std::to_string(number); }

NewPicture MakePicture(unsigned picture) {
  ItemUpdate item = MakeItem(picture, kFeatures);
  PictureOf(item).record.path = fmt::format("/pictures/{}.jpg", picture);
  PictureOf(item).record.content_hash = std::to_string(picture);
  return std::move(PictureOf(item));
}

Features MakePhotoOf(unsigned picture) {
  return MakePhoto(MakeItem(picture, kFeatures), 6, picture);
}

ItemUpdate MakeHeld(unsigned number, const Held& held) {
  ItemUpdate item{.id = ItemId(number),
                  .metadata = Metadata{{"note", std::to_string(held.note)}},
                  .pictures = {}};
  for (const unsigned picture : held.pictures) item.pictures.push_back(MakePicture(picture));
  return item;
}

std::string MakeChange(const Model& model, std::mt19937& random) {
  return ChangeMaker(model, random).Make();
}

void Apply(const std::string& change, Model& model) {
  const std::vector<unsigned> numbers = Numbers(change);
  if (change.starts_with("put")) {
    for (auto& [number, held] : PutBy(numbers)) model.items[number] = std::move(held);
  } else if (change.starts_with("drop")) {
    model.items.erase(numbers[0]);
  } else if (change.starts_with("note")) {
    model.items[numbers[0]].note = numbers[1];
  } else if (change.starts_with("add") || change.starts_with("cut")) {
    std::vector<unsigned>& pictures = model.items[numbers[0]].pictures;
    std::erase(pictures, numbers[1]);
    if (change.starts_with("add")) pictures.push_back(numbers[1]);
  } else if (change.starts_with("twin")) {
    const unsigned a = model.items[numbers[0]].pictures.front();
    const unsigned b = model.items[numbers[1]].pictures.front();
    if (a != b) model.twins.insert(std::minmax(a, b));
  }
  ForgetTwinsOfLostPictures(model);
}

Status Apply(const std::string& change, Collection& collection) {
  if (change == "checkpoint") return collection.Checkpoint();
  if (change == "rebuild") return collection.Rebuild();
  const std::vector<unsigned> numbers = Numbers(change);
  const std::string id = ItemId(numbers[0]);
  if (change.starts_with("drop")) return collection.Remove({id});
  if (change.starts_with("note")) {
    return collection.Put({{.id = id,
                            .metadata = Metadata{{"note", std::to_string(numbers[1])}},
                            .pictures = {},
                            .others = ItemUpdate::Others::kFollow}});
  }
  if (change.starts_with("add")) {
    ItemUpdate item{.id = id, .pictures = {}, .others = ItemUpdate::Others::kPrecede};
    item.pictures.push_back(MakePicture(numbers[1]));
    return collection.Put({std::move(item)});
  }
  if (change.starts_with("cut"))
    return collection.RemovePicture(id, NameOf(MakePicture(numbers[1]).record));
  if (change.starts_with("twin")) {
    INLIER_ASSIGN_OR_RETURN(const auto a, collection.Find(id));
    INLIER_ASSIGN_OR_RETURN(const auto b, collection.Find(ItemId(numbers[1])));
    if (!a || !b) return Fail(ErrorCode::kNotFound, "an item is lost");
    const std::vector<TwinFaces> twins{
        {a->pictures.front().face, b->pictures.front().face, kLikeness}};
    return collection.PutTwins(twins, collection.FaceLimit());
  }
  std::vector<ItemUpdate> items;
  for (const auto& [number, held] : PutBy(numbers)) items.push_back(MakeHeld(number, held));
  return collection.Put(items);
}

}  // namespace inlier::test
