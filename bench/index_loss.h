#pragma once

#include <map>
#include <string>

#include "bench/results.h"
#include "bench/session.h"
#include "core/result.h"

namespace inlier {

/// What a method's index loses compared with matching every item (QueryOptions::exact), by dataset,
/// on `exact_photos` photos of each. The session's database of the method is used. Errors: as
/// OpenMethod and Engine::Query.
Result<std::map<std::string, IndexLoss>> MeasureIndexLoss(BenchSession& session,
                                                          const std::string& method);

}  // namespace inlier
