// Reads the headers of image files, of which nothing can be taken for granted: every offset and
// length is checked before it is used. The first bytes decide which format a file has, never its
// name.
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/signature.h"

namespace inlier {
namespace {

using namespace std::string_view_literals;

// A kind of file that is recognised by its first bytes but not read, and what its owner can do.
struct Refused {
  std::size_t at;
  std::string_view magic;
  std::string_view message;
};
constexpr std::string_view kJpegXl = "JPEG XL, which is not read: save it as JPEG or PNG";
constexpr std::string_view kJpeg2000 = "JPEG 2000, which is not read: save it as JPEG or PNG";
constexpr std::string_view kVector =
    "a drawing (SVG or other XML), not a picture of pixels: export it as PNG";
constexpr Refused kRefused[] = {
    {0, "\xFF\x0A"sv, kJpegXl},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, kJpegXl},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, kJpeg2000},
    {0, "\xFF\x4F\xFF\x51"sv, kJpeg2000},
    {0, "8BPS"sv, "a Photoshop document (PSD): export it as JPEG or PNG"},
    {0, "%PDF-"sv, "a PDF document: export its page as JPEG or PNG"},
    {0, "%!PS"sv, "a PostScript document: export its page as JPEG or PNG"},
    {0, "<svg"sv, kVector},
    {0, "<?xml"sv, kVector},
    {0, "\xEF\xBB\xBF<"sv, kVector},
    {0, "<!DOCTYPE"sv, "a web page or a drawing, not a picture: save the picture itself"},
    {0, "<html"sv, "a web page, not a picture: save the picture itself"},
    {0, "\0\0\1\0"sv, "an icon (ICO), which is not read: save it as PNG"},
    {0, "gimp xcf "sv, "a GIMP document (XCF): export it as JPEG or PNG"},
    {4, "ftypmif3"sv, "a HEIF picture of the minimal form, which is not read: save it as JPEG"},
    {4, "ftypcrx "sv, "a camera's raw picture (CR3): develop it to JPEG first"},
    {0, "FUJIFILMCCD-RAW"sv, "a camera's raw picture (RAF): develop it to JPEG first"},
    {0, "IIRO"sv, "a camera's raw picture (ORF): develop it to JPEG first"},
    {0, "IIRS"sv, "a camera's raw picture (ORF): develop it to JPEG first"},
    {0, "IIU\0"sv, "a camera's raw picture (RW2): develop it to JPEG first"},
    {0, "FOVb"sv, "a camera's raw picture (X3F): develop it to JPEG first"},
};

Result<ImageHeader> NotRead(Bytes file) {
  for (const Refused& refused : kRefused) {
    if (HasPrefix(file, refused.magic, refused.at))
      return Bad(std::string(refused.message), BadImage::kUnsupported);
  }
  return Bad(
      "not an image of a known format (JPEG, PNG, WebP, TIFF, GIF, HEIC, AVIF, BMP, PGM, PPM)",
      BadImage::kNotAPicture);
}

}  // namespace

Result<ImageHeader> ProbeImage(Bytes file) {
  if (file.empty()) return Bad("the file is empty", BadImage::kNotAPicture);
  const auto format = FormatOf(file);
  if (!format) return NotRead(file);
  auto probe = [&]() -> Result<ImageHeader> {
    switch (*format) {
      case ImageHeader::Format::kJpeg:
        return ProbeJpeg(file);
      case ImageHeader::Format::kPng:
        return ProbePng(file);
      case ImageHeader::Format::kWebp:
        return ProbeWebp(file);
      case ImageHeader::Format::kTiff:
        return ProbeTiff(file);
      case ImageHeader::Format::kGif:
        return ProbeGif(file);
      case ImageHeader::Format::kBmp:
        return ProbeBmp(file);
      case ImageHeader::Format::kPnm:
        return ProbePnm(file);
      case ImageHeader::Format::kHeif:
        return ProbeHeif(file);
    }
    return NotRead(file);
  }();
  if (probe && (probe->width_px <= 0 || probe->height_px <= 0)) return Bad("no width or height");
  return probe;
}

}  // namespace inlier
