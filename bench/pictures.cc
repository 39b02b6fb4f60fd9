#include "bench/pictures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/session.h"
#include "core/file.h"
#include "engine/report/draw.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kSide_px = 760;
constexpr int kQuality = 80;
constexpr std::size_t kOfAKind =
    2;  // pictures of a method and dataset that are right, and that are wrong
const cv::Scalar kOutline(0, 212, 255), kCasing(0, 0, 0);

cv::Mat AsMat(Image& image) {
  return {image.height_px, image.width_px, CV_8UC(image.channels), image.pixels.data()};
}

Image Reduced(const Image& image, int side_px) {
  return std::max(image.width_px, image.height_px) > side_px ? ResizeLongSide(image, side_px)
                                                             : image;
}

const CatalogueEntry* EntryOf(const Gallery& gallery, const std::string& id) {
  const auto& entries = gallery.catalogue.entries;
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&id](const CatalogueEntry& e) { return e.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

// Evenly spread over those that there are.
std::vector<std::size_t> Few(const std::vector<std::size_t>& of) {
  std::vector<std::size_t> few;
  const std::size_t n = std::min(kOfAKind, of.size());
  for (std::size_t i = 0; i < n; ++i) few.push_back(of[(2 * i + 1) * of.size() / (2 * n)]);
  return few;
}

// Photo beside the item that was named, with its place and, where the method has them, the matched
// points.
Result<Image> DrawNamed(BenchSession& session, const std::string& method, const BenchPhoto& photo,
                        const RankedItem& named) {
  INLIER_ASSIGN_OR_RETURN(const Image image, photo.Read());
  const CatalogueEntry* entry = EntryOf(session.gallery, named.id);
  if (!entry) return Fail(ErrorCode::kNotFound, "no item '" + named.id + "'");
  INLIER_ASSIGN_OR_RETURN(const Image item, ReadImage(entry->image));
  std::optional<Hit> hit;
  const std::string& explainer = method == "hybrid" ? session.classical : method;
  if (method != "hybrid" || named.inliers > 0) {
    INLIER_ASSIGN_OR_RETURN(const BenchMethod* opened, session.Open(explainer));
    hit = opened->Explain(photo, named.id);
  }
  if (!hit && named.outline.size() == 4) {
    hit.emplace();
    hit->polygon.emplace();
    std::copy(named.outline.begin(), named.outline.end(), hit->polygon->begin());
  }
  return DrawMatch(image, item, hit);
}

}  // namespace

Image WithOutlines(const Image& photo, std::span<const std::vector<Point>> outlines, int side_px) {
  Image drawn = Reduced(photo, side_px);
  const double scale = static_cast<double>(std::max(drawn.width_px, drawn.height_px)) /
                       std::max(photo.width_px, photo.height_px);
  cv::Mat canvas = AsMat(drawn);
  for (const auto& outline : outlines) {
    std::vector<cv::Point> corners;
    for (const Point& p : outline)
      corners.emplace_back(static_cast<int>(std::lround(p.x_px * scale)),
                           static_cast<int>(std::lround(p.y_px * scale)));
    cv::polylines(canvas, corners, true, kCasing, 3, cv::LINE_AA);
    cv::polylines(canvas, corners, true, kOutline, 1, cv::LINE_AA);
  }
  return drawn;
}

Status WritePicture(const std::filesystem::path& path, const Image& picture) {
  const auto bytes = EncodeJpeg(picture, kQuality);
  return PublishFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<Json> DrawAnswers(BenchSession& session) {
  Json pictures = Json::array();
  const auto folder = session.options.out / "pictures";
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  for (const auto& [method, answers] : session.answers) {
    if (IsReferenceMethod(method) || method == "deep-raw") continue;
    for (const Dataset& dataset : session.gallery.datasets) {
      std::array<std::vector<std::size_t>, 2> kinds;  // right and wrong
      for (std::size_t i = 0; i < session.gallery.photos.size(); ++i) {
        const BenchPhoto& photo = session.gallery.photos[i];
        const auto& answer = answers.photos[i][static_cast<std::size_t>(Asked::kJoint)];
        if (photo.dataset != dataset.name || photo.truth.relevant.empty() || !answer ||
            answer->items.empty())
          continue;
        kinds[FirstHit(answer->ranking(), photo.truth) > 0 ? 0 : 1].push_back(i);
      }
      for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        std::size_t number = 0;
        for (const std::size_t i : Few(kinds[kind])) {
          const BenchPhoto& photo = session.gallery.photos[i];
          const RankedItem& first =
              answers.photos[i][static_cast<std::size_t>(Asked::kJoint)]->items.front();
          const std::string name = method + "-" + dataset.name +
                                   (kind == 0 ? "-right-" : "-wrong-") + std::to_string(++number) +
                                   ".jpg";
          const auto drawn = DrawNamed(session, method, photo, first);
          if (!drawn) continue;  // a picture that can no longer be read
          INLIER_RETURN_IF_ERROR(WritePicture(folder / name, Reduced(*drawn, kSide_px)));
          pictures.push_back({{"method", method},
                              {"dataset", dataset.name},
                              {"right", kind == 0},
                              {"file", "pictures/" + name},
                              {"photo", photo.image.filename().string()},
                              {"named", first.id},
                              {"own", photo.own()},
                              {"accepted", first.accepted},
                              {"probability", first.probability},
                              {"inliers", first.inliers}});
        }
      }
    }
  }
  return pictures;
}

}  // namespace inlier
