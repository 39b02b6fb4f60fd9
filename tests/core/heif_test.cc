// HEIC and AVIF files, which libheif writes when it has an encoder for them.
#include <dlfcn.h>

#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libheif/heif.h>

#include "core/decode/formats.h"
#include "tests/support/decoded.h"
#include "tests/support/odd_images.h"

// x265, which writes the files, never frees some of its tables, and neither do libheif and dav1d
// when a file is damaged. The leak checker asks for this function by its name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265\nleak:libheif\nleak:libdav1d\n";
}

namespace inlier {
namespace {

using test::FileBytes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

using Outcome = test::Decoded;

Outcome Decode(std::span<const std::uint8_t> file, const DecodeLimits& limits = {}) {
  Outcome outcome = test::DecodeBy(ProbeImage, DecodeHeif, file, limits);
  EXPECT_THAT(outcome.header.exif, IsEmpty());
  if (outcome.ok()) {
    EXPECT_EQ(outcome.header.format, ImageHeader::Format::kHeif);
    EXPECT_EQ(outcome.sink.layout.width_px, outcome.header.width_px);
    EXPECT_EQ(outcome.sink.layout.height_px, outcome.header.height_px);
  }
  return outcome;
}

void* Library() {
  static void* const library = dlopen("libheif.so.1", RTLD_NOW);
  return library;
}

template <typename Function>
Function* Heif(Function* /*of this type*/, const char* name) {
  return reinterpret_cast<Function*>(dlsym(Library(), name));
}
#define HEIF(name) Heif(&name, #name)

// How a picture is written. A pixel is red on the left and blue on the right, and gets greener
// downwards.
struct Kind {
  heif_compression_format compression = heif_compression_AV1;
  int width_px = 128, height_px = 64;
  int bits = 8;
  bool alpha = false;
  heif_orientation orientation = heif_orientation_normal;
  FileBytes icc;
  int primaries = 0, transfer = 0;  // 0: no code points
  FileBytes exif;
};

std::vector<int> Pixel(const Kind& kind, int x, int y) {
  const bool left = x < kind.width_px / 2;
  return {left ? 200 : 20, 250 * y / kind.height_px, left ? 20 : 200, 255 - y};
}

heif_image* Draw(const Kind& kind) {
  const bool wide = kind.bits > 8;
  heif_image* image = nullptr;
  const heif_chroma chroma =
      wide ? (kind.alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
           : (kind.alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
  HEIF(heif_image_create)(kind.width_px, kind.height_px, heif_colorspace_RGB, chroma, &image);
  HEIF(heif_image_add_plane)
  (image, heif_channel_interleaved, kind.width_px, kind.height_px, kind.bits);
  int stride = 0;
  std::uint8_t* const plane = HEIF(heif_image_get_plane)(image, heif_channel_interleaved, &stride);
  for (int y = 0; y < kind.height_px; ++y) {
    std::uint8_t* to = plane + std::ptrdiff_t{y} * stride;
    for (int x = 0; x < kind.width_px; ++x) {
      for (int c = 0; c < (kind.alpha ? 4 : 3); ++c) {
        const int value = Pixel(kind, x, y)[static_cast<std::size_t>(c)];
        const int sample = value * ((1 << kind.bits) - 1) / 255;
        *to++ = static_cast<std::uint8_t>(sample);
        if (wide) *to++ = static_cast<std::uint8_t>(sample >> 8);
      }
    }
  }
  if (!kind.icc.empty()) {
    HEIF(heif_image_set_raw_color_profile)(image, "prof", kind.icc.data(), kind.icc.size());
  }
  return image;
}

// The file, or nothing when there is no encoder.
FileBytes Write(const Kind& kind) {
  if (Library() == nullptr) return {};
  heif_context* const context = HEIF(heif_context_alloc)();
  heif_encoder* encoder = nullptr;
  FileBytes file;
  if (HEIF(heif_context_get_encoder_for_format)(context, kind.compression, &encoder).code ==
      heif_error_Ok) {
    HEIF(heif_encoder_set_lossy_quality)(encoder, 95);
    heif_image* const image = Draw(kind);
    heif_encoding_options* const options = HEIF(heif_encoding_options_alloc)();
    options->image_orientation = kind.orientation;
    heif_color_profile_nclx* nclx = nullptr;
    if (kind.primaries != 0) {
      nclx = HEIF(heif_nclx_color_profile_alloc)();
      nclx->color_primaries = static_cast<heif_color_primaries>(kind.primaries);
      nclx->transfer_characteristics = static_cast<heif_transfer_characteristics>(kind.transfer);
      nclx->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
      nclx->full_range_flag = 1;
      options->output_nclx_profile = nclx;
      HEIF(heif_image_set_nclx_color_profile)(image, nclx);
      options->macOS_compatibility_workaround_no_nclx_profile = 0;
    }
    heif_image_handle* handle = nullptr;
    const heif_error error =
        HEIF(heif_context_encode_image)(context, image, encoder, options, &handle);
    EXPECT_EQ(error.code, heif_error_Ok) << error.message;
    if (!kind.exif.empty()) {
      HEIF(heif_context_add_exif_metadata)
      (context, handle, kind.exif.data(), static_cast<int>(kind.exif.size()));
    }
    heif_writer writer{1, [](heif_context*, const void* data, std::size_t size, void* to) {
                         const auto* bytes = static_cast<const std::uint8_t*>(data);
                         static_cast<FileBytes*>(to)->assign(bytes, bytes + size);
                         return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
                       }};
    HEIF(heif_context_write)(context, &writer, &file);
    if (nclx != nullptr) HEIF(heif_nclx_color_profile_free)(nclx);
    HEIF(heif_encoding_options_free)(options);
    HEIF(heif_image_handle_release)(handle);
    HEIF(heif_image_release)(image);
    HEIF(heif_encoder_release)(encoder);
  }
  HEIF(heif_context_free)(context);
  return file;
}

void ExpectNear(const std::vector<int>& pixel, std::vector<int> expected, int bits,
                std::size_t channels) {
  ASSERT_EQ(pixel.size(), channels);
  for (std::size_t c = 0; c < channels; ++c) {
    EXPECT_NEAR(bits == 16 ? pixel[c] / 257.0 : pixel[c], expected[c], 6) << "channel " << c;
  }
}

class HeifOf : public testing::TestWithParam<heif_compression_format> {
 protected:
  void SetUp() override {
    kind_.compression = GetParam();
    if (Write(kind_).empty()) GTEST_SKIP() << "libheif or its encoder is not installed";
  }
  Kind kind_;
};
INSTANTIATE_TEST_SUITE_P(Heif, HeifOf, testing::Values(heif_compression_HEVC, heif_compression_AV1),
                         [](const auto& about) {
                           return about.param == heif_compression_HEVC ? "Heic" : "Avif";
                         });

TEST_P(HeifOf, PixelsAreNear) {
  for (const bool alpha : {false, true}) {
    kind_.alpha = alpha;
    const FileBytes file = Write(kind_);
    EXPECT_EQ(ProbeImage(file)->has_alpha, alpha);
    const Outcome outcome = Decode(file);
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.sink.layout.samples, alpha ? Samples::kRgba : Samples::kRgb);
    EXPECT_EQ(outcome.sink.layout.bits, 8);
    EXPECT_EQ(outcome.sink.rows, 64);
    EXPECT_THAT(outcome.warnings, IsEmpty());
    for (const auto& [x, y] : {std::pair{20, 5}, {100, 60}}) {
      ExpectNear(outcome.sink.At(x, y), Pixel(kind_, x, y), 8, alpha ? 4 : 3);
    }
  }
}

TEST_P(HeifOf, MoreThanEightBitsBecomeSixteen) {
  // When libheif 1.15 asks for 10 bits of AV1, libaom stops the program.
  kind_.bits = GetParam() == heif_compression_AV1 ? 12 : 10;
  const Outcome outcome = Decode(Write(kind_));
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.bits, 16);
  ExpectNear(outcome.sink.At(20, 5), Pixel(kind_, 20, 5), 16, 3);
  ExpectNear(outcome.sink.At(100, 60), Pixel(kind_, 100, 60), 16, 3);
}

TEST_P(HeifOf, TurnsAreApplied) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    kind_.orientation = static_cast<heif_orientation>(orientation);
    // EXIF says the same once more, as phones write it.
    kind_.exif = test::ExifOfOrientation(orientation);
    const FileBytes file = Write(kind_);
    const auto header = ProbeImage(file);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->width_px, orientation < 5 ? 128 : 64) << orientation;
    EXPECT_EQ(header->height_px, orientation < 5 ? 64 : 128) << orientation;
    const Outcome outcome = Decode(file);
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    // Where the pixel that is stored at 20, 5 is to be seen.
    const int x = 20, y = 5, right = 127 - x, below = 63 - y;
    const std::pair<int, int> seen[] = {{x, y}, {right, y}, {right, below}, {x, below},
                                        {y, x}, {below, x}, {below, right}, {y, right}};
    const auto [to_x, to_y] = seen[orientation - 1];
    ExpectNear(outcome.sink.At(to_x, to_y), Pixel(kind_, x, y), 8, 3);
  }
}

TEST_P(HeifOf, OddSizesAreCropped) {
  kind_.width_px = 61;
  kind_.height_px = 39;
  const Outcome outcome = Decode(Write(kind_));
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.layout.width_px, 61);
  EXPECT_EQ(outcome.sink.rows, 39);
}

TEST_P(HeifOf, ColoursAreNamed) {
  kind_.icc.assign(600, 'i');
  Outcome outcome = Decode(Write(kind_));
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  EXPECT_EQ(outcome.sink.icc, kind_.icc);
  EXPECT_FALSE(outcome.sink.layout.colour.cicp);
  kind_.icc.clear();
  kind_.primaries = 12;
  kind_.transfer = 13;
  outcome = Decode(Write(kind_));
  ASSERT_TRUE(outcome.status) << outcome.status.error().message;
  ASSERT_TRUE(outcome.sink.layout.colour.cicp);
  EXPECT_EQ(outcome.sink.layout.colour.cicp->primaries, 12);
  EXPECT_EQ(outcome.sink.layout.colour.cicp->transfer, 13);
}

TEST_P(HeifOf, ATruncatedFileSaysHowMuchIsMissing) {
  const FileBytes whole = Write(kind_);
  for (std::size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 13) {
    const Outcome outcome = Decode(std::span(whole).first(size));
    EXPECT_FALSE(outcome.status) << size << " of " << whole.size();
  }
  const Outcome outcome = Decode(FileBytes(whole.begin(), whole.end() - 30));
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("30 bytes are missing"));
}

// The boxes may claim a stamp where the data has a poster.
TEST_P(HeifOf, MemoryIsWhatTheDataAsksFor) {
  kind_.width_px = kind_.height_px = 320;
  FileBytes file = Write(kind_);
  constexpr DecodeLimits kLimits{.max_memory_bytes = 512 << 10};
  const std::string_view size("ispe\0\0\0\0\0\0\x01\x40\0\0\x01\x40", 16);
  const auto at = std::search(file.begin(), file.end(), size.begin(), size.end());
  ASSERT_NE(at, file.end());
  at[10] = at[14] = 0;  // 64 × 64
  const Outcome outcome = Decode(file, kLimits);
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("memory"));
}

TEST(Heif, AHoleOfZerosInHevcIsFound) {
  FileBytes file = Write({.compression = heif_compression_HEVC});
  if (file.empty()) GTEST_SKIP() << "libheif or its encoder is not installed";
  ASSERT_TRUE(Decode(file).status);
  std::fill(file.end() - 120, file.end() - 80, std::uint8_t{0});
  const Outcome outcome = Decode(file);
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("bytes of its data are zeros"));
}

TEST_P(HeifOf, ChangedBytesAreSurvived) {
  const FileBytes whole = Write(kind_);
  const std::size_t head = whole.size() > 900 ? 600 : whole.size() / 2;
  for (std::size_t at = 8; at < whole.size(); at += at < head ? 1 : 29) {
    for (const std::uint8_t value : {0x00, 0xFF}) {
      FileBytes changed = whole;
      changed[at] = value;
      const auto header = ProbeImage(changed);
      if (!header || header->width_px * header->height_px > 1'000'000) continue;
      const Outcome outcome = Decode(changed, {.max_memory_bytes = 64 << 20});
      EXPECT_TRUE(!outcome.status || outcome.sink.rows == outcome.sink.layout.height_px);
    }
  }
}

TEST_P(HeifOf, LimitsAreTheCallers) {
  const FileBytes file = Write(kind_);
  EXPECT_FALSE(Decode(file, {.max_pixels = 128 * 64 - 1}).status);
  EXPECT_FALSE(Decode(file, {.max_side_px = 127}).status);
  const Outcome outcome = Decode(file, {.max_memory_bytes = 128 * 64});
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().message, HasSubstr("memory"));
}

}  // namespace
}  // namespace inlier
