#pragma once

#include <atomic>

namespace inlier::cli {

/// From now on SIGINT and SIGTERM set the flag that is returned, and a second signal ends the
/// process at once.
const std::atomic<bool>& CatchInterrupts();

}  // namespace inlier::cli
