#pragma once

#include <cstdint>
#include <span>

#include "core/features.h"
#include "index/cell_space.h"

namespace inlier {

/// Learns the map into the space of the cells from descriptors. `rows`: n × row_bytes, n > 0. The
/// same rows and seed give the same map on every machine.
CellProjection TrainProjection(std::span<const std::uint8_t> rows, DescriptorKind kind,
                               int row_bytes, std::uint64_t seed);

}  // namespace inlier
