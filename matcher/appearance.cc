// Does the photo look like the item where the geometry says that the item is?
//
// The photo is warped into the frame of the item's preview (about 96 px), from the level of a
// pyramid at which a pixel of the photo is about as large as one of the preview. Two things are
// compared there. The grey pictures are cut into overlapping blocks of 8 × 8; each block with
// texture is correlated with its counterpart (normalised cross-correlation, which ignores
// brightness and contrast), and `agreement` is the share of blocks, weighted by their contrast,
// that correlate. The colours are compared by chromaticity, from which brightness cancels out: by
// its correlation, and by the shift and the remaining error between the two pictures, since the
// light of a scene tints all of it alike. Pixels outside the photo and a plain backdrop around the
// item do not count.
#include "matcher/appearance.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "matcher/chromaticity.h"
#include "matcher/colour_difference.h"
#include "matcher/moments.h"
#include "matcher/sharpness.h"

namespace inlier {
namespace {

constexpr int kBlock_px = 8;
constexpr int kStride_px = 4;
constexpr double kFlat = 4;        // grey levels of contrast below which a block has no texture
constexpr double kAlike = 0.5;     // correlation above which a block agrees
constexpr double kMaxWeight = 40;  // grey levels of contrast
constexpr double kNoise = 4;       // grey levels squared, so that a blank wall does not correlate
constexpr float kBackdrop = 14;    // grey levels from the colour of a plain border
constexpr int kMinHalved_px = 32;  // short side of the smallest level that is halved again

// The medians of the correct hits among the photos of docs/EVALUATION.md.
void SetUsualColours(Appearance& out) {
  out.colour = 0.8;
  out.colour_shift = 0.16;
  out.colour_error = 0.2;
  out.colour_differs = 0.06;
}

// By channel, the median colour of the pixels.
cv::Vec3f MedianColour(const std::vector<cv::Vec3b>& pixels) {
  cv::Vec3f median;
  for (int c = 0; c < 3; ++c) {
    std::vector<std::uint8_t> values;
    for (const auto& p : pixels) values.push_back(p[c]);
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    median[c] = values[values.size() / 2];
  }
  return median;
}

// 255 where the preview shows the item, 0 on a plain backdrop: product pictures often have a white
// one. Without a plain border, all of the preview is item.
cv::Mat Foreground(const cv::Mat& preview) {
  cv::Mat mask(preview.size(), CV_8U, cv::Scalar(255));
  std::vector<cv::Vec3b> border;
  for (int x = 0; x < preview.cols; ++x) {
    border.push_back(preview.at<cv::Vec3b>(0, x));
    border.push_back(preview.at<cv::Vec3b>(preview.rows - 1, x));
  }
  for (int y = 0; y < preview.rows; ++y) {
    border.push_back(preview.at<cv::Vec3b>(y, 0));
    border.push_back(preview.at<cv::Vec3b>(y, preview.cols - 1));
  }
  const cv::Vec3f backdrop = MedianColour(border);
  const auto is_backdrop = [&backdrop](const cv::Vec3b& p) {
    return cv::norm(cv::Vec3f(p) - backdrop, cv::NORM_INF) < kBackdrop;
  };
  const auto plain = std::count_if(border.begin(), border.end(), is_backdrop);
  if (plain * 10 < static_cast<std::ptrdiff_t>(border.size()) * 8) return mask;
  for (int y = 0; y < preview.rows; ++y) {
    for (int x = 0; x < preview.cols; ++x) {
      if (is_backdrop(preview.at<cv::Vec3b>(y, x))) mask.at<std::uint8_t>(y, x) = 0;
    }
  }
  // A product as white as its backdrop would vanish, so then everything counts.
  if (cv::countNonZero(mask) * 20 < preview.rows * preview.cols) mask = 255;
  return mask;
}

// A block with texture, in pixels of the preview.
struct TexturedBlock {
  cv::Rect place;
  double weight = 0;  // by its contrast
  bool alike = false;
};

std::vector<TexturedBlock> CompareBlocks(const cv::Mat& item, const cv::Mat& photo,
                                         const cv::Mat& mask) {
  std::vector<TexturedBlock> blocks;
  for (int y = 0; y + kBlock_px <= item.rows; y += kStride_px) {
    for (int x = 0; x + kBlock_px <= item.cols; x += kStride_px) {
      Moments m;
      int masked = 0;
      for (int v = y; v < y + kBlock_px; ++v) {
        for (int u = x; u < x + kBlock_px; ++u) {
          m.Add(item.at<std::uint8_t>(v, u), photo.at<std::uint8_t>(v, u));
          masked += mask.at<std::uint8_t>(v, u) != 0;
        }
      }
      const double contrast = std::sqrt(m.VarianceA());
      if (contrast < kFlat || masked * 2 < kBlock_px * kBlock_px) continue;
      const double correlation = m.Covariance() / (contrast * std::sqrt(m.VarianceB() + kNoise));
      blocks.push_back({cv::Rect(x, y, kBlock_px, kBlock_px), std::min(contrast, kMaxWeight),
                        correlation > kAlike});
    }
  }
  return blocks;
}

// The weighted share of the blocks that the photo agrees with. Marks these in `agreeing`.
double Agreement(const std::vector<TexturedBlock>& blocks, cv::Mat& agreeing) {
  double weights = 0, of_agreeing = 0;
  for (const TexturedBlock& block : blocks) {
    weights += block.weight;
    if (!block.alike) continue;
    of_agreeing += block.weight;
    agreeing(block.place) = cv::Scalar(255);
  }
  return weights > 0 ? of_agreeing / weights : 0;
}

// The part of a block that no other block covers.
cv::Rect Middle(const cv::Rect& block) {
  constexpr int kMargin_px = (kBlock_px - kStride_px) / 2;
  return {block.x + kMargin_px, block.y + kMargin_px, kStride_px, kStride_px};
}

// Takes pixels of a picture to those of the same picture at `scale_x` × `scale_y` times the size.
// Pixel centres are at whole numbers, hence the offsets.
cv::Matx33d Rescaling(double scale_x, double scale_y) {
  return cv::Matx33d(scale_x, 0, 0.5 * scale_x - 0.5, 0, scale_y, 0.5 * scale_y - 0.5, 0, 0, 1);
}

// A rectangle of whole pixels of the preview, in pixels of the item.
Box InItem(const cv::Rect& part, const cv::Matx33d& item_from_preview) {
  const cv::Vec3d top_left = item_from_preview * cv::Vec3d(part.x - 0.5, part.y - 0.5, 1);
  const cv::Vec3d bottom_right =
      item_from_preview * cv::Vec3d(part.br().x - 0.5, part.br().y - 0.5, 1);
  return {static_cast<float>(top_left[0]), static_cast<float>(top_left[1]),
          static_cast<float>(bottom_right[0]), static_cast<float>(bottom_right[1])};
}

// A level of the photo's pyramid, and where in it the pixels of a picture of the item are.
struct Source {
  const cv::Mat& level;
  cv::Matx33d level_from_picture;

  cv::Mat Warp(cv::Size size) const {
    cv::Mat seen;
    cv::warpPerspective(level, seen, level_from_picture, size,
                        cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
    return seen;
  }
  // 255 within the photo, else 0.
  cv::Mat Inside(cv::Size size) const {
    cv::Mat inside;
    cv::warpPerspective(cv::Mat(level.size(), CV_8U, cv::Scalar(255)), inside, level_from_picture,
                        size, cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT,
                        cv::Scalar(0));
    return inside;
  }
};

}  // namespace

struct PhotoAppearance::State {
  // BGR; the first level is the photo itself and each further one has half the size.
  std::vector<cv::Mat> pyramid;
  std::vector<cv::Mat> grey;  // the same in grey
  bool has_colour = true;
  // The size of the photo relative to the full picture, in whose pixels homographies are.
  double x_scale = 1, y_scale = 1;

  // The level of a pyramid at which a pixel of the photo is about as large as one of the item's
  // picture.
  Source SourceFor(const std::vector<cv::Mat>& levels, const Image& picture, double item_width_px,
                   double item_height_px, const Homography& photo_from_item) const {
    const cv::Matx33d item_from_picture =
        Rescaling(item_width_px / picture.width_px, item_height_px / picture.height_px);
    const cv::Matx33d h = Rescaling(x_scale, y_scale) * cv::Matx33d(photo_from_item.data());
    const Point a = Transform(photo_from_item, {0, 0});
    const Point b = Transform(
        photo_from_item, {static_cast<float>(item_width_px), static_cast<float>(item_height_px)});
    const double step = std::hypot((b.x_px - a.x_px) * x_scale, (b.y_px - a.y_px) * y_scale) /
                        std::hypot(picture.width_px, picture.height_px);
    const int level = std::clamp(static_cast<int>(std::lround(std::log2(std::max(step, 1.0)))), 0,
                                 static_cast<int>(levels.size()) - 1);
    const double f = 1.0 / (1 << level);
    return {levels[static_cast<std::size_t>(level)], Rescaling(f, f) * h * item_from_picture};
  }
};

PhotoAppearance::PhotoAppearance(const Image& photo) : state_(new State) {
  state_->x_scale = static_cast<double>(photo.width_px) / FullWidth_px(photo);
  state_->y_scale = static_cast<double>(photo.height_px) / FullHeight_px(photo);
  cv::Mat level = AsMat(photo);
  if (photo.channels == 1) cv::cvtColor(level, level, cv::COLOR_GRAY2BGR);
  state_->pyramid.push_back(level);
  while (std::min(level.rows, level.cols) >= kMinHalved_px) {
    cv::Mat half;
    cv::resize(level, half, {}, 0.5, 0.5, cv::INTER_AREA);
    state_->pyramid.push_back(half);
    level = half;
  }
  for (const cv::Mat& colours : state_->pyramid)
    cv::cvtColor(colours, state_->grey.emplace_back(), cv::COLOR_BGR2GRAY);
  state_->has_colour = photo.channels != 1 && HasColour(Chromaticity(level));
}
PhotoAppearance::~PhotoAppearance() = default;

Appearance PhotoAppearance::CorrelateWith(const Image& preview, double item_width_px,
                                          double item_height_px,
                                          const Homography& photo_from_item) const {
  Appearance out;
  if (preview.empty()) return out;
  cv::Mat item = AsMat(preview);
  if (preview.channels == 1) cv::cvtColor(item, item, cv::COLOR_GRAY2BGR);
  const cv::Matx33d item_from_preview =
      Rescaling(item_width_px / preview.width_px, item_height_px / preview.height_px);
  const Source source =
      state_->SourceFor(state_->pyramid, preview, item_width_px, item_height_px, photo_from_item);
  const cv::Mat seen = source.Warp(item.size()), inside = source.Inside(item.size());
  out.visible = static_cast<double>(cv::countNonZero(inside)) / static_cast<double>(inside.total());
  const cv::Mat mask = Foreground(item) & inside;
  cv::Mat grey_item, grey_seen;
  cv::cvtColor(item, grey_item, cv::COLOR_BGR2GRAY);
  cv::cvtColor(seen, grey_seen, cv::COLOR_BGR2GRAY);
  const std::vector<TexturedBlock> blocks = CompareBlocks(grey_item, grey_seen, mask);
  cv::Mat agreeing = cv::Mat::zeros(item.size(), CV_8U);
  out.agreement = Agreement(blocks, agreeing);
  out.sharpness = Sharpness(grey_item, grey_seen, mask);
  for (const TexturedBlock& block : blocks)
    out.blocks.push_back({InItem(Middle(block.place), item_from_preview), block.alike});
  if (const cv::Mat of_item = Chromaticity(item); state_->has_colour && HasColour(of_item)) {
    const ColourMeasures whole = CompareColours(of_item, Chromaticity(seen), mask);
    out.colour = whole.correlation;
    out.colour_shift = whole.shift;
    out.colour_error = whole.error;
    const DifferentColours colours = ColourDifference(item, seen, agreeing, mask);
    out.colour_differs = colours.share;
    if (!colours.largest.empty()) out.difference = InItem(colours.largest, item_from_preview);
  } else {
    SetUsualColours(out);
  }
  return out;
}

Image PhotoAppearance::Warp(const Image& picture, double item_width_px, double item_height_px,
                            const Homography& photo_from_item) const {
  const Source source =
      state_->SourceFor(state_->grey, picture, item_width_px, item_height_px, photo_from_item);
  return FromMat(source.Warp({picture.width_px, picture.height_px}));
}

}  // namespace inlier
