#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/result.h"

namespace inlier {

// Features as the store keeps them. docs/FORMAT.md has the layouts. They are two values, since
// ranking candidates by pose reads the keypoints of many faces and matching reads the descriptors
// of a few. Errors of both decoders: kCorrupt, kIncompatible.
//
// Local features are rounded. A keypoint takes 6 bytes: its place in steps of 1/65,535 of the long
// side, its angle in steps of 1/256 of the full turn, its size in steps of 1/8 octave, and of its
// response only the sign. A row of bytes takes 4 bits a value (scalar quantisation with bounds of
// each column and each face). Rows of bits and embeddings stay as they are. Features are in the
// order of their strength and keep it.

inline constexpr std::size_t kStoredKeypoint_bytes = 6;  // of a local feature

std::string EncodeKeypoints(const Features& features);
std::string EncodeDescriptors(const Features& features);

/// Everything but the descriptors.
Result<Features> DecodeKeypoints(std::string_view bytes);
/// Adds the descriptors to what DecodeKeypoints gave. kCorrupt when they do not have its shape.
Status DecodeDescriptors(std::string_view bytes, Features& features);

/// The global features that come beside local ones, in one value.
std::string EncodeGlobals(std::span<const Features> globals);
Result<std::vector<Features>> DecodeGlobals(std::string_view bytes);

}  // namespace inlier
