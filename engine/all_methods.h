#pragma once

namespace inlier {

/// Adds the methods that extractor/ does not have itself, `deep`, `xfeat` and `hybrid`, to those
/// that CreateExtractor knows. May be called any number of times, from any thread.
void AddAllMethods();

}  // namespace inlier
