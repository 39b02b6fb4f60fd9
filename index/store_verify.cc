// Reads everything that a store has and compares it: every item leads to its faces and every face
// to its items, pixels lead to their face and ids to their item, and the counts in the header are
// right.
#include <algorithm>
#include <unordered_map>

#include "index/field_check.h"
#include "index/store.h"
#include "index/store_state.h"

namespace inlier {
namespace {

using Problem = std::function<void(const std::string&)>;

class Verification {
 public:
  Verification(const Store& store, const StoreState& state, const Problem& problem)
      : store_(store),
        state_(state),
        problem_(problem),
        fields_(*state.db, state.family(kFields), problem) {}

  void Run() {
    ReportError(store_.ForEachFace([this](FaceNumber number, const FaceRecord& record) {
      faces_.emplace(number, record);
      return true;
    }));
    ReportError(store_.ForEach([this](ItemNumber number, const ItemRecord& record) {
      CheckItem(number, record);
      return true;
    }));
    ReportError(fields_.Finish());
    for (const auto& [number, face] : faces_) CheckFace(number, face);
    CheckCounts();
  }

 private:
  void ReportError(const Status& status) const {
    if (!status) problem_(status.error().message);
  }

  void CheckItem(ItemNumber number, const ItemRecord& item) {
    seen_.items += 1;
    seen_.pictures += item.pictures.size();
    if (FeatureCount(item) == 0) seen_.items_without_features += 1;
    const auto about = [&](const std::string& what) {
      problem_(fmt::format("item '{}' (number {}): {}", item.id, number, what));
    };
    const auto named = store_.NumberOf(item.id);
    if (!named)
      about(named.error().message);
    else if (*named != number)
      about("its id leads elsewhere");
    for (const PictureRecord& picture : item.pictures) {
      const auto face = faces_.find(picture.face);
      if (face == faces_.end())
        about(fmt::format("the face of its picture '{}' is missing", NameOf(picture)));
      else if (!std::ranges::binary_search(face->second.owners, number))
        about(fmt::format("the face of its picture '{}' does not know it", NameOf(picture)));
    }
    const std::vector<FaceNumber> faces = FacesOf(item);
    for (const FaceNumber face : faces) ++owned_[face];
    ReportError(fields_.Item(number, faces, item.metadata));
  }

  void CheckFace(FaceNumber number, const FaceRecord& face) {
    seen_.faces += 1;
    seen_.features += face.feature_count;
    const auto about = [&, n = number](const std::string& what) {
      problem_(fmt::format("face number {}: {}", n, what));
    };
    if (owned_[number] < face.owners.size()) about("an item that it names does not have it");
    for (const TwinFace& twin : face.twins) {
      const auto other = faces_.find(twin.face);
      const bool returned =
          other != faces_.end() &&
          std::ranges::any_of(other->second.twins,
                              [n = number](const TwinFace& t) { return t.face == n; });
      if (!returned) about(fmt::format("its twin {} does not name it", twin.face));
    }
    const auto leads = state_.GetDecoded<FaceNumber>(kPixels, face.pixel_hash, DecodeNumber);
    if (!leads)
      about(leads.error().message);
    else if (!*leads || **leads != number)
      about("the hash of its pixels leads elsewhere");
    const auto features = store_.FeaturesOf(number);
    if (!features)
      about(features.error().message);
    else if (!*features)
      about("its features are missing");
    else if ((*features)->size() != face.feature_count)
      about("its number of features is wrong");
    if (const auto globals = store_.GlobalsOf(number); !globals) about(globals.error().message);
    const auto preview = state_.GetDecoded<std::string>(kPreviews, Key(number), DecodePreview);
    if (!preview)
      about(preview.error().message);
    else if (!*preview)
      about("its preview is missing");
  }

  std::uint64_t CountKeys(Family family) const {
    std::uint64_t count = 0;
    ReportError(state_.Scan(family, {}, [&count](const Slice&, const Slice&) -> Result<bool> {
      ++count;
      return true;
    }));
    return count;
  }

  void CheckCounts() const {
    const Counters counted = state_.Current();
    if (const auto ids = CountKeys(kIds); ids != seen_.items)
      problem_(fmt::format("{} ids for {} items", ids, seen_.items));
    if (const auto pixels = CountKeys(kPixels); pixels != seen_.faces)
      problem_(fmt::format("{} hashes of pixels for {} faces", pixels, seen_.faces));
    const auto expect = [this](const char* what, std::uint64_t header, std::uint64_t there) {
      if (header != there)
        problem_(fmt::format("the header counts {} {}; there are {}", header, what, there));
    };
    expect("items", counted.items, seen_.items);
    expect("items without features", counted.items_without_features, seen_.items_without_features);
    expect("pictures", counted.pictures, seen_.pictures);
    expect("faces", counted.faces, seen_.faces);
    expect("features", counted.features, seen_.features);
  }

  const Store& store_;
  const StoreState& state_;
  const Problem& problem_;
  FieldCheck fields_;
  std::unordered_map<FaceNumber, FaceRecord> faces_;
  std::unordered_map<FaceNumber, std::size_t> owned_;  // how many items name a face
  Counters seen_;
};

}  // namespace

Status Store::Verify(const std::function<void(const std::string&)>& problem) const {
  if (const std::string lost = loss(); !lost.empty()) problem(lost);
  const rocksdb::Status sums = state_->db->VerifyChecksum();
  if (!sums.ok()) problem(FromRocks(sums, state_->name()).value().message);
  const rocksdb::Status files = state_->db->VerifyFileChecksums({});
  if (!files.ok() && sums.ok()) problem(FromRocks(files, state_->name()).value().message);
  Verification(*this, *state_, problem).Run();
  return {};
}

}  // namespace inlier
