#include "engine/report_picture.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "core/image.h"

namespace inlier {
namespace {

constexpr int kEmbeddedSide_px = 640;
constexpr int kEmbeddedQuality = 82;
constexpr double kPairHeight = 400;
constexpr double kPairGap = 16;
constexpr std::size_t kMaxLines = 150;
constexpr std::size_t kMaxLabel = 32;  // bytes; the table has the whole id

constexpr std::array<std::string_view, 6> kColours = {"#ffd400", "#00e5ff", "#ff7ad1",
                                                      "#7dff6a", "#ff9a3d", "#c3b1ff"};

std::string Base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? bytes[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string Points(const std::array<Point, 4>& polygon) {
  std::string text;
  for (const Point& p : polygon) text += fmt::format("{:.1f},{:.1f} ", p.x_px, p.y_px);
  text.pop_back();
  return text;
}

// Cut at a whole character.
std::string Label(std::size_t rank, std::string_view id) {
  std::size_t end = std::min(id.size(), kMaxLabel);
  while (end > 0 && end < id.size() && (static_cast<unsigned char>(id[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{} {}{}", rank, EscapeHtml(id.substr(0, end)), end < id.size() ? "…" : "");
}

std::string Outline(const std::array<Point, 4>& polygon, std::string_view colour) {
  const std::string points = Points(polygon);
  return fmt::format(
      "<polygon class=\"casing\" points=\"{0}\"/><polygon class=\"outline\" points=\"{0}\" "
      "stroke=\"{1}\"/>",
      points, colour);
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // Control characters are no HTML text.
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? std::string("\uFFFD")
                                                                 : std::string(1, c);
    }
  }
  return out;
}

std::string_view OutlineColour(std::size_t i) { return kColours[i % kColours.size()]; }

ReportPictures::Embedded* ReportPictures::Find(const std::string& path) {
  const auto [found, fresh] = images_.try_emplace(path);
  std::optional<Embedded>& entry = found->second;
  if (fresh) {
    if (const auto image = ReadImage(path)) {
      const bool large = std::max(image->width_px, image->height_px) > kEmbeddedSide_px;
      const auto jpeg =
          EncodeJpeg(large ? ResizeLongSide(*image, kEmbeddedSide_px) : *image, kEmbeddedQuality);
      entry = Embedded{.number = static_cast<int>(images_.size()),
                       .width_px = static_cast<double>(image->width_px),
                       .height_px = static_cast<double>(image->height_px)};
      entry->first_use = fmt::format(
          "<image id=\"i{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
          "href=\"data:image/jpeg;base64,{}\"/>",
          entry->number, image->width_px, image->height_px, Base64(jpeg));
    }
  }
  return entry ? &*entry : nullptr;
}

std::string ReportPictures::Take(Embedded& image) {
  if (image.first_use.empty()) return fmt::format("<use href=\"#i{}\"/>", image.number);
  return std::exchange(image.first_use, {});
}

std::string ReportPictures::Outlines(const std::string& photo, const Answer& answer) {
  Embedded* image = Find(photo);
  if (image == nullptr) return "";
  const double side = std::max(image->width_px, image->height_px);
  const double font = side / 30;
  std::string outlines, labels, names;
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    const Hit& hit = answer.hits[i];
    if (!hit.accepted || !hit.polygon) continue;
    outlines += Outline(*hit.polygon, OutlineColour(i));
    const Point top =
        *std::min_element(hit.polygon->begin(), hit.polygon->end(),
                          [](const Point& a, const Point& b) { return a.y_px < b.y_px; });
    const bool right = top.x_px > image->width_px / 2;
    const double x = std::clamp<double>(top.x_px, font / 2, image->width_px - font / 2);
    const double y =
        std::clamp<double>(top.y_px - font / 3, font * 1.1, image->height_px - font / 2);
    labels +=
        fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>", x,
                    y, right ? "end" : "start", OutlineColour(i), Label(i + 1, hit.id));
    names += (names.empty() ? "" : ", ") + EscapeHtml(hit.id);
  }
  const std::string alt = names.empty() ? "The photo; no item of the catalogue is outlined."
                                        : "The photo with the outline of " + names + ".";
  return fmt::format(
      "<svg class=\"photo\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {:.0f} {:.0f}\" "
      "style=\"max-width:{:.0f}px;font-size:{:.0f}px\">{}{}{}</svg>",
      alt, image->width_px, image->height_px, kEmbeddedSide_px * image->width_px / side, font,
      Take(*image), outlines, labels);
}

std::string ReportPictures::Pair(const std::string& photo, const Hit& hit,
                                 std::string_view colour) {
  Embedded* left = Find(photo);
  Embedded* right = Find(hit.image_path);
  // Without its file an item is a frame that holds its matched points.
  double item_width = 1, item_height = 1, photo_width = 1, photo_height = 1;
  for (const MatchedPoint& match : hit.matches) {
    item_width = std::max<double>(item_width, match.item.x_px);
    item_height = std::max<double>(item_height, match.item.y_px);
    photo_width = std::max<double>(photo_width, match.photo.x_px);
    photo_height = std::max<double>(photo_height, match.photo.y_px);
  }
  if (left != nullptr)
    std::tie(photo_width, photo_height) = std::tie(left->width_px, left->height_px);
  if (right != nullptr)
    std::tie(item_width, item_height) = std::tie(right->width_px, right->height_px);
  const double photo_scale = kPairHeight / photo_height, item_scale = kPairHeight / item_height;
  const double item_left = photo_width * photo_scale + kPairGap;
  const double width = item_left + item_width * item_scale;
  const auto panel = [this](Embedded* image, double w, double h) {
    return image != nullptr
               ? Take(*image)
               : fmt::format("<rect class=\"gone\" width=\"{:.0f}\" height=\"{:.0f}\"/>", w, h);
  };

  std::string lines, dots;
  const std::size_t step = hit.matches.size() / kMaxLines + 1;
  for (std::size_t i = 0; i < hit.matches.size(); i += step) {
    const MatchedPoint& match = hit.matches[i];
    const double x1 = match.photo.x_px * photo_scale, y1 = match.photo.y_px * photo_scale;
    const double x2 = item_left + match.item.x_px * item_scale, y2 = match.item.y_px * item_scale;
    lines += fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", x1, y1, x2, y2);
    dots += fmt::format("M{:.1f} {:.1f}h0M{:.1f} {:.1f}h0", x1, y1, x2, y2);
  }
  return fmt::format(
      "<svg class=\"pair\" role=\"img\" aria-label=\"Photo on the left, {0} on the right, {1} "
      "matched "
      "points "
      "linked by lines.\" viewBox=\"0 0 {2:.0f} {3:.0f}\" style=\"max-width:{2:.0f}px\">"
      "<defs><clipPath id=\"c{10}\"><rect width=\"{11:.0f}\" "
      "height=\"{12:.0f}\"/></clipPath></defs>"
      "<g transform=\"scale({4:.5f})\" clip-path=\"url(#c{10})\">{5}{6}</g>"
      "<g transform=\"translate({7:.1f} 0) scale({8:.5f})\">{9}</g>"
      "<path class=\"links\" stroke=\"{13}\" d=\"{14}\"/><path class=\"dots\" stroke=\"{13}\" "
      "d=\"{15}\"/></svg>",
      EscapeHtml(hit.id), hit.matches.size(), width, kPairHeight, photo_scale,
      panel(left, photo_width, photo_height), hit.polygon ? Outline(*hit.polygon, colour) : "",
      item_left, item_scale, panel(right, item_width, item_height), ++clips_, photo_width,
      photo_height, colour, lines, dots);
}

}  // namespace inlier
