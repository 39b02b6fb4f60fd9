#pragma once

#include <cstddef>
#include <functional>

namespace inlier {

/// Runs `body(i)` for i in [0, n) on up to `threads` threads (the calling one among them) and
/// waits. Work is handed out one index at a time, so what `body` computes must depend on i alone.
/// If a body throws, the rest is skipped and the first exception is rethrown here.
void ParallelFor(std::size_t n, int threads, const std::function<void(std::size_t)>& body);

/// Cores this process may use, at least 1.
int HardwareThreads();

}  // namespace inlier
