#pragma once

#include "inlier/error.h"

namespace inlier::cli {

/// The exit status of the process. Scripts rely on it, and 'inlier --help' lists it.
enum class ExitCode {
  kDone = 0,
  kSomeFailed = 1,  // some input could not be used, or a file or the database could not be reached
  kUsage = 2,
  kDamaged = 3,  // the database is damaged, or was made with other features or by a newer version
  kInterrupted = 130,
};

inline ExitCode ExitCodeFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return ExitCode::kUsage;
    case ErrorCode::kCorrupt:
    case ErrorCode::kIncompatible:
      return ExitCode::kDamaged;
    case ErrorCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kSomeFailed;
  }
}

}  // namespace inlier::cli
