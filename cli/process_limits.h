#pragma once

#include <exception>

namespace inlier::cli {

/// Adapts the process to the limits that it was started under. The limits are those of the whole
/// process, so the program does this and the library does not. A store holds every one of its
/// tables open, so the soft limit of open files is raised to the hard one. An exception that nobody
/// can catch, such as one in a thread of RocksDB's, ends the process with its cause and exit 1
/// rather than by an abort. Under a limit of memory the program starts itself again with OpenBLAS
/// held to one thread: its other threads take memory before main() begins, and wait for ever when
/// there is none.
void PrepareForLimits(char** argv);

/// What an exception that no command has caught means to the person who runs the program.
const char* CauseOf(const std::exception& exception);

}  // namespace inlier::cli
