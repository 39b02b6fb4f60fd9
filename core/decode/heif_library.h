#pragma once

#include <libheif/heif.h>

#include "core/result.h"

namespace inlier {

/// The functions of libheif that are used. They have libheif's names without `heif_`.
struct HeifLibrary {
  decltype(&heif_init) init = nullptr;
  decltype(&heif_context_alloc) context_alloc = nullptr;
  decltype(&heif_context_free) context_free = nullptr;
  decltype(&heif_context_read_from_memory_without_copy) context_read_from_memory_without_copy =
      nullptr;
  decltype(&heif_context_set_max_decoding_threads) context_set_max_decoding_threads = nullptr;
  decltype(&heif_context_get_primary_image_handle) context_get_primary_image_handle = nullptr;
  decltype(&heif_image_handle_release) image_handle_release = nullptr;
  decltype(&heif_image_handle_get_width) image_handle_get_width = nullptr;
  decltype(&heif_image_handle_get_height) image_handle_get_height = nullptr;
  decltype(&heif_image_handle_has_alpha_channel) image_handle_has_alpha_channel = nullptr;
  decltype(&heif_image_handle_is_premultiplied_alpha) image_handle_is_premultiplied_alpha = nullptr;
  decltype(&heif_image_handle_get_luma_bits_per_pixel) image_handle_get_luma_bits_per_pixel =
      nullptr;
  decltype(&heif_image_handle_get_raw_color_profile_size) image_handle_get_raw_color_profile_size =
      nullptr;
  decltype(&heif_image_handle_get_raw_color_profile) image_handle_get_raw_color_profile = nullptr;
  decltype(&heif_image_handle_get_nclx_color_profile) image_handle_get_nclx_color_profile = nullptr;
  decltype(&heif_nclx_color_profile_free) nclx_color_profile_free = nullptr;
  decltype(&heif_decoding_options_alloc) decoding_options_alloc = nullptr;
  decltype(&heif_decoding_options_free) decoding_options_free = nullptr;
  decltype(&heif_decode_image) decode_image = nullptr;
  decltype(&heif_image_get_width) image_get_width = nullptr;
  decltype(&heif_image_get_height) image_get_height = nullptr;
  decltype(&heif_image_get_bits_per_pixel_range) image_get_bits_per_pixel_range = nullptr;
  decltype(&heif_image_get_plane_readonly) image_get_plane_readonly = nullptr;
  decltype(&heif_image_get_decoding_warnings) image_get_decoding_warnings = nullptr;
  decltype(&heif_image_release) image_release = nullptr;
};

/// libheif, which is opened once, when it is first asked for, and stays open. Debian builds it with
/// x265, which is under the GPL, so it is not linked. Errors: kBadImage, with the package that is
/// missing.
Result<const HeifLibrary*> LoadHeifLibrary();

}  // namespace inlier
