#include "tests/support/tiff_files.h"

#include <algorithm>
#include <cstring>

namespace inlier::test {
namespace {

void Put(std::uint8_t* to, int value, int bits) {
  if (bits == 8) *to = static_cast<std::uint8_t>(value);
  const auto wide = static_cast<std::uint16_t>(value);
  if (bits == 16) std::memcpy(to, &wide, 2);
}

// The samples of a cell whose left upper corner is x0, y0.
FileBytes Cell(const TiffKind& kind, int x0, int y0, int width_px, int height_px, int plane) {
  const int first = kind.planes_apart ? plane : 0, count = kind.planes_apart ? 1 : kind.samples;
  const auto sample_bytes = static_cast<std::size_t>(kind.bits / 8);
  FileBytes cell(static_cast<std::size_t>(width_px * height_px * count) * sample_bytes);
  std::uint8_t* to = cell.data();
  for (int y = y0; y < y0 + height_px; ++y) {
    for (int x = x0; x < x0 + width_px; ++x) {
      for (int c = first; c < first + count; ++c, to += sample_bytes) {
        Put(to, TiffSample(x, y, c, kind.bits), kind.bits);
      }
    }
  }
  return cell;
}

}  // namespace

TIFF* OpenForWriting(TiffWriting& to, const char* mode) {
  return TIFFClientOpen(
      "test", mode, &to,
      [](thandle_t self, void* data, tmsize_t size) -> tmsize_t {
        auto& file = *static_cast<TiffWriting*>(self);
        const auto count =
            std::min<std::size_t>(static_cast<std::size_t>(size), file.bytes.size() - file.at);
        std::memcpy(data, file.bytes.data() + file.at, count);
        file.at += count;
        return static_cast<tmsize_t>(count);
      },
      [](thandle_t self, void* data, tmsize_t size) -> tmsize_t {
        auto& file = *static_cast<TiffWriting*>(self);
        const auto end = file.at + static_cast<std::size_t>(size);
        file.bytes.resize(std::max(file.bytes.size(), end));
        std::memcpy(file.bytes.data() + file.at, data, static_cast<std::size_t>(size));
        file.at = end;
        return size;
      },
      [](thandle_t self, toff_t offset, int whence) -> toff_t {
        auto& file = *static_cast<TiffWriting*>(self);
        file.at = offset + (whence == SEEK_CUR   ? file.at
                            : whence == SEEK_END ? file.bytes.size()
                                                 : 0);
        file.bytes.resize(std::max(file.bytes.size(), file.at));
        return file.at;
      },
      [](thandle_t) { return 0; },
      [](thandle_t self) -> toff_t { return static_cast<TiffWriting*>(self)->bytes.size(); },
      [](thandle_t, void**, toff_t*) { return 0; }, [](thandle_t, void*, toff_t) {});
}

int TiffSample(int x, int y, int c, int bits) {
  const int value = (x * 3 + y * 5 + c * 40) % 256;
  return bits == 16 ? value * 256 + x : value;
}

FileBytes WriteTiff(const TiffKind& kind) {
  TiffWriting file;
  TIFF* const tiff = OpenForWriting(file, kind.mode);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kind.width_px);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kind.height_px);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               kind.planes_apart ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (kind.extra >= 0) {
    const auto extra = static_cast<std::uint16_t>(kind.extra);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  }
  kind.more(tiff);
  const int planes = kind.planes_apart ? kind.samples : 1;
  if (kind.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    for (int plane = 0; plane < planes; ++plane) {
      for (int y = 0; y < kind.height_px; y += 16) {
        for (int x = 0; x < kind.width_px; x += 32) {
          FileBytes cell = Cell(kind, x, y, 32, 16, plane);
          TIFFWriteTile(tiff, cell.data(), static_cast<std::uint32_t>(x),
                        static_cast<std::uint32_t>(y), 0, static_cast<std::uint16_t>(plane));
        }
      }
    }
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows_a_strip);
    for (int plane = 0; plane < planes; ++plane) {
      for (int y = 0; y < kind.height_px; y += kind.rows_a_strip) {
        const int rows = std::min(kind.rows_a_strip, kind.height_px - y);
        FileBytes cell = Cell(kind, 0, y, kind.width_px, rows, plane);
        TIFFWriteEncodedStrip(tiff,
                              TIFFComputeStrip(tiff, static_cast<std::uint32_t>(y),
                                               static_cast<std::uint16_t>(plane)),
                              cell.data(), static_cast<tmsize_t>(cell.size()));
      }
    }
  }
  TIFFClose(tiff);
  return file.bytes;
}

}  // namespace inlier::test
