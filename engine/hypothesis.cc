#include "engine/hypothesis.h"

#include <algorithm>

namespace inlier {

bool HaveCommonItem(std::span<const ItemNumber> a, std::span<const ItemNumber> b) {
  for (auto in_a = a.begin(), in_b = b.begin(); in_a != a.end() && in_b != b.end();) {
    if (*in_a == *in_b) return true;
    ++(*in_a < *in_b ? in_a : in_b);
  }
  return false;
}

bool AreTheSame(const Hypothesis& a, const Hypothesis& b) {
  const bool twins =
      std::ranges::any_of(a.twins, [&b](const TwinFace& twin) { return twin.face == b.face; });
  return twins || HaveCommonItem(a.items, b.items);
}

}  // namespace inlier
