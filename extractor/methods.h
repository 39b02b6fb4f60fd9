#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// Makes the extractor of the method that `options.method` names. Errors: kInvalidArgument naming
/// the field.
Result<std::unique_ptr<Extractor>> CreateExtractor(const ExtractorOptions& options);

/// The names that ExtractorOptions::method takes in this build. Each stands for a detector and a
/// descriptor together.
std::vector<std::string> MethodNames();

using MakeExtractor = std::function<Result<std::unique_ptr<Extractor>>(const ExtractorOptions&)>;

/// Adds a method of the caller's own. Does nothing when the name is taken. Call it before any
/// thread asks for an extractor.
void AddMethod(std::string name, MakeExtractor make);

}  // namespace inlier
