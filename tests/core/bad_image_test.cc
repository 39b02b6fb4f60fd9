// Image files that are damaged, or made to do damage.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "core/peak_memory.h"
#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::Encode;
using test::FileBytes;
using test::ProgressiveJpeg;
using testing::HasSubstr;

Image Scene(int width_px = 96, int height_px = 64) {
  return test::DrawTexture(7, width_px, height_px);
}

std::vector<int> PixelAt(const Image& image, int x, int y) {
  const std::ptrdiff_t first = std::ptrdiff_t{y} * image.width_px + x;
  const auto at = image.pixels.begin() + first * image.channels;
  return {at, at + image.channels};
}

void ExpectBad(const FileBytes& file, const std::string& reason) {
  const auto image = DecodeImage(file);
  ASSERT_FALSE(image) << "decoded, where an error was due: " << reason;
  EXPECT_EQ(image.error().code, ErrorCode::kBadImage);
  EXPECT_THAT(image.error().message, HasSubstr(reason));
}

FileBytes Bytes(std::string_view text) { return {text.begin(), text.end()}; }

// Decodes the file with hardly any memory to be had; for a process of its own, since the limit
// holds for all of it.
void ExitWithItsCause(const FileBytes& file) {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = static_cast<rlim_t>(pages * getpagesize()) + 4'000'000;
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
  const auto image = DecodeImage(file);
  std::exit(!image && image.error().bad_image == BadImage::kNoMemory ? 0 : 1);
}

TEST(BadImage, WithoutMemoryIsACauseOfItsOwn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes more address space than any limit";
#endif
  FileBytes ppm = Bytes("P6\n4000 3000\n255\n");
  ppm.resize(ppm.size() + 4000 * 3000 * 3);
  EXPECT_EXIT(ExitWithItsCause(ppm), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(ExitWithItsCause(Encode(Scene(2000, 1500), ".webp")), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(ExitWithItsCause(ProgressiveJpeg(Scene(2000, 1500))), testing::ExitedWithCode(0), "");
}

TEST(BadImage, EmptyAndText) {
  ExpectBad({}, "empty");
  ExpectBad(Bytes("this is not a picture\n"), "not an image of a known format");
  ExpectBad(Bytes("BM"), "BMP: truncated");
  ExpectBad(Bytes("P5 is the name of a projector, and of nothing else here"), "no width or height");
  ExpectBad(Bytes("P6"), "truncated");
  ExpectBad(Bytes("\xFF\xD8\xFF"), "JPEG: truncated");
  ExpectBad(Bytes("\x89PNG\r\n\x1A\n"), "PNG: header missing");
  ExpectBad(Bytes("RIFF\x10\0\0\0WEBPVP8 "), "not an image");
}

// What a cut JPEG has to show is in jpeg_damage_test.cc.
TEST(BadImage, EveryFormatTruncatedAnywhere) {
  for (const char* ending : {".png", ".webp", ".bmp", ".ppm"}) {
    const FileBytes whole = Encode(Scene(), ending);
    for (std::size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 97) {
      const auto image = DecodeImage(std::span(whole).first(size));
      EXPECT_FALSE(image) << ending << " cut to " << size << " of " << whole.size();
    }
    // A PNG ends with a chunk that says nothing, and a WebP with padding: both have their pixels.
    const auto all_but_one = DecodePicture(std::span(whole).first(whole.size() - 1));
    if (all_but_one) {
      EXPECT_EQ(all_but_one->image.pixels, DecodeImage(whole)->pixels) << ending;
      EXPECT_FALSE(all_but_one->warnings.empty()) << ending << " without its end";
    }
  }
}

TEST(BadImage, AFlippedByteInAPngIsFound) {
  FileBytes png = Encode(Scene(), ".png");
  png[png.size() / 2] ^= 0x40;
  ExpectBad(png, "damaged");
}

TEST(BadImage, AClaimOfManyPixelsCostsNothing) {
  ExpectBad(test::Png(60'000, 60'000, 8, 6, {0}), "60000×60000");
  ExpectBad(test::Png(0xFFFFFFFF, 0xFFFFFFFF, 8, 6, {0}), "more than the limit of");
  ExpectBad(test::Png(20'000, 20'000, 1, 0, {0}), "more than the limit of");
  ExpectBad(test::Png(0, 10, 8, 2, {0}), "no width or height");
  ExpectBad(Bytes("P6\n60000 60000\n255\n"), "truncated");
  ExpectBad(Bytes("P6\n99999999999999999999 99999999999999999999\n255\n"), "too large");
  // The size is within the limits, but the pixels are missing.
  ExpectBad(test::Png(5000, 5000, 8, 2, {0}), "damaged");
}

// The header decides how much is allocated and how far is read. Whatever it says, nothing may be
// read past the end.
TEST(BadImage, ChangedHeadersAreSurvived) {
  for (const char* ending : {".jpg", ".png", ".webp", ".bmp", ".ppm"}) {
    const FileBytes whole = Encode(Scene(24, 16), ending);
    for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 700); ++at) {
      for (const std::uint8_t value : {0x00, 0x7F, 0x80, 0xFF}) {
        FileBytes changed = whole;
        changed[at] = value;
        const auto header = ProbeImage(changed);
        EXPECT_TRUE(!header || header->width_px > 0) << ending << " byte " << at;
        std::ignore = ProbeImage(std::span(changed).first(at + 1));
      }
    }
  }
}

TEST(BadImage, ScansOfAProgressiveJpegAreCounted) {
  const FileBytes file = test::ProgressiveJpeg(Scene());
  const auto header = ProbeImage(file);
  ASSERT_TRUE(header);
  EXPECT_GT(header->scans, 3);
  const std::int64_t pixels = std::int64_t{96} * 64 * header->scans;
  EXPECT_TRUE(DecodeImage(file, {.max_scan_pixels = pixels}));
  EXPECT_FALSE(DecodeImage(file, {.max_scan_pixels = pixels - 1}));
  EXPECT_EQ(ProbeImage(Encode(Scene(), ".jpg"))->scans, 1);
}

// The texts in a PNG are compressed: 8 KB of the file grow to 8 MB, again and again, before a pixel
// is decoded.
TEST(BadImage, ABombOfTextsInAPngIsLeftOut) {
  const FileBytes text = test::PngChunk(
      "zTXt", test::Deflated(std::string_view("Comment\0\0", 9), FileBytes(7'000'000, 'a')));
  FileBytes chunks;
  for (int i = 0; i < 150; ++i)
    chunks.insert(chunks.end(), text.begin(), text.end());  // a gigabyte
  const FileBytes file = test::Png(2, 1, 8, 2, {0, 1, 2, 3, 4, 5, 6}, chunks);
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const auto image = DecodeImage(file);
  getrusage(RUSAGE_SELF, &after);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(PixelAt(*image, 1, 0), (std::vector<int>{6, 5, 4}));
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 100'000);  // kB
}

// A file of a few kilobytes may contain a picture of any size. It takes as much memory for a pixel
// as docs/RELIABILITY.md says.
TEST(BadImage, ABombOfPixelsCostsWhatIsStated) {
  constexpr std::uint32_t kWidth_px = 4000, kHeight_px = 2500;
  constexpr std::uint64_t kMost_bytes = 12ULL * kWidth_px * kHeight_px + (16 << 20);
  FileBytes file;
  {
    const FileBytes rows(std::size_t{1 + 8 * kWidth_px} * kHeight_px, 0);
    file = test::Png(kWidth_px, kHeight_px, 16, 6, rows);
  }
  EXPECT_LT(file.size(), 200'000u);
  if (!ResetPeakMemory()) GTEST_SKIP() << "the system does not show peaks of memory";
  const std::uint64_t before = ResidentMemory_bytes();
  const auto image = DecodeImage(file);
  const std::uint64_t peak = PeakMemory_bytes();
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_GT(peak, before);
  EXPECT_LT(peak - before, kMost_bytes);
}

// Found by fuzzing: a file of a kilobyte took 16 s and 3.6 GB. It begins like one of our formats,
// but our decoder for that format refuses it, and further on it has the magic bytes of another one
// (DICOM at byte 128, DTED at 140), which we do not read.
TEST(BadImage, AnotherFormatBehindOurMagicIsNotDecoded) {
  using namespace std::string_view_literals;
  // Two elements that claim 256 MB each.
  const auto dicom = "DICM\x02\0\0\0OB\0\0\0\0\0\x10\x08\0\0\0OB\0\0\0\0\0\x10"sv;
  const auto disguised = [&](std::string_view magic) {
    FileBytes file(magic.begin(), magic.end());
    file.resize(128, 1);
    file.insert(file.end(), dicom.begin(), dicom.end());
    file.resize(600, 0);
    return file;
  };
  for (const FileBytes& file : {disguised("RIFF\x40\0\0\0WEBPVP8L\x20\0\0\0\0\x13\xC0\x02\x10"sv),
                                disguised("P5#\n4 4 255\n"sv)}) {
    if (!ResetPeakMemory()) GTEST_SKIP() << "the system does not show peaks of memory";
    const std::uint64_t before = ResidentMemory_bytes();
    EXPECT_FALSE(DecodeImage(file));
    EXPECT_LT(PeakMemory_bytes() - before, 64u << 20);
  }
}

TEST(BadImage, LimitsAreTheCallers) {
  const FileBytes file = Encode(Scene(), ".png");
  EXPECT_FALSE(DecodeImage(file, {.max_side_px = 95}));
  EXPECT_FALSE(DecodeImage(file, {.max_pixels = 6143}));
  EXPECT_FALSE(DecodeImage(file, {.max_file_bytes = 100}));
  EXPECT_TRUE(DecodeImage(file, {.max_pixels = 6144, .max_side_px = 96}));
}

}  // namespace
}  // namespace inlier
