#pragma once

#include <string>
#include <string_view>

#include "core/features.h"

namespace inlier {

/// Rounds the descriptors of a face, rows of bytes, to 4 bits a value (scalar quantisation). Each
/// column has its own bounds, so columns that hardly vary are not lost. The bounds of each column
/// come first, then the rows: two values in each byte, the first one in its lower half.
std::string PackRows(const Features& features);

/// Sets the descriptors. False when the bytes do not have the shape of the features.
bool UnpackRows(std::string_view packed, Features& features);

}  // namespace inlier
