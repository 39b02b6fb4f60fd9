#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "tests/crash/model.h"
#include "tests/index/made_items.h"

namespace inlier::test {
namespace {

bool SameFeatures(const Features& a, const Features& b) {
  return a.descriptors == b.descriptors && a.keypoints.size() == b.keypoints.size() &&
         std::equal(a.keypoints.begin(), a.keypoints.end(), b.keypoints.begin(),
                    [](const Keypoint& p, const Keypoint& q) {
                      return p.point.x_px == q.point.x_px && p.point.y_px == q.point.y_px;
                    });
}

// The photo has to find the face, and the face has to hold what was put.
std::optional<std::string> DiffersInFace(const Collection& collection, FaceNumber face,
                                         unsigned picture) {
  const std::string name = "picture " + std::to_string(picture);
  const auto best = collection.Search(MakePhotoOf(picture), 1, {});
  if (!best) return best.error().message;
  // With so few items there is no vocabulary, and the shortlist contains all of them.
  const bool voted = !best->empty() && !best->front().pairs.empty();
  if (best->empty() || (voted && best->front().number != face))
    return name + " does not answer its own photo";
  const std::vector<FaceNumber> numbers{face};
  auto keypoints = collection.FetchKeypoints(numbers);
  if (!keypoints) return keypoints.error().message;
  const auto stored = collection.FetchDescriptors(std::move(*keypoints));
  if (!stored) return stored.error().message;
  if (stored->size() != 1 || !stored->front()) return name + " cannot be fetched";
  const NewPicture put = MakePicture(picture);
  if (!SameFeatures(stored->front()->features, AsStored(put.face->features)))
    return name + " has other features";
  if (stored->front()->preview != put.face->preview) return name + " has another preview";
  return std::nullopt;
}

}  // namespace

Result<Model> ReadModel(const Collection& collection) {
  Model model;
  std::map<FaceNumber, unsigned> pictures;
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber, const ItemRecord& record) {
    Held& held = model.items[static_cast<unsigned>(std::stoul(record.id.substr(5)))];
    held.note = static_cast<unsigned>(std::stoul(record.metadata.at(0).second));
    for (const PictureRecord& picture : record.pictures) {
      held.pictures.push_back(static_cast<unsigned>(std::stoul(picture.content_hash)));
      pictures[picture.face] = held.pictures.back();
    }
    return true;
  }));
  INLIER_RETURN_IF_ERROR(collection.ForEachFace([&](FaceNumber number, const FaceRecord& face) {
    for (const TwinFace& twin : face.twins)
      model.twins.insert(std::minmax(pictures[number], pictures[twin.face]));
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
  for (const auto& [number, held] : model.items) {
    if (!found->items.contains(number)) return ItemId(number) + " is lost";
    if (found->items.at(number) != held) return ItemId(number) + " is not as it was last put";
  }
  if (found->items.size() != model.items.size())
    return fmt::format("{} items where {} were put", found->items.size(), model.items.size());
  if (found->twins != model.twins)
    return fmt::format("{} pairs of twins where {} were put", found->twins.size(),
                       model.twins.size());
  std::map<unsigned, FaceNumber> faces;  // by picture; a picture that items share has one
  for (const auto& [number, held] : model.items) {
    const auto record = collection.Find(ItemId(number));
    if (!record) return record.error().message;
    for (std::size_t i = 0; i < held.pictures.size(); ++i) {
      const FaceNumber face = record.value()->pictures.at(i).face;
      if (faces.emplace(held.pictures[i], face).first->second != face)
        return fmt::format("picture {} has two faces", held.pictures[i]);
    }
  }
  for (const auto& [picture, face] : faces) {
    if (auto problem = DiffersInFace(collection, face, picture)) return problem;
  }
  return std::nullopt;
}

}  // namespace inlier::test
