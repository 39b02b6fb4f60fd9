// Decodes the first page of a TIFF file by libtiff. Samples of 8 and 16 bits are handed over as
// they are, row by row; for everything else libtiff makes RGBA of 8 bits.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/decode/decoder_memory.h"
#include "core/decode/embedded_profile.h"
#include "core/decode/formats.h"
#include "core/decode/tiff_directory.h"
#include "core/decode/tiff_file.h"
#include "core/decode/tiff_rows.h"
#include "core/decode/unpremultiply.h"

namespace inlier {
namespace {

enum class Alpha : std::uint8_t { kNone, kMultiplied, kPlain };

// What the first page is, by its tags.
struct Page {
  TiffShape shape;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t inks = INKSET_CMYK;
  std::uint16_t sample_format = SAMPLEFORMAT_UINT;
  Alpha alpha = Alpha::kNone;
  const std::uint16_t* palette[3] = {};

  int colours() const {
    if (photometric == PHOTOMETRIC_SEPARATED) return 4;
    const bool one = photometric <= PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_PALETTE;
    return one ? 1 : 3;
  }
};

// libtiff adds an ExtraSamples tag where a file forgets it, so the tag is looked up in the file
// itself. Pictures of four channels without the tag were made with transparency; a channel that the
// tag calls unspecified was not.
Alpha AlphaOf(Bytes file, const Page& page) {
  if (page.shape.samples <= page.colours() || page.colours() == 4) return Alpha::kNone;
  const auto directory = TiffDirectory::First(file);
  const auto kind = directory ? directory->Number(TIFFTAG_EXTRASAMPLES) : std::nullopt;
  if (!kind) return page.shape.samples == page.colours() + 1 ? Alpha::kPlain : Alpha::kNone;
  if (*kind == EXTRASAMPLE_UNSPECIFIED) return Alpha::kNone;
  return *kind == EXTRASAMPLE_ASSOCALPHA ? Alpha::kMultiplied : Alpha::kPlain;
}

Page ReadPage(TiffFile& file, Bytes bytes) {
  Page page;
  TIFF* const tiff = file.handle();
  page.shape.width_px = file.Field<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  page.shape.height_px = file.Field<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  page.shape.bits = file.Field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  page.shape.samples = file.Field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  page.shape.planes_apart =
      page.shape.samples > 1 &&
      file.Field<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) != PLANARCONFIG_CONTIG;
  page.shape.tiled = Tiff().IsTiled(tiff) != 0;
  page.photometric = file.Field<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  page.compression = file.Field<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  page.inks = file.Field<std::uint16_t>(TIFFTAG_INKSET, INKSET_CMYK);
  page.sample_format = file.Field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  // libjpeg turns YCbCr into RGB itself when it is asked to.
  if (page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG &&
      page.shape.samples == 3 && !page.shape.planes_apart) {
    Tiff().SetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    page.photometric = PHOTOMETRIC_RGB;
  }
  page.alpha = AlphaOf(bytes, page);
  return page;
}

bool IsPlain(TiffFile& file, Page& page) {
  if (page.shape.samples < page.colours()) return false;
  switch (page.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_RGB:
      return page.shape.bits == 8 || page.shape.bits == 16;
    case PHOTOMETRIC_SEPARATED:
      return (page.shape.bits == 8 || page.shape.bits == 16) && page.inks == INKSET_CMYK;
    case PHOTOMETRIC_PALETTE: {
      std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
      if (page.shape.bits != 8 ||
          Tiff().GetField(file.handle(), TIFFTAG_COLORMAP, &red, &green, &blue) != 1) {
        return false;
      }
      page.palette[0] = red;
      page.palette[1] = green;
      page.palette[2] = blue;
      return true;
    }
    default:
      return false;
  }
}

Samples SamplesOf(const Page& page) {
  const bool alpha = page.alpha != Alpha::kNone;
  if (page.photometric == PHOTOMETRIC_SEPARATED) return Samples::kCmyk;
  if (page.colours() == 3 || page.photometric == PHOTOMETRIC_PALETTE)
    return alpha ? Samples::kRgba : Samples::kRgb;
  return alpha ? Samples::kGreyAlpha : Samples::kGrey;
}

// Some programs fill a palette of 16 bits with values of 8.
bool HasSmallPalette(const Page& page) {
  return std::all_of(std::begin(page.palette), std::end(page.palette), [](const auto* map) {
    return std::all_of(map, map + 256, [](std::uint16_t value) { return value < 256; });
  });
}

bool IsAsHandedOver(const Page& page) {
  return page.photometric != PHOTOMETRIC_MINISWHITE && page.photometric != PHOTOMETRIC_PALETTE &&
         page.alpha != Alpha::kMultiplied && page.shape.samples == ChannelsOf(SamplesOf(page));
}

template <typename T>
void ConvertRow(const Page& page, const std::uint8_t* row, std::uint8_t* out) {
  constexpr T kWhite = static_cast<T>(~T{0});
  const auto* from = reinterpret_cast<const T*>(row);
  auto* to = reinterpret_cast<T*>(out);
  const int colours = page.colours();
  const bool invert = page.photometric == PHOTOMETRIC_MINISWHITE;
  const bool indexed = page.photometric == PHOTOMETRIC_PALETTE;
  const int palette_shift = indexed && !HasSmallPalette(page) ? 8 : 0;
  for (std::uint32_t x = 0; x < page.shape.width_px; ++x, from += page.shape.samples) {
    const T alpha = page.alpha == Alpha::kNone ? kWhite : from[colours];
    for (int c = 0; c < (indexed ? 3 : colours); ++c) {
      T value = indexed ? static_cast<T>(page.palette[c][from[0]] >> palette_shift) : from[c];
      if (page.alpha == Alpha::kMultiplied) {
        value = static_cast<T>(Unpremultiplied(value, alpha, kWhite));
      }
      *to++ = invert ? static_cast<T>(kWhite - value) : value;
    }
    if (page.alpha != Alpha::kNone) *to++ = alpha;
  }
}

ColourSource ColourOf(TiffFile& file, bool plain, std::vector<std::string>& warnings) {
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  if (Tiff().GetField(file.handle(), TIFFTAG_ICCPROFILE, &size, &data) != 1) return {};
  const Bytes icc = BoundedProfile({data, size}, warnings);
  // A profile of other samples, such as CIE L*a*b*, says nothing about the RGB that libtiff makes.
  if (!plain && !HasPrefix(icc, "RGB ", 16)) return {};
  return {.icc = icc};
}

tl::unexpected<Error> Missing(const TiffFile& file, std::uint32_t rows_read,
                              const TiffShape& shape) {
  return Bad(fmt::format("TIFF: truncated or damaged: {} of {} rows are missing{}",
                         shape.height_px - rows_read, shape.height_px, file.Words()));
}

Status DecodePlain(const DecodeTask& task, TiffFile& file, const Page& page, RowSink& sink) {
  const RowLayout layout{.width_px = static_cast<int>(page.shape.width_px),
                         .height_px = static_cast<int>(page.shape.height_px),
                         .samples = SamplesOf(page),
                         .bits = page.shape.bits,
                         .colour = ColourOf(file, true, task.warnings)};
  TiffRows rows(file, page.shape);
  INLIER_RETURN_IF_ERROR(CheckDecoderMemory(rows.memory_bytes(), task.limits));
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  std::vector<std::uint8_t> out(layout.row_bytes());
  const bool as_it_is = IsAsHandedOver(page);
  const auto convert = page.shape.bits == 16 ? ConvertRow<std::uint16_t> : ConvertRow<std::uint8_t>;
  while (rows.rows_read() < page.shape.height_px) {
    const std::uint32_t before = rows.rows_read();
    const std::uint8_t* row = rows.Next();
    if (row == nullptr || file.pixels_invented()) return Missing(file, before, page.shape);
    if (!as_it_is) convert(page, row, out.data());
    sink.Row(as_it_is ? row : out.data());
  }
  return {};
}

Status DecodeByLibtiff(const DecodeTask& task, TiffFile& file, const Page& page, RowSink& sink) {
  char why[1024] = "";
  if (Tiff().RGBAImageOK(file.handle(), why) == 0) return Bad(fmt::format("TIFF: {}", why));
  const std::size_t width = page.shape.width_px, height = page.shape.height_px;
  const auto cell = static_cast<double>(page.shape.tiled ? Tiff().TileSize64(file.handle())
                                                         : Tiff().StripSize64(file.handle()));
  const double needed = std::min(4.0 * static_cast<double>(width * height) + cell, 1e18);
  INLIER_RETURN_IF_ERROR(CheckDecoderMemory(static_cast<std::int64_t>(needed), task.limits));
  const bool alpha = page.alpha != Alpha::kNone;
  const RowLayout layout{.width_px = static_cast<int>(width),
                         .height_px = static_cast<int>(height),
                         .samples = alpha ? Samples::kRgba : Samples::kRgb,
                         .colour = ColourOf(file, false, task.warnings)};
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  std::vector<std::uint32_t> pixels(width * height);
  // libtiff turns a picture upside down or mirrors it, but never lays it on its side. It leaves the
  // rows alone when it is asked for the orientation that they have.
  const auto turn = file.Field<std::uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  constexpr int kStopOnError = 1;
  if (Tiff().ReadRGBAImageOriented(file.handle(), page.shape.width_px, page.shape.height_px,
                                   pixels.data(), turn, kStopOnError) != 1 ||
      file.pixels_invented()) {
    return Bad(fmt::format("TIFF: truncated or damaged{}", file.Words()));
  }
  std::vector<std::uint8_t> out(layout.row_bytes());
  for (std::size_t y = 0; y < height; ++y) {
    std::uint8_t* to = out.data();
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t pixel = pixels[y * width + x];
      const std::uint32_t a = alpha ? TIFFGetA(pixel) : 255;
      for (const std::uint32_t value : {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)}) {
        *to++ = static_cast<std::uint8_t>(Unpremultiplied(value, a, 255));
      }
      if (alpha) *to++ = static_cast<std::uint8_t>(a);
    }
    sink.Row(out.data());
  }
  return {};
}

}  // namespace

Status DecodeTiff(const DecodeTask& task, RowSink& sink) {
  INLIER_ASSIGN_OR_RETURN(const auto file, TiffFile::Open(task.file, task.limits));
  Page page = ReadPage(*file, task.file);
  if (page.shape.width_px != task.header.width_px ||
      page.shape.height_px != task.header.height_px) {
    return Bad("TIFF: damaged: its sizes do not agree");
  }
  if (page.sample_format != SAMPLEFORMAT_UINT && page.sample_format != SAMPLEFORMAT_VOID) {
    return Bad("TIFF: its samples are signed or floating-point numbers: save it with 8 or 16 bits");
  }
  const bool plain = IsPlain(*file, page);
  file->BeginPixels();
  INLIER_RETURN_IF_ERROR(plain ? DecodePlain(task, *file, page, sink)
                               : DecodeByLibtiff(task, *file, page, sink));
  file->MoveWarningsTo(task.warnings);
  return {};
}

}  // namespace inlier
