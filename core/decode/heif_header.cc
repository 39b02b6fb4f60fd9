#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/decode/heif_boxes.h"

namespace inlier {

// The turn that a HEIF file asks for is among its properties, which the decoder applies. Its EXIF
// data may say the same again and must be ignored, so `exif` stays empty.
Result<ImageHeader> ProbeHeif(Bytes file) {
  INLIER_ASSIGN_OR_RETURN(const HeifPicture picture, ReadHeifBoxes(file));
  if (picture.width_px <= 0 || picture.height_px <= 0) {
    return Bad("HEIF: damaged: no width or height");
  }
  return ImageHeader{.format = ImageHeader::Format::kHeif,
                     .width_px = picture.width_px,
                     .height_px = picture.height_px,
                     .has_alpha = picture.has_alpha};
}

}  // namespace inlier
