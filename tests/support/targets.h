#pragma once

#include <cstdint>

#include <hwy/highway.h>
#include <hwy/targets.h>

namespace inlier::test {

/// Calls `body` once for each SIMD instruction set that both this machine and this build support.
template <class Body>
void ForEachSimdTarget(const Body& body) {
  for (std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace inlier::test
