#include "core/decode/heif_library.h"

#include "core/decode/bad_image.h"
#include "core/decode/opened_library.h"

namespace inlier {
namespace {

// True when the library has every function. Its version is that of Debian 12 or a later one.
bool LookAll(void* library, HeifLibrary& heif) {
#define INLIER_LOOK(name) LookUp(library, "heif_" #name, heif.name)
  return INLIER_LOOK(init) && INLIER_LOOK(context_alloc) && INLIER_LOOK(context_free) &&
         INLIER_LOOK(context_read_from_memory_without_copy) &&
         INLIER_LOOK(context_set_max_decoding_threads) &&
         INLIER_LOOK(context_get_primary_image_handle) && INLIER_LOOK(image_handle_release) &&
         INLIER_LOOK(image_handle_get_width) && INLIER_LOOK(image_handle_get_height) &&
         INLIER_LOOK(image_handle_has_alpha_channel) &&
         INLIER_LOOK(image_handle_is_premultiplied_alpha) &&
         INLIER_LOOK(image_handle_get_luma_bits_per_pixel) &&
         INLIER_LOOK(image_handle_get_raw_color_profile_size) &&
         INLIER_LOOK(image_handle_get_raw_color_profile) &&
         INLIER_LOOK(image_handle_get_nclx_color_profile) && INLIER_LOOK(nclx_color_profile_free) &&
         INLIER_LOOK(decoding_options_alloc) && INLIER_LOOK(decoding_options_free) &&
         INLIER_LOOK(decode_image) && INLIER_LOOK(image_get_width) &&
         INLIER_LOOK(image_get_height) && INLIER_LOOK(image_get_bits_per_pixel_range) &&
         INLIER_LOOK(image_get_plane_readonly) && INLIER_LOOK(image_get_decoding_warnings) &&
         INLIER_LOOK(image_release);
#undef INLIER_LOOK
}

Result<HeifLibrary> Load() {
  void* const library = OpenLibrary("libheif.so.1");
  if (library == nullptr)
    return Bad("HEIC and AVIF need libheif1: apt-get install libheif1", BadImage::kUnsupported);
  HeifLibrary heif;
  if (!LookAll(library, heif))
    return Bad("HEIC and AVIF need libheif1 of version 1.15 or later", BadImage::kUnsupported);
  if (heif.init(nullptr).code != heif_error_Ok) return Bad("HEIF: libheif could not be started");
  return heif;
}

}  // namespace

Result<const HeifLibrary*> LoadHeifLibrary() {
  static const Result<HeifLibrary> loaded = Load();
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  return &*loaded;
}

}  // namespace inlier
