// Learns the tests of ORB from the photos in a folder:
// `inlier-train-orb-pattern FOLDER [SEED] > extractor/orb_pattern.inc`.
//
// This is the greedy search of Rublee et al., ICCV 2011, §4.3. Random tests are sorted by how close
// the mean of their outcomes is to one half. In this order, each test is taken unless it is
// correlated with one that has already been taken. Before the search, the half of the tests whose
// outcomes change most when the photo is warped, blurred and darkened is left out.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "core/image.h"
#include "core/mat.h"
#include "core/random.h"
#include "extractor/binary_features.h"
#include "extractor/corner_measures.h"

namespace inlier {
namespace {

constexpr int kPhotoSide_px = 640;
constexpr int kCornersOfPhoto = 30;
constexpr std::size_t kPatches = 20'480;
constexpr std::size_t kWords = kPatches / 64;
constexpr std::size_t kCandidates = 60'000;
constexpr double kStableShare = 0.5;  // the share of the candidates that is kept

using Bits = std::vector<std::uint64_t>;

struct Place {
  std::int8_t x = 0, y = 0;
};

struct Candidate {
  PixelTest test;
  Bits bits;  // the outcome on each patch
  std::size_t ones = 0, flips = 0;
};

std::vector<Place> PlacesOfPatch() {
  std::vector<Place> places;
  for (int y = -kReach_px; y <= kReach_px; ++y) {
    for (int x = -kReach_px; x <= kReach_px; ++x) {
      if (x * x + y * y <= kReach_px * kReach_px) {
        places.push_back({static_cast<std::int8_t>(x), static_cast<std::int8_t>(y)});
      }
    }
  }
  return places;
}

// The grey levels of turned patches, indexed by the place in the patch and then by the patch.
// `plain` is read from the photos, and `changed` at the same spots of the changed photos.
struct Samples {
  std::vector<Place> places = PlacesOfPatch();
  std::vector<std::vector<std::uint8_t>> plain{places.size()}, changed{places.size()};

  std::size_t patches() const { return plain[0].size(); }

  void Add(std::vector<std::vector<std::uint8_t>>& to, const BytePlane& smoothed, int x, int y,
           std::uint8_t turn) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const PixelTest at = Turn({places[i].x, places[i].y, 0, 0}, turn);
      to[i].push_back(smoothed.row(y + at.y0)[x + at.x0]);
    }
  }
};

// Turns, scales, slants, blurs and darkens a photo a little, and adds noise. `map` is set to the
// transform from pixels of the original to pixels of the changed photo.
cv::Mat Change(const cv::Mat& photo, Random& random, cv::Matx23d& map) {
  const auto number = [&random](double low, double high) {
    return low + (high - low) * static_cast<double>(random.Next() >> 40) / (1 << 24);
  };
  const double angle_rad = number(-0.35, 0.35), scale = number(0.93, 1.07),
               slant = number(-0.2, 0.2);
  const double c = scale * std::cos(angle_rad), s = scale * std::sin(angle_rad);
  const double middle_x = photo.cols / 2.0, middle_y = photo.rows / 2.0;
  map = {c, c * slant - s, 0, s, s * slant + c, 0};
  map(0, 2) = middle_x - map(0, 0) * middle_x - map(0, 1) * middle_y;
  map(1, 2) = middle_y - map(1, 0) * middle_x - map(1, 1) * middle_y;
  cv::Mat out;
  cv::warpAffine(photo, out, map, photo.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  cv::GaussianBlur(out, out, {}, number(0.4, 1.2));
  out.convertTo(out, -1, number(0.6, 1.0));
  cv::Mat noise(out.size(), CV_16S);
  cv::RNG(random.Next()).fill(noise, cv::RNG::NORMAL, 0, 3);
  cv::add(out, noise, out, cv::noArray(), CV_8U);
  return out;
}

void AddPhoto(const Image& grey, Random& random, Samples& samples) {
  BinaryOptions options;
  options.corners.max_corners = kCornersOfPhoto;
  const auto smooth = [&options](const Pyramid& pyramid) {
    std::vector<BytePlane> out(pyramid.levels.size());
    for (std::size_t i = 0; i < out.size(); ++i) Smooth(pyramid.levels[i], options.taps, out[i]);
    return out;
  };
  const Pyramid before = BuildPyramid(grey, options.levels, options.factor, kPatch_px);
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): its pixels are written below
  Image changed = grey;
  cv::Matx23d map;
  Change(AsMat(grey), random, map).copyTo(AsMat(changed));
  const Pyramid after = BuildPyramid(changed, options.levels, options.factor, kPatch_px);
  const std::vector<BytePlane> smooth_before = smooth(before), smooth_after = smooth(after);
  for (const OrientedCorner& corner : FindOrientedCorners(before, options.corners)) {
    const auto level = static_cast<std::size_t>(corner.level);
    const double scale_x = before.ScaleX(corner.level), scale_y = before.ScaleY(corner.level);
    const double x = (corner.x + 0.5) * scale_x - 0.5, y = (corner.y + 0.5) * scale_y - 0.5;
    const double moved_x = map(0, 0) * x + map(0, 1) * y + map(0, 2);
    const double moved_y = map(1, 0) * x + map(1, 1) * y + map(1, 2);
    const int to_x = static_cast<int>(std::lround((moved_x + 0.5) / scale_x - 0.5));
    const int to_y = static_cast<int>(std::lround((moved_y + 0.5) / scale_y - 0.5));
    const BytePlane& plane = after.levels[level];
    if (std::min(to_x, to_y) < kReach_px || to_x >= plane.width - kReach_px ||
        to_y >= plane.height - kReach_px) {
      continue;
    }
    if (samples.patches() == kPatches) return;
    samples.Add(samples.plain, smooth_before[level], corner.x, corner.y, corner.turn);
    samples.Add(samples.changed, smooth_after[level], to_x, to_y,
                CentroidOf(plane, to_x, to_y).Turn());
  }
}

Bits Outcomes(const std::vector<std::uint8_t>& first, const std::vector<std::uint8_t>& second) {
  Bits bits(kWords);
  for (std::size_t i = 0; i < kPatches; ++i)
    bits[i / 64] |= std::uint64_t{first[i] < second[i]} << i % 64;
  return bits;
}

std::vector<Candidate> DrawCandidates(const Samples& samples, Random& random) {
  std::vector<Candidate> candidates(kCandidates);
  for (Candidate& candidate : candidates) {
    const std::size_t a = random.Next() % samples.places.size();
    const std::size_t b =
        (a + 1 + random.Next() % (samples.places.size() - 1)) % samples.places.size();
    candidate.test = {samples.places[a].x, samples.places[a].y, samples.places[b].x,
                      samples.places[b].y};
    candidate.bits = Outcomes(samples.plain[a], samples.plain[b]);
    const Bits changed = Outcomes(samples.changed[a], samples.changed[b]);
    for (std::size_t i = 0; i < kWords; ++i) {
      candidate.ones += static_cast<std::size_t>(std::popcount(candidate.bits[i]));
      candidate.flips += static_cast<std::size_t>(std::popcount(candidate.bits[i] ^ changed[i]));
    }
  }
  return candidates;
}

double Correlation(const Candidate& a, const Candidate& b) {
  std::size_t both = 0;
  for (std::size_t i = 0; i < kWords; ++i)
    both += static_cast<std::size_t>(std::popcount(a.bits[i] & b.bits[i]));
  const double n = kPatches, p = static_cast<double>(a.ones) / n,
               q = static_cast<double>(b.ones) / n;
  return std::abs(static_cast<double>(both) / n - p * q) /
         std::sqrt(p * (1 - p) * q * (1 - q) + 1e-9);
}

std::vector<const Candidate*> Greedy(const std::vector<Candidate>& candidates, double most) {
  std::vector<const Candidate*> chosen;
  for (const Candidate& candidate : candidates) {
    const auto alike = [&](const Candidate* other) {
      return Correlation(candidate, *other) > most;
    };
    if (std::ranges::none_of(chosen, alike)) chosen.push_back(&candidate);
    if (chosen.size() == kTests) break;
  }
  return chosen;
}

int Learn(const std::filesystem::path& folder, std::uint64_t seed) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Random random(seed);
  Samples samples;
  for (const auto& file : files) {
    const auto photo = ReadImage(file);
    if (photo) AddPhoto(ResizeLongSide(ToGrey(*photo), kPhotoSide_px), random, samples);
  }
  if (samples.patches() < kPatches) {
    std::cerr << fmt::format("{} patches of {}\n", samples.patches(), kPatches);
    return 1;
  }
  std::vector<Candidate> candidates = DrawCandidates(samples, random);
  // Flips are counted relative to the chance that two unrelated patches differ, since a test that
  // is nearly always true seldom flips.
  std::ranges::stable_sort(candidates, {}, [](const Candidate& c) {
    return static_cast<double>(c.flips) /
           (static_cast<double>(c.ones) * static_cast<double>(kPatches - c.ones) + 1);
  });
  candidates.resize(static_cast<std::size_t>(kStableShare * kCandidates));
  std::ranges::stable_sort(candidates, {}, [](const Candidate& c) {
    return std::abs(static_cast<double>(c.ones) - kPatches / 2.0);
  });
  // Bisects for the lowest bound on the correlation that still yields enough tests.
  double low = 0, high = 1;
  for (int i = 0; i < 8; ++i) {
    const double middle = (low + high) / 2;
    (Greedy(candidates, middle).size() == kTests ? high : low) = middle;
  }
  std::cout << fmt::format(
      "// Tests learnt by benchmarks/train_orb_pattern.cc: inlier-train-orb-pattern FOLDER {} with "
      "{} photos, "
      "{} patches,\n"
      "// {} candidates; correlation at most {:.3f}. x0, y0, x1, y1 from the middle of the patch, "
      "in pixels.\n",
      seed, files.size(), kPatches, kCandidates, high);
  for (const Candidate* c : Greedy(candidates, high)) {
    std::cout << fmt::format("{{{}, {}, {}, {}}},\n", c->test.x0, c->test.y0, c->test.x1,
                             c->test.y1);
  }
  return 0;
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "inlier-train-orb-pattern FOLDER [SEED]\n";
    return 2;
  }
  return inlier::Learn(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
