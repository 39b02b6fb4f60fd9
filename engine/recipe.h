#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/options.h"

namespace inlier {

/// Writes down what decides whether two sets of features can be compared: the options of the
/// extraction and, for embeddings, the hashes of model and projection. A database keeps its recipe
/// and refuses features of another one.
std::string Recipe(const ExtractorOptions& options);
/// True for a method whose features are directions of whole regions, which EmbeddingRetrieval
/// compares, and not local features.
bool IsEmbeddingMethod(std::string_view method);
/// What the features of a recipe are; local ones alone when it cannot be read.
FeatureSpaces SpacesOfRecipe(std::string_view recipe);
/// Reads a recipe back. Errors: kIncompatible (of a newer version, or of a method that this build
/// lacks).
Result<ExtractorOptions> OptionsFromRecipe(std::string_view recipe);

}  // namespace inlier
