// JPEG files that are whole: kinds, colours, profiles and sizes.
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "core/mat.h"
#include "tests/support/drawn.h"
#include "tests/support/jpeg_reader.h"
#include "tests/support/jpeg_writer.h"

namespace inlier {
namespace {

using test::FileBytes;
using test::JpegKind;
using test::JpegRead;
using test::ReadJpeg;
using test::WriteJpeg;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The greatest difference between samples.
int Apart(const FileBytes& a, const FileBytes& b) {
  if (a.size() != b.size()) return 256;
  int most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

FileBytes Repeated(const std::vector<std::uint8_t>& pixel, int count) {
  FileBytes samples;
  for (int i = 0; i < count; ++i) samples.insert(samples.end(), pixel.begin(), pixel.end());
  return samples;
}

std::vector<double> MeanColour(const test::CollectingSink& sink) {
  std::vector<double> mean(static_cast<std::size_t>(ChannelsOf(sink.layout.samples)));
  for (std::size_t i = 0; i < sink.bytes.size(); ++i) mean[i % mean.size()] += sink.bytes[i];
  for (double& channel : mean)
    channel /= static_cast<double>(sink.layout.width_px) * sink.layout.height_px;
  return mean;
}

TEST(Jpeg, GreyAndColourAsOpenCvReadsThem) {
  const Image scene = test::DrawTexture(3, 203, 151);
  for (const Image& image : {scene, ToGrey(scene)}) {
    for (const JpegKind& kind :
         {JpegKind{}, JpegKind{.progressive = true}, JpegKind{.own_tables = true},
          JpegKind{.one_scan_each = true}, JpegKind{.restart_rows = 1}}) {
      const FileBytes file = WriteJpeg(image, kind);
      const JpegRead read = ReadJpeg(file);
      ASSERT_TRUE(read.status) << read.status.error().message;
      EXPECT_THAT(read.warnings, IsEmpty());
      EXPECT_EQ(read.sink.rows, 151);
      EXPECT_EQ(read.sink.layout.samples, image.channels == 1 ? Samples::kGrey : Samples::kRgb);
      const Image oracle = FromMat(cv::imdecode(file, cv::IMREAD_UNCHANGED));
      FileBytes expected = oracle.pixels;
      for (std::size_t i = 0; oracle.channels == 3 && i < expected.size(); i += 3)
        std::swap(expected[i], expected[i + 2]);
      EXPECT_LE(Apart(read.sink.bytes, expected), 1);
    }
  }
}

TEST(Jpeg, OnePixel) {
  const JpegRead read = ReadJpeg(WriteJpeg(1, 1, {200, 100, 50}, {}), 1);
  ASSERT_TRUE(read.status) << read.status.error().message;
  EXPECT_EQ(read.sink.layout.width_px, 1);
  EXPECT_LE(Apart(read.sink.bytes, {200, 100, 50}), 3);
}

TEST(Jpeg, InksAreZeroWhereTheyAreNotWhateverTheFileSays) {
  const FileBytes samples = Repeated({200, 100, 50, 10}, 16 * 16);
  const FileBytes turned = Repeated({55, 155, 205, 245}, 16 * 16);
  struct Case {
    JpegKind kind;
    const FileBytes& expected;
  };
  for (const auto& [kind, expected] :
       {Case{{.components = 4}, samples}, Case{{.components = 4, .adobe = true}, turned},
        Case{{.components = 4, .ycck = true, .adobe = true}, turned}}) {
    const JpegRead read = ReadJpeg(WriteJpeg(16, 16, samples, kind));
    ASSERT_TRUE(read.status) << read.status.error().message;
    EXPECT_EQ(read.sink.layout.samples, Samples::kCmyk);
    EXPECT_LE(Apart(read.sink.bytes, expected), 3) << kind.adobe << kind.ycck;
  }
}

TEST(Jpeg, AProfileIsHandedOn) {
  const Image scene = test::DrawTexture(3, 32, 32);
  FileBytes profile(150'000);  // in three segments
  std::iota(profile.begin(), profile.end(), 0);
  FileBytes file = WriteJpeg(scene, {.icc = profile});
  JpegRead read = ReadJpeg(file);
  ASSERT_TRUE(read.status);
  EXPECT_EQ(read.sink.icc, profile);
  EXPECT_THAT(read.warnings, IsEmpty());

  file[test::FindMarker(file, 0xE2) + 4] = 'X';  // the first part is no longer one
  read = ReadJpeg(file);
  ASSERT_TRUE(read.status);
  EXPECT_THAT(read.sink.icc, IsEmpty());
  EXPECT_THAT(read.warnings, ElementsAre(HasSubstr("profile")));

  read = ReadJpeg(WriteJpeg(scene, {.icc = FileBytes(5 << 20)}));
  ASSERT_TRUE(read.status);
  EXPECT_THAT(read.sink.icc, IsEmpty());
  EXPECT_THAT(read.warnings, ElementsAre(HasSubstr("profile")));
}

TEST(Jpeg, ShrinksToThePowerOfTwoThatKeepsTheLongSide) {
  const FileBytes file = WriteJpeg(test::DrawTexture(9, 801, 601));
  const auto whole = MeanColour(ReadJpeg(file).sink);
  struct Case {
    int least_side_px, width_px, height_px;
  };
  for (const auto& [least_side_px, width_px, height_px] :
       {Case{0, 801, 601}, Case{5000, 801, 601}, Case{801, 801, 601}, Case{402, 801, 601},
        Case{401, 401, 301}, Case{202, 401, 301}, Case{201, 201, 151}, Case{101, 101, 76},
        Case{1, 101, 76}}) {
    const JpegRead read = ReadJpeg(file, least_side_px);
    ASSERT_TRUE(read.status);
    EXPECT_EQ(read.sink.layout.width_px, width_px) << least_side_px;
    EXPECT_EQ(read.sink.layout.height_px, height_px) << least_side_px;
    EXPECT_EQ(read.sink.rows, height_px);
    const auto mean = MeanColour(read.sink);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(mean[c], whole[c], 1.5) << least_side_px;
  }
}

TEST(Jpeg, CoefficientsOfSeveralScansMustFitIntoMemory) {
  const Image scene = test::DrawTexture(3, 160, 160);
  // 100 units of 4 blocks of luma and 2 of chroma, of 64 coefficients of 2 bytes.
  constexpr std::int64_t kBytes = 100LL * 6 * 128;
  for (const JpegKind& kind : {JpegKind{.progressive = true}, JpegKind{.one_scan_each = true}}) {
    const FileBytes file = WriteJpeg(scene, kind);
    EXPECT_TRUE(ReadJpeg(file, 0, {.max_memory_bytes = kBytes}).status);
    const JpegRead read = ReadJpeg(file, 0, {.max_memory_bytes = kBytes - 1});
    ASSERT_FALSE(read.status);
    EXPECT_THAT(read.status.error().message, HasSubstr("76800 bytes"));
    EXPECT_THAT(read.status.error().message, HasSubstr("limit of 76799"));
  }
  EXPECT_TRUE(ReadJpeg(WriteJpeg(scene), 0, {.max_memory_bytes = 1}).status);
}

TEST(Jpeg, MoreScansThanWereCountedAreRefused) {
  const FileBytes file = WriteJpeg(test::DrawTexture(3, 64, 64), {.progressive = true});
  ImageHeader header = ProbeJpeg(file).value();
  header.scans -= 1;
  test::CollectingSink sink;
  std::vector<std::string> warnings;
  EXPECT_FALSE(DecodeJpeg({file, header, {}, 0, warnings}, sink));
}

TEST(Jpeg, AnErrorOfTheSinkEndsTheDecoding) {
  struct Refusing : test::CollectingSink {
    Status Begin(const RowLayout&) override { return Fail(ErrorCode::kIo, "no room"); }
  } sink;
  const FileBytes file = WriteJpeg(test::DrawTexture(3, 64, 64));
  std::vector<std::string> warnings;
  const ImageHeader header = ProbeJpeg(file).value();
  const Status status = DecodeJpeg({file, header, {}, 0, warnings}, sink);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_EQ(sink.rows, 0);
}

// What is stored must not change with the library that writes it.
TEST(Jpeg, IsWrittenAsOpenCvWritesIt) {
  const Image scene = test::DrawTexture(3, 203, 151);
  for (const Image& image : {scene, ToGrey(scene)}) {
    for (const int quality : {35, 80, 95, 100}) {
      FileBytes expected;
      cv::imencode(".jpg", AsMat(image), expected, {cv::IMWRITE_JPEG_QUALITY, quality});
      EXPECT_EQ(EncodeJpeg(image, quality), expected) << image.channels << " at " << quality;
    }
  }
  EXPECT_THAT(EncodeJpeg(Image{}, 80), IsEmpty());
}

}  // namespace
}  // namespace inlier
