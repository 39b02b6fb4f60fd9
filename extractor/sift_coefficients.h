#pragma once

#include <cstddef>
#include <cstdint>

namespace inlier {

inline constexpr std::size_t kSiftDims = 128;
inline constexpr std::size_t kSiftCoefficients = 64;

/// Takes a SIFT descriptor of 128 bytes (4 × 4 cells of 8 directions) to 64 of its coefficients:
/// those of a cosine transform over the cells and of a Fourier transform over the directions that
/// vary most. The transform is orthonormal, so distances between rows stay about the same, at half
/// the bytes and half the work. Transform coding of descriptors: Chandrasekhar et al., "Transform
/// coding of image feature descriptors", VCIP 2009. All arithmetic is on whole numbers, so every
/// SIMD target gives the same row.
void ToSiftCoefficients(const std::uint8_t* row, std::uint8_t* out);

}  // namespace inlier
