// Binary PGM and PPM files, as the decoder hands them over.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/decoded.h"

namespace inlier {
namespace {

using test::Decoded;
using test::FileBytes;
using testing::HasSubstr;

using Pixel = std::vector<int>;

Decoded Decode(Bytes file) { return test::DecodeBy(ProbePnm, DecodePnm, file); }

FileBytes Pnm(const std::string& header, const FileBytes& samples) {
  FileBytes file(header.begin(), header.end());
  file.insert(file.end(), samples.begin(), samples.end());
  return file;
}

TEST(Pnm, GreyAndColourOfBothDepths) {
  const Decoded grey = Decode(Pnm("P5 2 2 255\n", {1, 2, 3, 4}));
  ASSERT_TRUE(grey.ok()) << grey.message();
  EXPECT_EQ(grey.sink.layout.samples, Samples::kGrey);
  EXPECT_EQ(grey.sink.bytes, (FileBytes{1, 2, 3, 4}));
  const Decoded colour = Decode(Pnm("P6\n# a comment\n1 2\n255\n", {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(colour.sink.layout.samples, Samples::kRgb);
  EXPECT_EQ(colour.sink.At(0, 1), (Pixel{4, 5, 6}));
  const Decoded deep = Decode(Pnm("P5 2 1 65535\n", {0x12, 0x34, 0xFF, 0xFF}));
  EXPECT_EQ(deep.sink.layout.bits, 16);
  EXPECT_EQ(deep.sink.At(0, 0), Pixel{0x1234});
  EXPECT_EQ(deep.sink.At(1, 0), Pixel{0xFFFF});
}

TEST(Pnm, OtherLargestValuesAreScaled) {
  const Decoded bits = Decode(Pnm("P5 3 1 1\n", {0, 1, 9}));  // 9 is more than there can be
  EXPECT_EQ(bits.sink.bytes, (FileBytes{0, 255, 255}));
  const Decoded percent = Decode(Pnm("P6 1 1 100\n", {0, 50, 100}));
  EXPECT_EQ(percent.sink.At(0, 0), (Pixel{0, 128, 255}));
  const Decoded ten_bits = Decode(Pnm("P5 2 1 1023\n", {0x01, 0xFF, 0x03, 0xFF}));
  EXPECT_EQ(ten_bits.sink.layout.bits, 16);
  EXPECT_EQ(ten_bits.sink.At(0, 0), Pixel{32735});  // 511 / 1023
  EXPECT_EQ(ten_bits.sink.At(1, 0), Pixel{65535});
}

TEST(Pnm, CutAnywhere) {
  const FileBytes whole = Pnm("P6 2 2 255\n", FileBytes(12, 7));
  ASSERT_TRUE(Decode(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Decode(Bytes(whole).first(size)).ok()) << size;
  }
  EXPECT_THAT(Decode(Bytes(whole).first(whole.size() - 1)).message(),
              HasSubstr("50 % of the picture is missing"));
}

TEST(Pnm, HeadersThatMakeNoSense) {
  EXPECT_THAT(Decode(Pnm("P5 2 1 0\n", {0, 0})).message(), HasSubstr("largest value"));
  EXPECT_THAT(Decode(Pnm("P5 2 1 70000\n", {0, 0, 0, 0})).message(), HasSubstr("largest value"));
  EXPECT_THAT(Decode(Pnm("P5 0 1 255\n", {0})).message(), HasSubstr("no width or height"));
  EXPECT_THAT(Decode(Pnm("P5 99999999999 1 255\n", {0})).message(), HasSubstr("too large"));
  EXPECT_THAT(Decode(Pnm("P5 999999999 999999999 255\n", {0})).message(), HasSubstr("missing"));
  EXPECT_FALSE(Decode(Pnm("P5x2 1 255\n", {0, 0})).ok());
}

}  // namespace
}  // namespace inlier
