#include "engine/report/picture.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "core/image.h"

namespace inlier {
namespace {

constexpr int kEmbeddedSide_px = 640;
constexpr int kEmbeddedQuality = 82;
constexpr double kPairHeight = 400;  // of a pair, in units of its own SVG; so is the gap
constexpr double kPairGap = 16;
constexpr std::size_t kMaxLines = 150;
constexpr std::size_t kMaxLabel = 32;  // bytes; the table below the picture shows the whole id

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

// The rank and the id, which is cut to kMaxLabel bytes between two UTF-8 characters.
std::string Label(std::size_t rank, std::string_view id) {
  std::size_t end = std::min(id.size(), kMaxLabel);
  while (end > 0 && end < id.size() && (static_cast<unsigned char>(id[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{} {}{}", rank, EscapeHtml(id.substr(0, end)), end < id.size() ? "…" : "");
}

// A dark casing under the coloured line keeps it visible on any picture.
std::string Outline(const std::array<Point, 4>& polygon, std::string_view colour) {
  const std::string points = Points(polygon);
  return fmt::format(R"(<polygon class="casing" points="{0}"/>)"
                     R"(<polygon class="outline" points="{0}" stroke="{1}"/>)",
                     points, colour);
}

// Where the colours differ, dashed.
std::string Difference(const std::array<Point, 4>& polygon, std::string_view colour) {
  return fmt::format(R"(<polygon class="outline difference" points="{}" stroke="{}"/>)",
                     Points(polygon), colour);
}

// Where photo and item stand in the picture of a pair: both scaled to kPairHeight, the item to the
// right of the photo. Sizes are in pixels of the originals.
struct PairLayout {
  double photo_width = 1, photo_height = 1;
  double item_width = 1, item_height = 1;

  double photo_scale() const { return kPairHeight / photo_height; }
  double item_scale() const { return kPairHeight / item_height; }
  double item_left() const { return photo_width * photo_scale() + kPairGap; }
  double width() const { return item_left() + item_width * item_scale(); }
};

// The smallest sizes that contain all matched points, for pictures that cannot be read any more.
PairLayout LayoutFor(const std::vector<MatchedPoint>& matches) {
  PairLayout layout;
  for (const MatchedPoint& match : matches) {
    layout.item_width = std::max<double>(layout.item_width, match.item.x_px);
    layout.item_height = std::max<double>(layout.item_height, match.item.y_px);
    layout.photo_width = std::max<double>(layout.photo_width, match.photo.x_px);
    layout.photo_height = std::max<double>(layout.photo_height, match.photo.y_px);
  }
  return layout;
}

// A line from each matched point in the photo to its partner in the item, and a dot at both ends.
// Of very many matches only every n-th is drawn.
std::string Links(const std::vector<MatchedPoint>& matches, const PairLayout& at,
                  std::string_view colour) {
  std::string lines, dots;
  const std::size_t step = matches.size() / kMaxLines + 1;
  for (std::size_t i = 0; i < matches.size(); i += step) {
    const MatchedPoint& match = matches[i];
    const double x1 = match.photo.x_px * at.photo_scale(), y1 = match.photo.y_px * at.photo_scale();
    const double x2 = at.item_left() + match.item.x_px * at.item_scale(),
                 y2 = match.item.y_px * at.item_scale();
    lines += fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", x1, y1, x2, y2);
    dots += fmt::format("M{:.1f} {:.1f}h0M{:.1f} {:.1f}h0", x1, y1, x2, y2);
  }
  return fmt::format(R"(<path class="links" stroke="{0}" d="{1}"/>)"
                     R"(<path class="dots" stroke="{0}" d="{2}"/>)",
                     colour, lines, dots);
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
        // HTML text may not contain control characters.
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
    if (const auto picture = ReadPicture(path, {.least_side_px = kEmbeddedSide_px})) {
      const Image& image = picture->image;
      const bool large = std::max(image.width_px, image.height_px) > kEmbeddedSide_px;
      const auto jpeg =
          EncodeJpeg(large ? ResizeLongSide(image, kEmbeddedSide_px) : image, kEmbeddedQuality);
      entry = Embedded{.number = static_cast<int>(images_.size()),
                       .width_px = static_cast<double>(FullWidth_px(image)),
                       .height_px = static_cast<double>(FullHeight_px(image))};
      entry->first_use =
          fmt::format(R"(<image id="i{}" width="{}" height="{}" preserveAspectRatio="none" )"
                      R"(href="data:image/jpeg;base64,{}"/>)",
                      entry->number, entry->width_px, entry->height_px, Base64(jpeg));
    }
  }
  return entry ? &*entry : nullptr;
}

std::string ReportPictures::Take(Embedded& image) {
  if (image.first_use.empty()) return fmt::format(R"(<use href="#i{}"/>)", image.number);
  return std::exchange(image.first_use, {});
}

std::string ReportPictures::Panel(Embedded* image, double width, double height) {
  if (image != nullptr) return Take(*image);
  return fmt::format(R"(<rect class="gone" width="{:.0f}" height="{:.0f}"/>)", width, height);
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
    // The label stands above the topmost corner, within the picture.
    const Point top =
        *std::min_element(hit.polygon->begin(), hit.polygon->end(),
                          [](const Point& a, const Point& b) { return a.y_px < b.y_px; });
    const bool right = top.x_px > image->width_px / 2;
    const double x = std::clamp<double>(top.x_px, font / 2, image->width_px - font / 2);
    const double y =
        std::clamp<double>(top.y_px - font / 3, font * 1.1, image->height_px - font / 2);
    labels += fmt::format(R"(<text x="{:.0f}" y="{:.0f}" text-anchor="{}" fill="{}">{}</text>)", x,
                          y, right ? "end" : "start", OutlineColour(i), Label(i + 1, hit.id));
    names += (names.empty() ? "" : ", ") + EscapeHtml(hit.id);
  }
  const std::string alt = names.empty() ? "The photo; no item of the catalogue is outlined."
                                        : "The photo with the outline of " + names + ".";
  return fmt::format(R"(<svg class="photo" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" )"
                     R"(style="max-width:{:.0f}px;font-size:{:.0f}px">{}{}{}</svg>)",
                     alt, image->width_px, image->height_px,
                     kEmbeddedSide_px * image->width_px / side, font, Take(*image), outlines,
                     labels);
}

std::string ReportPictures::Pair(const std::string& photo, const Hit& hit,
                                 std::string_view colour) {
  Embedded* left = Find(photo);
  Embedded* right = Find(hit.picture.path);
  PairLayout at = LayoutFor(hit.matches);
  if (left != nullptr)
    std::tie(at.photo_width, at.photo_height) = std::tie(left->width_px, left->height_px);
  if (right != nullptr)
    std::tie(at.item_width, at.item_height) = std::tie(right->width_px, right->height_px);
  // The clip keeps an outline that leaves the photo from running across the item.
  const int clip = ++clips_;
  std::string svg = fmt::format(
      R"(<svg class="pair" role="img" aria-label="Photo on the left, {0} on the right, {1} )"
      R"(matched points linked by lines." viewBox="0 0 {2:.0f} {3:.0f}" )"
      R"(style="max-width:{2:.0f}px">)"
      R"(<defs><clipPath id="c{4}"><rect width="{5:.0f}" height="{6:.0f}"/></clipPath></defs>)",
      EscapeHtml(hit.id), hit.matches.size(), at.width(), kPairHeight, clip, at.photo_width,
      at.photo_height);
  svg += fmt::format(R"svg(<g transform="scale({:.5f})" clip-path="url(#c{})">{}{}</g>)svg",
                     at.photo_scale(), clip, Panel(left, at.photo_width, at.photo_height),
                     (hit.polygon ? Outline(*hit.polygon, colour) : "") +
                         (hit.difference ? Difference(*hit.difference, colour) : ""));
  svg += fmt::format(R"svg(<g transform="translate({:.1f} 0) scale({:.5f})">{}</g>)svg",
                     at.item_left(), at.item_scale(), Panel(right, at.item_width, at.item_height));
  return svg + Links(hit.matches, at, colour) + "</svg>";
}

std::string ReportPictures::SideBySide(const std::string& left, const std::string& right) {
  Embedded* const images[] = {Find(left), Find(right)};
  std::string panels;
  double x = 0;
  for (Embedded* const image : images) {
    const double width = image != nullptr ? image->width_px : kPairHeight;
    const double height = image != nullptr ? image->height_px : kPairHeight;
    panels += fmt::format(R"svg(<g transform="translate({:.1f} 0) scale({:.5f})">{}</g>)svg", x,
                          kPairHeight / height, Panel(image, width, height));
    x += width * kPairHeight / height + kPairGap;
  }
  return fmt::format(R"(<svg class="pair" role="img" aria-label="The two pictures side by side." )"
                     R"(viewBox="0 0 {0:.0f} {1:.0f}" style="max-width:{0:.0f}px">{2}</svg>)",
                     x - kPairGap, kPairHeight, panels);
}

}  // namespace inlier
