#pragma once

#include <cstddef>
#include <functional>

namespace inlier {

/// Calls `body(i)` for every i in [0, n) on up to `threads` threads, of which the calling one is
/// the first, and waits until all are done. Any thread may get any index, so what `body` computes
/// must depend on i alone. Where the system lets it start fewer threads, those do the work. When a
/// call throws, the remaining ones are skipped and the first exception is rethrown here.
void ParallelFor(std::size_t n, int threads, const std::function<void(std::size_t)>& body);

/// The number of hardware threads that the standard library reports, at least 1.
int HardwareThreads();

}  // namespace inlier
