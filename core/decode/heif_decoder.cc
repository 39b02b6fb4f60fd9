// Decodes HEIC and AVIF by libheif, which also crops and turns the picture as its file says.
#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <libheif/heif.h>

#include "core/bytes.h"
#include "core/decode/decoder_memory.h"
#include "core/decode/embedded_profile.h"
#include "core/decode/formats.h"
#include "core/decode/heif_boxes.h"
#include "core/decode/heif_data.h"
#include "core/decode/heif_library.h"
#include "core/decode/unpremultiply.h"

namespace inlier {
namespace {

template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;
template <typename T>
using OwnedConst = std::unique_ptr<const T, void (*)(const T*)>;

// A file that ends early is most likely why libheif could not read it.
tl::unexpected<Error> Failed(const heif_error& error, const HeifPicture& picture) {
  // Its decoders have threads of their own, so the errno of ours says nothing.
  if (error.code == heif_error_Memory_allocation_error) return NoMemory();
  const std::string words = error.message == nullptr ? "" : error.message;
  if (picture.missing_bytes == 0) return Bad(fmt::format("HEIF: {}", words));
  return Bad(
      fmt::format("HEIF: truncated: {} bytes are missing ({})", picture.missing_bytes, words));
}

// The decoder's planes, their copy in libheif and one more when it is turned or converted take up
// to 1.5 samples a pixel each; then there are the samples that are handed over.
Status CheckCosts(const HeifPicture& picture, int sample_bytes, int channels,
                  const DecodeLimits& limits) {
  if (picture.coded_width_px > limits.max_side_px || picture.coded_height_px > limits.max_side_px ||
      picture.coded_width_px * picture.coded_height_px > limits.max_pixels) {
    return Bad(fmt::format("HEIF: claims {}×{} pixels, more than the limits",
                           picture.coded_width_px, picture.coded_height_px));
  }
  const double samples_a_pixel = 4.5 + channels;
  const double needed =
      std::min(static_cast<double>(picture.largest_px) * samples_a_pixel * sample_bytes, 1e18);
  return CheckDecoderMemory(static_cast<std::int64_t>(needed), limits);
}

// A decoded picture and what is needed to hand it over.
struct Decoded {
  const std::uint8_t* pixels = nullptr;
  std::size_t stride_bytes = 0;
  int bits = 8;  // of a sample, in two bytes when there are more than 8
  bool premultiplied = false;
  RowLayout layout;
};

// Brings samples of 9 to 16 bits to the full range of 16: the upper bits are repeated below, so
// that black stays black and white becomes white.
void Widen(std::uint16_t* samples, std::size_t count, int bits) {
  const int up = 16 - bits;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t value = samples[i];
    samples[i] = static_cast<std::uint16_t>(value << up | (up == 0 ? 0 : value >> (bits - up)));
  }
}

template <typename T>
void UndoPremultiplying(T* samples, std::size_t count) {
  constexpr T kWhite = static_cast<T>(~T{0});
  for (std::size_t i = 0; i + 3 < count; i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      samples[i + c] = static_cast<T>(Unpremultiplied(samples[i + c], samples[i + 3], kWhite));
    }
  }
}

void HandOver(const Decoded& decoded, RowSink& sink) {
  const std::size_t row_bytes = decoded.layout.row_bytes();
  std::vector<std::uint16_t> row((row_bytes + 1) / 2);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(row.data());
  for (int y = 0; y < decoded.layout.height_px; ++y) {
    std::memcpy(bytes, decoded.pixels + static_cast<std::size_t>(y) * decoded.stride_bytes,
                row_bytes);
    if (decoded.layout.bits == 16) {
      Widen(row.data(), row_bytes / 2, decoded.bits);
      if (decoded.premultiplied) UndoPremultiplying(row.data(), row_bytes / 2);
    } else if (decoded.premultiplied) {
      UndoPremultiplying(bytes, row_bytes);
    }
    sink.Row(bytes);
  }
}

// An ICC profile counts before code points; libheif has undone the matrix of either.
ColourSource ColourOf(const HeifLibrary& heif, const heif_image_handle* handle,
                      std::vector<std::uint8_t>& icc, std::vector<std::string>& warnings) {
  icc.resize(heif.image_handle_get_raw_color_profile_size(handle));
  if (!icc.empty() &&
      heif.image_handle_get_raw_color_profile(handle, icc.data()).code == heif_error_Ok) {
    // The samples are RGB, even those of a grey picture, and a grey profile says little about them.
    return HasPrefix(icc, "GRAY", 16) ? ColourSource{}
                                      : ColourSource{.icc = BoundedProfile(icc, warnings)};
  }
  heif_color_profile_nclx* nclx = nullptr;
  if (heif.image_handle_get_nclx_color_profile(handle, &nclx).code != heif_error_Ok ||
      nclx == nullptr) {
    return {};
  }
  const Owned<heif_color_profile_nclx> owned(nclx, heif.nclx_color_profile_free);
  return {.cicp =
              Cicp{.primaries = nclx->color_primaries, .transfer = nclx->transfer_characteristics}};
}

heif_chroma ChromaOf(bool wide, bool alpha) {
  if (!wide) return alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  if constexpr (std::endian::native == std::endian::little) {
    return alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE;
  } else {
    return alpha ? heif_chroma_interleaved_RRGGBBAA_BE : heif_chroma_interleaved_RRGGBB_BE;
  }
}

// What libheif could not make sense of, but decoded all the same.
void AddWarnings(const HeifLibrary& heif, heif_image* image, std::vector<std::string>& warnings) {
  constexpr int kMost = 4;
  heif_error errors[kMost];
  const int count = heif.image_get_decoding_warnings(image, 0, errors, kMost);
  for (int i = 0; i < std::min(count, kMost); ++i) {
    if (errors[i].message != nullptr) warnings.emplace_back(errors[i].message);
  }
}

Status DecodeHandle(const HeifLibrary& heif, const heif_image_handle* handle,
                    const HeifPicture& picture, const DecodeTask& task, RowSink& sink) {
  if (heif.image_handle_get_width(handle) != task.header.width_px ||
      heif.image_handle_get_height(handle) != task.header.height_px) {
    return Bad("HEIF: damaged: its sizes do not agree");
  }
  const bool alpha = heif.image_handle_has_alpha_channel(handle) != 0;
  const bool wide = heif.image_handle_get_luma_bits_per_pixel(handle) > 8;
  INLIER_RETURN_IF_ERROR(CheckCosts(picture, wide ? 2 : 1, alpha ? 4 : 3, task.limits));
  const Owned<heif_decoding_options> options(heif.decoding_options_alloc(),
                                             heif.decoding_options_free);
  if (!options) return NoMemory();
  heif_image* image = nullptr;
  const heif_error error =
      heif.decode_image(handle, &image, heif_colorspace_RGB, ChromaOf(wide, alpha), options.get());
  const OwnedConst<heif_image> owned(image, heif.image_release);
  if (error.code != heif_error_Ok || image == nullptr) return Failed(error, picture);
  int stride = 0;
  Decoded decoded{.pixels = heif.image_get_plane_readonly(image, heif_channel_interleaved, &stride),
                  .bits = heif.image_get_bits_per_pixel_range(image, heif_channel_interleaved),
                  .premultiplied = alpha && heif.image_handle_is_premultiplied_alpha(handle) != 0,
                  .layout = {.width_px = heif.image_get_width(image, heif_channel_interleaved),
                             .height_px = heif.image_get_height(image, heif_channel_interleaved),
                             .samples = alpha ? Samples::kRgba : Samples::kRgb,
                             .bits = wide ? 16 : 8}};
  decoded.stride_bytes = static_cast<std::size_t>(std::max(stride, 0));
  if (decoded.pixels == nullptr || decoded.layout.width_px != task.header.width_px ||
      decoded.layout.height_px != task.header.height_px ||
      decoded.stride_bytes < decoded.layout.row_bytes() ||
      (wide ? decoded.bits < 9 || decoded.bits > 16 : decoded.bits != 8)) {
    return Bad("HEIF: damaged: its pixels are not what its header says");
  }
  std::vector<std::uint8_t> icc;
  decoded.layout.colour = ColourOf(heif, handle, icc, task.warnings);
  INLIER_RETURN_IF_ERROR(sink.Begin(decoded.layout));
  HandOver(decoded, sink);
  AddWarnings(heif, image, task.warnings);
  if (picture.missing_bytes > 0) {
    task.warnings.push_back(fmt::format(
        "{} bytes are missing at the end; all of its pixels are there", picture.missing_bytes));
  }
  return {};
}

}  // namespace

Status DecodeHeif(const DecodeTask& task, RowSink& sink) {
  INLIER_ASSIGN_OR_RETURN(HeifPicture picture, ReadHeifBoxes(task.file));
  INLIER_ASSIGN_OR_RETURN(const HeifLibrary* const heif, LoadHeifLibrary());
  const HeifData data = InspectHeifData(task.file, picture);
  if (data.hole_bytes > 0) {
    return Bad(fmt::format("HEIF: damaged: {} bytes of its data are zeros", data.hole_bytes));
  }
  picture.largest_px = std::max(picture.largest_px, data.largest_px);
  const Owned<heif_context> context(heif->context_alloc(), heif->context_free);
  if (!context) return NoMemory();
  // Pictures are decoded in parallel already.
  heif->context_set_max_decoding_threads(context.get(), 0);
  heif_error error = heif->context_read_from_memory_without_copy(context.get(), task.file.data(),
                                                                 task.file.size(), nullptr);
  if (error.code != heif_error_Ok) return Failed(error, picture);
  heif_image_handle* handle = nullptr;
  error = heif->context_get_primary_image_handle(context.get(), &handle);
  const OwnedConst<heif_image_handle> owned(handle, heif->image_handle_release);
  if (error.code != heif_error_Ok || handle == nullptr) return Failed(error, picture);
  return DecodeHandle(*heif, handle, picture, task, sink);
}

}  // namespace inlier
