#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/image.h"

namespace inlier {

/// This many bytes from the start of a file are enough for the functions below.
inline constexpr std::size_t kSignature_bytes = 64;

/// The format that the first bytes of a file claim. They may be wrong: the Probe function of the
/// format finds out.
std::optional<ImageHeader::Format> FormatOf(std::span<const std::uint8_t> first_bytes);

/// Do these first bytes look like a picture that we read? Stricter than FormatOf where a text could
/// begin with the two letters that are all of a format's signature, since there is no other
/// evidence that such files are pictures.
bool LooksLikePicture(std::span<const std::uint8_t> first_bytes);

}  // namespace inlier
