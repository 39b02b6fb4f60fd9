#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace inlier {

/// What it takes to build the joint database of a method.
struct BuildCost {
  struct Measured {
    double cpu_ms_per_item = 0;  // all threads together
    double seconds = 0;          // wall clock
    std::uint64_t peak_memory_bytes = 0;
  };
  std::size_t items = 0;  // of the catalogue
  std::size_t failed = 0;
  std::optional<Measured> measured;  // absent when the database was there already
};

struct MeasuredIndex {
  std::uint64_t items = 0;
  std::uint64_t features = 0;
  std::uint64_t cells = 0;
  std::uint64_t memory_bytes_per_item = 0;
  std::uint64_t disk_bytes_per_item = 0;
};

struct LearningCost {
  double seconds = 0;  // wall clock
  double cpu_s = 0;    // all threads together
  std::size_t items = 0;
  std::size_t dims = 0;
};

struct OpenCost {
  double cpu_ms = 0;
  double wall_ms = 0;
};

/// What a method costs besides the time of its answers. A part is absent when the method does not
/// have it.
struct MethodCosts {
  std::optional<BuildCost> build;
  std::optional<MeasuredIndex> index;
  std::optional<LearningCost> learning;
  std::optional<OpenCost> open;
  std::optional<std::uint64_t> query_peak_memory_bytes;
};

}  // namespace inlier
