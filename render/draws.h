#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "core/random.h"

namespace inlier {

/// The random numbers of one seed for one purpose. They do not depend on how many numbers are drawn
/// for other purposes, so the poses of a scene stay the same when a corruption draws something of
/// its own.
class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0)
      : random_(Mix(seed, purpose, index)) {}

  std::uint64_t Bits() { return random_.Next(); }
  double Uniform(double low, double high) { return random_.Uniform(low, high); }
  double Angle_rad() { return Uniform(0, 2 * std::numbers::pi); }
  bool Chance(double probability) { return random_.Chance(probability); }

 private:
  static std::uint64_t Mix(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
    std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
    for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    const std::uint64_t first = Random(seed ^ hash).Next();
    return Random(first + index).Next();
  }

  Random random_;
};

}  // namespace inlier
