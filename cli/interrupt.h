#pragma once

#include <atomic>

namespace inlier::cli {

/// From here on SIGINT and SIGTERM set the flag that is returned; a second signal ends the process
/// at once.
const std::atomic<bool>& CatchInterrupts();

}  // namespace inlier::cli
