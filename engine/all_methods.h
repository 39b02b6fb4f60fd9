#pragma once

namespace inlier {

/// Adds the methods that are made of more than one room, `deep` and `hybrid`, to those that
/// CreateExtractor knows. May be called any number of times, from any thread.
void AddAllMethods();

}  // namespace inlier
