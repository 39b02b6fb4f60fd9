#include "core/signature.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/drawn.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using test::FileBytes;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

FileBytes Bytes(std::string_view text) { return {text.begin(), text.end()}; }

// A BMP up to the size of its second header.
std::string BmpStart(char header_size) {
  return "BM" + std::string(12, '\1') + header_size + std::string(3, '\0');
}

TEST(Signature, PicturesThatAreRead) {
  for (const char* ending : {".jpg", ".png", ".webp", ".bmp", ".ppm", ".tiff"}) {
    const FileBytes file = test::Encode(test::DrawTexture(7, 48, 32), ending);
    EXPECT_TRUE(LooksLikePicture(std::span(file).first(kSignature_bytes))) << ending;
  }
  for (const std::string_view start :
       {"GIF87a"sv, "GIF89a"sv, "II*\0\x08\0\0\0"sv, "MM\0*\0\0\0\x08"sv, "II+\0\x08\0\0\0"sv,
        "P5\n2 2\n255\n"sv, "P6 2 2 255 "sv, "P5#a comment"sv,
        "\0\0\0\x18"
        "ftypheic\0\0\0\0mif1heic"sv,
        "\0\0\0\x1c"
        "ftypavif\0\0\0\0avifmif1miaf"sv,
        "\0\0\0\x18"
        "ftypMiHB\0\0\0\0miafmif1"sv}) {
    EXPECT_TRUE(LooksLikePicture(Bytes(start))) << start;
  }
  EXPECT_TRUE(LooksLikePicture(Bytes(BmpStart(40))));
}

TEST(Signature, FilesThatAreNone) {
  const std::string film =
      "\0\0\0\x18"
      "ftypisom\0\0\0\0isommp42"s;
  for (const std::string& start :
       {std::string(), "a"s, "P"s, "P5"s, "BM"s, "\xFF\xD8"s, "P5is"s, "P600 per litre"s,
        "BMW, Audi and others in a list"s, BmpStart(5), "%PDF-1.7"s, "RIFF\x10\0\0\0WAVEfmt "s,
        "{\"id\": 1}"s,
        "\0\0\0\x0c"
        "ftyp"s,
        film}) {
    EXPECT_FALSE(LooksLikePicture(Bytes(start))) << start;
  }
}

TEST(Signature, ABrandBehindTheBoxDoesNotCount) {
  EXPECT_FALSE(
      LooksLikePicture(Bytes("\0\0\0\x10"
                             "ftypisom\0\0\0\0heicheic"sv)));
}

}  // namespace
}  // namespace inlier
