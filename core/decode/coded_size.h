#pragma once

#include <cstdint>

#include "core/decode/formats.h"

namespace inlier {

/// Pixels of the pictures that a sequence parameter set of HEVC describes (ISO/IEC
/// 23008-2, 7.3.2.2; `unit` begins with the header of its NAL unit), or 0 when it is some other
/// unit.
std::int64_t HevcSequence_px(Bytes unit);

/// The same for AV1 data (AV1 specification, 5.5): that of its largest sequence header.
std::int64_t Av1Sequence_px(Bytes data);

}  // namespace inlier
