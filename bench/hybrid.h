#pragma once

#include <string>
#include <vector>

#include "bench/results.h"
#include "bench/session.h"
#include "core/result.h"

namespace inlier {

/// When "hybrid" is among the methods, takes it out of them, chooses the methods that it is made of
/// (`session.hybrid`) and adds those that are not among the methods. The classical part is SIFT
/// where it is among the methods, else the first local method; the deep part is "deep" unless
/// "deep-raw" alone is among them; the third part is "look". Errors: as CheckMethod.
Status ChooseParts(BenchSession& session, std::vector<std::string>& methods);

/// Fuses the answers of all parts into the answers of "hybrid". Errors: as OptionsOfMethod.
Status FuseParts(BenchSession& session);

/// The figures that "hybrid" has besides those of every method.
HybridFigures HybridFiguresOf(const BenchSession& session);

}  // namespace inlier
