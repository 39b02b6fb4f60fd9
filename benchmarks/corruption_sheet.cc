// Draws all corruptions at all severities into one picture with the true outlines. Each corruption
// has a row, and the last row shows views drawn from several seeds.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "render/corruption.h"

namespace inlier {
namespace {

constexpr int kCell_px = 320, kTitle_px = 18;

cv::Mat Draw(const RenderedPhoto& rendered, const std::string& title) {
  const cv::Mat photo = AsMat(rendered.photo);
  const double scale = static_cast<double>(kCell_px) / std::max(photo.cols, photo.rows);
  cv::Mat small;
  cv::resize(photo, small, {}, scale, scale, cv::INTER_AREA);
  constexpr int kBits = 4;
  const auto fixed = [scale](float at_px) {
    return static_cast<int>(std::lround(((at_px + 0.5) * scale - 0.5) * (1 << kBits)));
  };
  for (const PlacedItem& placed : rendered.placed) {
    std::vector<cv::Point> outline;
    for (const Point p : placed.outline) outline.emplace_back(fixed(p.x_px), fixed(p.y_px));
    cv::polylines(small, outline, true, cv::Scalar(0, 255, 0), 1, cv::LINE_AA, kBits);
    cv::circle(small, outline[0], 4 << kBits, cv::Scalar(0, 0, 255), cv::FILLED, cv::LINE_AA,
               kBits);
  }
  cv::Mat cell(small.rows + kTitle_px, kCell_px, CV_8UC3, cv::Scalar::all(255));
  small.copyTo(cell(cv::Rect(0, kTitle_px, small.cols, small.rows)));
  cv::putText(cell, title, {4, kTitle_px - 5}, cv::FONT_HERSHEY_SIMPLEX, 0.42, cv::Scalar::all(0),
              1, cv::LINE_AA);
  return cell;
}

Result<cv::Mat> Sheet(const std::vector<Image>& items, const Image& occluder,
                      const Image& background, std::uint64_t seed) {
  std::vector<cv::Mat> rows;
  for (const Corruption& corruption : Corruptions()) {
    std::vector<cv::Mat> cells;
    for (const double severity : corruption.severities) {
      INLIER_ASSIGN_OR_RETURN(
          const RenderedPhoto rendered,
          RenderCorrupted(corruption.name, severity, items, occluder, background, seed));
      cells.push_back(Draw(rendered, fmt::format("{} {}", corruption.name, severity)));
    }
    cv::hconcat(cells, rows.emplace_back());
  }
  std::vector<cv::Mat> views;
  for (std::uint64_t i = 0; i < 6; ++i) {
    INLIER_ASSIGN_OR_RETURN(const RenderedPhoto rendered,
                            RenderView(items[0], occluder, background, seed + i));
    views.push_back(Draw(rendered, fmt::format("view of seed {}", seed + i)));
  }
  cv::hconcat(views, rows.emplace_back());
  cv::Mat sheet;
  cv::vconcat(rows, sheet);
  return sheet;
}

int Main(int argc, char** argv) {
  const std::uint64_t seed = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 1;
  std::vector<Image> pictures;
  for (int i = 1; i <= 3; ++i) {
    auto picture = ReadImage(argv[i]);
    if (!picture) {
      std::cerr << argv[i] << ": " << picture.error().message << "\n";
      return 1;
    }
    pictures.push_back(std::move(*picture));
  }
  const auto sheet = Sheet(std::vector<Image>(6, pictures[0]), pictures[1], pictures[2], seed);
  if (!sheet) {
    std::cerr << sheet.error().message << "\n";
    return 1;
  }
  if (!cv::imwrite(argv[4], *sheet)) {
    std::cerr << argv[4] << ": cannot be written\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: inlier-corruption-sheet ITEM.jpg OCCLUDER.jpg BACKGROUND.jpg OUT.jpg "
                 "[SEED]\n";
    return 2;
  }
  try {
    return inlier::Main(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
