#include "core/decode/tiff_library.h"

#include "core/decode/bad_image.h"
#include "core/decode/opened_library.h"

namespace inlier {
namespace {

struct Loaded {
  TiffLibrary tiff;
  Status status;
};

Loaded Load() {
  void* const library = OpenLibrary("libtiff.so.6");
  Loaded loaded;
  TiffLibrary& tiff = loaded.tiff;
#define INLIER_LOOK(name) LookUp(library, "TIFF" #name, tiff.name)
  const bool complete =
      library != nullptr && INLIER_LOOK(ClientOpenExt) && INLIER_LOOK(Close) &&
      INLIER_LOOK(ComputeStrip) && INLIER_LOOK(ComputeTile) && INLIER_LOOK(GetField) &&
      INLIER_LOOK(GetFieldDefaulted) && INLIER_LOOK(IsTiled) && INLIER_LOOK(OpenOptionsAlloc) &&
      INLIER_LOOK(OpenOptionsFree) && INLIER_LOOK(OpenOptionsSetErrorHandlerExtR) &&
      INLIER_LOOK(OpenOptionsSetMaxSingleMemAlloc) &&
      INLIER_LOOK(OpenOptionsSetWarningHandlerExtR) && INLIER_LOOK(RGBAImageOK) &&
      INLIER_LOOK(ReadEncodedStrip) && INLIER_LOOK(ReadEncodedTile) &&
      INLIER_LOOK(ReadRGBAImageOriented) && INLIER_LOOK(ReadScanline) &&
      INLIER_LOOK(ScanlineSize64) && INLIER_LOOK(SetField) && INLIER_LOOK(StripSize64) &&
      INLIER_LOOK(TileSize64);
#undef INLIER_LOOK
  if (!complete)
    loaded.status = Bad("TIFF needs libtiff6: apt-get install libtiff6", BadImage::kUnsupported);
  return loaded;
}

const Loaded& Library() {
  static const Loaded loaded = Load();
  return loaded;
}

}  // namespace

Status LoadTiffLibrary() { return Library().status; }
const TiffLibrary& Tiff() { return Library().tiff; }

}  // namespace inlier
