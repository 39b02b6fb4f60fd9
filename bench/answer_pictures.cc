#include "bench/answer_pictures.h"

#include <algorithm>
#include <array>

#include "bench/methods.h"
#include "bench/pictures.h"
#include "engine/report/draw.h"

namespace inlier {
namespace {

constexpr int kSide_px = 760;
constexpr std::size_t kMaxOfAKind = 2;  // right answers, or wrong ones, of a method on a dataset
constexpr auto kJoint = static_cast<std::size_t>(Setting::kJoint);

const CatalogueEntry* EntryOf(const Gallery& gallery, const std::string& id) {
  const auto& entries = gallery.catalogue.entries;
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&id](const CatalogueEntry& e) { return e.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

// Up to kMaxOfAKind of the photos, from the middles of equal parts of the list.
std::vector<std::size_t> AFewOf(const std::vector<std::size_t>& photos) {
  std::vector<std::size_t> few;
  const std::size_t n = std::min(kMaxOfAKind, photos.size());
  for (std::size_t i = 0; i < n; ++i) few.push_back(photos[(2 * i + 1) * photos.size() / (2 * n)]);
  return few;
}

// The photo beside the item that was named, with its place and, where the method matches points,
// the matches.
Result<Image> DrawNamed(BenchSession& session, const std::string& method, const BenchPhoto& photo,
                        const RankedItem& named) {
  INLIER_ASSIGN_OR_RETURN(const Image image, photo.Read());
  const CatalogueEntry* entry = EntryOf(session.gallery, named.id);
  if (!entry) return Fail(ErrorCode::kNotFound, "no item '" + named.id + "'");
  INLIER_ASSIGN_OR_RETURN(const Image item, ReadImage(entry->images.front()));
  std::optional<Hit> hit;
  INLIER_ASSIGN_OR_RETURN(const BenchMethod* explainer, session.Open(method));
  hit = explainer->Explain(photo, named.id);
  if (!hit && named.outline.size() == 4) {
    hit.emplace();
    hit->polygon.emplace();
    std::copy(named.outline.begin(), named.outline.end(), hit->polygon->begin());
  }
  return DrawMatch(image, item, hit);
}

// The photos of a dataset whose first item is right, and those whose first item is wrong.
std::array<std::vector<std::size_t>, 2> RightAndWrong(const BenchSession& session,
                                                      const MethodAnswers& answers,
                                                      const std::string& dataset) {
  std::array<std::vector<std::size_t>, 2> kinds;
  for (std::size_t i = 0; i < session.gallery.photos.size(); ++i) {
    const BenchPhoto& photo = session.gallery.photos[i];
    const auto& answer = answers.photos[i][kJoint];
    if (photo.dataset != dataset || photo.truth.relevant.empty() || !answer ||
        answer->items.empty())
      continue;
    kinds[FirstHit(answer->ranking(), photo.truth) > 0 ? 0 : 1].push_back(i);
  }
  return kinds;
}

Status DrawSome(BenchSession& session, const std::string& method, const MethodAnswers& answers,
                const std::string& dataset, std::vector<DrawnAnswer>& drawn) {
  const auto kinds = RightAndWrong(session, answers, dataset);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const bool right = kind == 0;
    std::size_t number = 0;
    for (const std::size_t i : AFewOf(kinds[kind])) {
      const BenchPhoto& photo = session.gallery.photos[i];
      const RankedItem& first = answers.photos[i][kJoint]->items.front();
      const std::string file = "pictures/" + method + "-" + dataset +
                               (right ? "-right-" : "-wrong-") + std::to_string(++number) + ".jpg";
      const auto picture = DrawNamed(session, method, photo, first);
      if (!picture) continue;  // an image can no longer be read
      INLIER_RETURN_IF_ERROR(
          WritePicture(session.options.out / file, ReducedTo(*picture, kSide_px)));
      drawn.push_back({.method = method,
                       .dataset = dataset,
                       .right = right,
                       .file = file,
                       .photo = photo.image.filename().string(),
                       .named = first.id,
                       .own = photo.own(),
                       .accepted = first.accepted,
                       .probability = first.probability,
                       .inliers = first.inliers});
    }
  }
  return {};
}

}  // namespace

Result<std::vector<DrawnAnswer>> DrawAnswers(BenchSession& session) {
  std::error_code ec;
  std::filesystem::create_directories(session.options.out / "pictures", ec);
  std::vector<DrawnAnswer> drawn;
  for (const auto& [method, answers] : session.answers) {
    if (IsReferenceMethod(method) || method == "deep-raw") continue;
    for (const Dataset& dataset : session.gallery.datasets)
      INLIER_RETURN_IF_ERROR(DrawSome(session, method, answers, dataset.name, drawn));
  }
  return drawn;
}

}  // namespace inlier
