// JPEG files that are damaged, untidy, or of a kind that is not read.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drawn.h"
#include "tests/support/jpeg_reader.h"
#include "tests/support/jpeg_writer.h"

namespace inlier {
namespace {

using test::FileBytes;
using test::FindMarker;
using test::JpegKind;
using test::JpegRead;
using test::ReadJpeg;
using test::WriteJpeg;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Image Scene(int width_px = 320, int height_px = 240) {
  return test::DrawTexture(7, width_px, height_px);
}

FileBytes Inserted(FileBytes file, std::size_t at, const FileBytes& bytes) {
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin(), bytes.end());
  return file;
}

FileBytes CutTo(const FileBytes& file, std::size_t size, const FileBytes& then = {}) {
  FileBytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
  cut.insert(cut.end(), then.begin(), then.end());
  return cut;
}

FileBytes Zeroed(FileBytes file, std::size_t from, std::size_t bytes) {
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(from), bytes, 0);
  return file;
}

void ExpectBad(const FileBytes& file, const std::string& reason) {
  testing::internal::CaptureStderr();
  const JpegRead read = ReadJpeg(file);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(read.status) << "read, where an error was due: " << reason;
  EXPECT_EQ(read.status.error().code, ErrorCode::kBadImage);
  EXPECT_THAT(read.status.error().message, HasSubstr(reason));
}

// The file has all pixels of `whole`, and one thing about it is odd.
void ExpectOdd(const FileBytes& file, const FileBytes& whole, const std::string& warning) {
  testing::internal::CaptureStderr();
  const JpegRead read = ReadJpeg(file);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_TRUE(read.status) << warning << ": " << read.status.error().message;
  EXPECT_THAT(read.warnings, ElementsAre(HasSubstr(warning)));
  EXPECT_EQ(read.sink.bytes, ReadJpeg(whole).sink.bytes);
}

const FileBytes kEnd{0xFF, 0xD9};

TEST(JpegDamage, ACutAnywhereIsFoundUnlessAllPixelsAreThere) {
  for (const JpegKind& kind : {JpegKind{}, JpegKind{.progressive = true},
                               JpegKind{.own_tables = true}, JpegKind{.one_scan_each = true},
                               JpegKind{.restart_rows = 1}, JpegKind{.arithmetic = true}}) {
    const FileBytes whole = WriteJpeg(Scene(96, 64), kind);
    const FileBytes pixels = ReadJpeg(whole).sink.bytes;
    for (const FileBytes& then : {FileBytes{}, kEnd}) {
      if (kind.arithmetic && !then.empty()) continue;  // its coder leaves out zeros at the end
      for (std::size_t size = 0; size + 2 < whole.size(); size += size < 700 ? 37 : 11) {
        const JpegRead read = ReadJpeg(CutTo(whole, size, then));
        if (read.status) {
          EXPECT_FALSE(read.warnings.empty() && then.empty()) << size;
          EXPECT_EQ(read.sink.bytes, pixels) << size << " of " << whole.size();
        }
      }
    }
  }
}

TEST(JpegDamage, HowMuchIsMissingIsSaid) {
  const FileBytes whole = WriteJpeg(Scene());
  const std::size_t scan = FindMarker(whole, 0xDA);
  const std::size_t most = scan + (whole.size() - scan) * 9 / 10;
  ExpectBad(CutTo(whole, scan + 30), "damaged: about 100 % of the picture is missing");
  ExpectBad(CutTo(whole, most, kEnd), "damaged: about 13 % of the picture is missing");
  ExpectBad(CutTo(whole, scan - 50), "truncated before the picture");
}

TEST(JpegDamage, ScansThatAreMissing) {
  const FileBytes whole = WriteJpeg(Scene(), {.progressive = true});
  const std::size_t second = FindMarker(whole, 0xDA, FindMarker(whole, 0xDA) + 2);
  ExpectBad(CutTo(whole, FindMarker(whole, 0xDA, second + 2), kEnd), "scans are missing, about");
  std::size_t last = second;
  for (int scan = 2; scan < ProbeJpeg(whole)->scans; ++scan)
    last = FindMarker(whole, 0xDA, last + 2);
  ExpectBad(CutTo(whole, (last + whole.size()) / 2, kEnd), "scan 10 breaks off");
  // A colour of its own scan each: without the last, the picture would be green.
  const FileBytes apart = WriteJpeg(Scene(), {.one_scan_each = true});
  last = FindMarker(apart, 0xDA, FindMarker(apart, 0xDA, FindMarker(apart, 0xDA) + 2) + 2);
  ExpectBad(CutTo(apart, last, kEnd), "scans are missing, about 33 %");
}

TEST(JpegDamage, AHoleOfZeros) {
  for (const JpegKind& kind : {JpegKind{}, JpegKind{.progressive = true},
                               JpegKind{.own_tables = true}, JpegKind{.restart_rows = 1}}) {
    const FileBytes whole = WriteJpeg(Scene(800, 600), kind);
    const std::size_t from = FindMarker(whole, 0xDA) + 14;
    for (const std::size_t bytes : {512, 4096}) {
      for (std::size_t at = from; at + bytes < whole.size(); at += 7919)
        ExpectBad(Zeroed(whole, at, bytes), "damaged");
    }
  }
  const FileBytes whole = WriteJpeg(Scene());
  const std::size_t scan = FindMarker(whole, 0xDA), half = (scan + whole.size()) / 2;
  ExpectBad(Zeroed(whole, half, 512), "bytes of its data are lost (zeros), from 50 % on");
  ExpectBad(Zeroed(whole, half, whole.size() - half - 2), "lost (zeros), from 50 % on");
  ExpectBad(Zeroed(whole, half, whole.size() - half), "lost (zeros), from 50 % on");
}

// Codes of one bit for "no change" and "end of block" make white ground a run of zeros.
TEST(JpegDamage, GroundWithoutDetailIsNoHole) {
  Image white{.width_px = 1600, .height_px = 1600, .channels = 3};
  white.pixels.assign(std::size_t{1600} * 1600 * 3, 255);
  const Image scene = Scene(64, 64);
  for (std::size_t y = 0; y < 64; ++y) {
    std::copy_n(scene.pixels.begin() + static_cast<std::ptrdiff_t>(y * 64 * 3), 64 * 3,
                white.pixels.begin() + static_cast<std::ptrdiff_t>((y * 1600 + 800) * 3));
  }
  for (const Image& image : {white, ToGrey(white)}) {
    for (const JpegKind& kind : {JpegKind{}, JpegKind{.own_tables = true},
                                 JpegKind{.progressive = true}, JpegKind{.one_scan_each = true}}) {
      const FileBytes file = WriteJpeg(image, kind);
      const JpegRead read = ReadJpeg(file);
      EXPECT_TRUE(read.status) << read.status.error().message;
      EXPECT_THAT(read.warnings, IsEmpty());
    }
  }
}

TEST(JpegDamage, ChangedBytesNeverCrashAndMostlyFail) {
  const FileBytes whole = WriteJpeg(Scene(), {.restart_rows = 2});
  const FileBytes pixels = ReadJpeg(whole).sink.bytes;
  const std::size_t scan = FindMarker(whole, 0xDA) + 14;
  std::mt19937 random(5);
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    FileBytes changed = whole;
    for (int n = 0; n < 64; ++n)
      changed[scan + random() % (whole.size() - scan - 2)] = static_cast<std::uint8_t>(random());
    found += !ReadJpeg(changed).status;
  }
  EXPECT_GT(found, 190);
}

TEST(JpegDamage, ABlockOfAnotherFile) {
  const FileBytes whole = WriteJpeg(Scene(800, 600));
  const FileBytes other = WriteJpeg(test::DrawTexture(8, 800, 600));
  FileBytes mixed = whole;
  std::copy_n(other.begin() + 30'000, 4096, mixed.begin() + 16'384);
  ExpectBad(mixed, "damaged");
}

TEST(JpegDamage, RestartMarkersThatAreLost) {
  FileBytes file = WriteJpeg(Scene(), {.restart_rows = 1});
  const std::size_t first = FindMarker(file, 0xD2), next = FindMarker(file, 0xD3);
  file.erase(file.begin() + static_cast<std::ptrdiff_t>(first),
             file.begin() + static_cast<std::ptrdiff_t>(next));
  ExpectBad(file, "of the picture is missing");
}

TEST(JpegDamage, WhatIsUntidyIsReadWithAWarning) {
  const FileBytes whole = WriteJpeg(Scene());
  const std::size_t size = whole.size(), tables = FindMarker(whole, 0xDB);
  ExpectOdd(CutTo(whole, size - 2), whole, "end marker");
  ExpectOdd(CutTo(whole, size - 1), whole, "end marker");
  ExpectOdd(Inserted(whole, tables, {0, 0, 0}), whole, "stray bytes between segments (3)");
  ExpectOdd(Inserted(whole, tables, FileBytes(5000, 'x')), whole, "(5000)");
  ExpectOdd(Inserted(whole, 0, {'\r', '\n'}), whole, "stray bytes before the picture (2)");
  ExpectOdd(Inserted(whole, 0, {0xEF, 0xBB, 0xBF}), whole, "stray bytes before the picture (3)");
  ExpectOdd(Inserted(whole, size - 2, FileBytes(500, 0)), whole, "behind the pixels");
  for (const FileBytes& tidy :
       {Inserted(whole, size, FileBytes(100, 0)), Inserted(whole, size, whole),
        Inserted(whole, tables, {0xFF, 0xFF})}) {
    const JpegRead read = ReadJpeg(tidy);
    EXPECT_TRUE(read.status);
    EXPECT_THAT(read.warnings, IsEmpty());
  }
}

TEST(JpegDamage, DataLeftOverBehindTheLastPixel) {
  const FileBytes whole = WriteJpeg(Scene());
  FileBytes more(200);
  for (std::size_t i = 0; i < more.size(); ++i) more[i] = static_cast<std::uint8_t>(1 + i);
  ExpectBad(Inserted(whole, whole.size() - 2, more), "left over behind the last pixel");
}

// The header of another picture in that place makes libjpeg forget what it knew of the first.
TEST(JpegDamage, AnotherPictureBehindOneWithoutEnd) {
  const FileBytes whole = WriteJpeg(ToGrey(Scene()));
  const FileBytes other = WriteJpeg(Scene(), {.progressive = true});
  const FileBytes frame(other.begin() + static_cast<std::ptrdiff_t>(FindMarker(other, 0xC2)),
                        other.end());
  const FileBytes both = CutTo(whole, whole.size() - 2, frame);
  ExpectOdd(both, whole, "what follows the picture is no JPEG");
}

TEST(JpegDamage, KindsThatAreNotReadAreNamed) {
  const FileBytes whole = WriteJpeg(Scene());
  const std::size_t frame = FindMarker(whole, 0xC0);
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    FileBytes file = whole;
    file[frame + at] = value;
    return file;
  };
  ExpectBad(changed(1, 0xC3), "lossless JPEG, which is not read: save it as an ordinary JPEG");
  ExpectBad(changed(1, 0xC5), "hierarchical JPEG, which");
  ExpectBad(changed(1, 0xF7), "JPEG-LS, which");
  ExpectBad(changed(4, 12), "JPEG of 12 bits a sample, which");
  ExpectBad(changed(9, 2), "JPEG of 2 components, which");
  FileBytes later = whole;
  later[frame + 5] = later[frame + 6] = 0;
  ExpectBad(later, "height after its pixels (DNL)");
}

TEST(JpegDamage, APreviewInsideDoesNotHideACut) {
  // The EXIF data of a camera has a whole small JPEG in it, with an end marker of its own.
  const FileBytes preview = WriteJpeg(Scene(16, 16));
  const std::size_t length = preview.size() + 2;
  FileBytes segment{0xFF, 0xE5, static_cast<std::uint8_t>(length >> 8),
                    static_cast<std::uint8_t>(length)};
  segment.insert(segment.end(), preview.begin(), preview.end());
  const FileBytes file = Inserted(WriteJpeg(Scene()), 2, segment);
  EXPECT_TRUE(ReadJpeg(file).status);
  EXPECT_EQ(ProbeJpeg(file)->width_px, 320);
  ExpectBad(CutTo(file, file.size() - 20), "damaged");
}

}  // namespace
}  // namespace inlier
