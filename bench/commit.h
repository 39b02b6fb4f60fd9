#pragma once

namespace inlier {

/// The commit that the program was built from, as `git describe` names it; "unknown" outside of a
/// checkout. Its source is written by cmake/commit.cmake at each build.
const char* Commit();

}  // namespace inlier
