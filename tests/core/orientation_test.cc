#include "core/decode/orientation.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace inlier {
namespace {

std::span<const std::uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A TIFF header with one directory of one entry: tag 0x0112, a short, one value.
constexpr std::string_view kTurnedBySix(
    "II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", 22);

TEST(Orientation, ExifCountsBeforeXmp) {
  const auto xmp = BytesOf(R"(<rdf:Description tiff:Orientation="3"/>)");
  EXPECT_EQ(Orientation({}), 1);
  EXPECT_EQ(Orientation({.exif = BytesOf(kTurnedBySix)}), 6);
  EXPECT_EQ(Orientation({.exif = BytesOf(kTurnedBySix), .xmp = xmp}), 6);
  EXPECT_EQ(Orientation({.xmp = xmp}), 3);
  EXPECT_EQ(Orientation({.exif = BytesOf("senseless"), .xmp = xmp}), 3);
}

// As some cameras have it: a number with a sign, of four bytes.
TEST(Orientation, ANumberOfAnotherTypeCounts) {
  std::string exif(kTurnedBySix);
  exif[12] = 9;
  exif.append(2, '\0');
  EXPECT_EQ(Orientation({.exif = BytesOf(exif)}), 6);
}

TEST(Orientation, XmpAsAnElementOrWithOtherQuotes) {
  EXPECT_EQ(Orientation({.xmp = BytesOf("<tiff:Orientation>8</tiff:Orientation>")}), 8);
  EXPECT_EQ(Orientation({.xmp = BytesOf("tiff:Orientation = '5'")}), 5);
  EXPECT_EQ(Orientation({.xmp = BytesOf("tiff:Orientation=\"0\"")}), 1);
  EXPECT_EQ(Orientation({.xmp = BytesOf("<tiff:Orientation")}), 1);
  EXPECT_EQ(Orientation({.xmp = BytesOf("tiff:OrientationUnit='9' tiff:Orientation='2'")}), 2);
}

}  // namespace
}  // namespace inlier
