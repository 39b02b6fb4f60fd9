#pragma once

#include <tiffio.h>

#include "core/result.h"

namespace inlier {

/// The functions of libtiff that are used. They have libtiff's names without `TIFF`.
struct TiffLibrary {
  decltype(&TIFFClientOpenExt) ClientOpenExt = nullptr;
  decltype(&TIFFClose) Close = nullptr;
  decltype(&TIFFComputeStrip) ComputeStrip = nullptr;
  decltype(&TIFFComputeTile) ComputeTile = nullptr;
  decltype(&TIFFGetField) GetField = nullptr;
  decltype(&TIFFGetFieldDefaulted) GetFieldDefaulted = nullptr;
  decltype(&TIFFIsTiled) IsTiled = nullptr;
  decltype(&TIFFOpenOptionsAlloc) OpenOptionsAlloc = nullptr;
  decltype(&TIFFOpenOptionsFree) OpenOptionsFree = nullptr;
  decltype(&TIFFOpenOptionsSetErrorHandlerExtR) OpenOptionsSetErrorHandlerExtR = nullptr;
  decltype(&TIFFOpenOptionsSetMaxSingleMemAlloc) OpenOptionsSetMaxSingleMemAlloc = nullptr;
  decltype(&TIFFOpenOptionsSetWarningHandlerExtR) OpenOptionsSetWarningHandlerExtR = nullptr;
  decltype(&TIFFRGBAImageOK) RGBAImageOK = nullptr;
  decltype(&TIFFReadEncodedStrip) ReadEncodedStrip = nullptr;
  decltype(&TIFFReadEncodedTile) ReadEncodedTile = nullptr;
  decltype(&TIFFReadRGBAImageOriented) ReadRGBAImageOriented = nullptr;
  decltype(&TIFFReadScanline) ReadScanline = nullptr;
  decltype(&TIFFScanlineSize64) ScanlineSize64 = nullptr;
  decltype(&TIFFSetField) SetField = nullptr;
  decltype(&TIFFStripSize64) StripSize64 = nullptr;
  decltype(&TIFFTileSize64) TileSize64 = nullptr;
};

/// Opens libtiff, once, when the first TIFF file is met. Debian builds it with JBIG-KIT, which is
/// under the GPL, so it is not linked. Errors: kBadImage, with the package that is missing.
Status LoadTiffLibrary();

/// libtiff, once LoadTiffLibrary has succeeded.
const TiffLibrary& Tiff();

}  // namespace inlier
