#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/features.h"
#include "index/vocabulary.h"

namespace inlier {

/// Rows that a vocabulary is trained on, for each of its cells.
inline constexpr std::uint64_t kTrainingRowsPerCell = 48;

/// Learns a vocabulary from descriptors: first the projection into the space of the cells, then the
/// cells by k-means, on two levels. `rows`: n × row_bytes, n > 0, byte rows or rows of bits. The
/// same rows and seed give the same vocabulary for any number of threads. Fewer distinct rows than
/// `cells` give fewer cells.
std::unique_ptr<Vocabulary> TrainVocabulary(std::span<const std::uint8_t> rows, DescriptorKind kind,
                                            int row_bytes, int cells, std::uint32_t seed,
                                            int threads);

}  // namespace inlier
