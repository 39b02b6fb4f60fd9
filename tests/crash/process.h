#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace inlier::test {

/// How a process ended, and what it wrote to stdout until then.
struct Ended {
  std::vector<std::string> lines;
  int status = 0;  // the wait status
  bool timed_out = false;
};

/// Writes a line to stdout at once. Returns false when nobody reads it.
bool Say(const std::string& line);

/// Runs `body` in a fork of this process, which must not have started a thread, and kills it
/// with SIGKILL when `kill_after` has passed since its start, or since its first line if
/// `from_first_line` is set. After `give_up_after` it counts as hung. The return value of `body` is
/// its exit status.
Ended RunForked(const std::function<int()>& body, std::chrono::microseconds kill_after,
                bool from_first_line = false,
                std::chrono::seconds give_up_after = std::chrono::seconds(120));

/// Does the same for a program.
Ended RunProcess(const std::vector<std::string>& arguments, std::chrono::microseconds kill_after);

}  // namespace inlier::test
