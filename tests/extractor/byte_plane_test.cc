#include "extractor/byte_plane.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "extractor/binary_features.h"
#include "extractor/byte_reduction.h"
#include "tests/extractor/planes.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

const std::vector<std::uint16_t> kTaps = BinaryOptions().taps;

TEST(Smooth, IsTheSumOfTheTapsOnEveryTarget) {
  const BytePlane source = test::PlaneOf(test::DrawTexture(1, 133, 61));
  const int reach = static_cast<int>(kTaps.size()) - 1;
  const auto mirror = [](int i, int size) {
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
  };
  const auto pass = [&](const BytePlane& from, bool down) {
    BytePlane to(from.width, from.height);
    for (int y = 0; y < from.height; ++y) {
      for (int x = 0; x < from.width; ++x) {
        int sum = 128;
        for (int i = -reach; i <= reach; ++i) {
          sum += kTaps[static_cast<std::size_t>(std::abs(i))] *
                 (down ? from.row(mirror(y + i, from.height))[x]
                       : from.row(y)[mirror(x + i, from.width)]);
        }
        to.row(y)[x] = static_cast<std::uint8_t>(sum / 256);
      }
    }
    return to;
  };
  const BytePlane expected = pass(pass(source, true), false);
  test::ForEachSimdTarget([&] {
    BytePlane smooth;
    Smooth(source, kTaps, smooth);
    for (int y = 0; y < source.height; ++y) {
      ASSERT_EQ(std::memcmp(smooth.row(y), expected.row(y), static_cast<std::size_t>(source.width)),
                0)
          << y;
    }
  });
}

TEST(Smooth, OneColourStaysAndSmallImagesDoNotFail) {
  for (const int side : {1, 2, 3, 70}) {
    BytePlane plane(side, side);
    for (int y = 0; y < side; ++y) std::fill_n(plane.row(y), side, std::uint8_t{255});
    BytePlane smooth;
    Smooth(plane, kTaps, smooth);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) ASSERT_EQ(smooth.row(y)[x], 255);
    }
  }
}

TEST(Reduce, GivesOpenCvsBytesOnEveryTarget) {
  struct Sizes {
    int width, height, to_width, to_height;
  };
  const auto wrong_rows = [](const BytePlane& source, const Sizes& s) {
    const auto mat = [](const BytePlane& plane) {
      return cv::Mat(plane.height, plane.width, CV_8UC1, plane.data.get(), plane.stride);
    };
    cv::Mat expected;
    cv::resize(mat(source), expected, {s.to_width, s.to_height}, 0, 0, cv::INTER_LINEAR_EXACT);
    BytePlane reduced(s.to_width, s.to_height);
    Reduce(source, reduced);
    int wrong = 0;
    for (int y = 0; y < s.to_height; ++y) {
      wrong +=
          std::memcmp(reduced.row(y), expected.ptr(y), static_cast<std::size_t>(s.to_width)) != 0;
    }
    return wrong;
  };
  std::vector<Sizes> all{{1, 1, 1, 1},        {2, 2, 1, 1},         {3, 2, 2, 1},
                         {64, 48, 32, 24},    {65, 49, 33, 25},     {97, 31, 97, 31},
                         {40, 90, 39, 46},    {640, 480, 533, 400}, {17, 5, 9, 5},
                         {333, 250, 278, 208}};
  for (int width = 20; width < 150; ++width)
    all.push_back({width, 30, (width * 5 + 3) / 6, 30 - width % 14});
  test::ForEachSimdTarget([&] {
    for (const Sizes& s : all) {
      const BytePlane source = test::PlaneOf(test::DrawTexture(9, s.width, s.height));
      ASSERT_EQ(wrong_rows(source, s), 0)
          << s.width << " × " << s.height << " to " << s.to_width << " × " << s.to_height;
    }
  });
}

}  // namespace
}  // namespace inlier
