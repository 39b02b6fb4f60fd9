#pragma once

#include "core/result.h"
#include "inlier/query.h"

namespace inlier {

/// kCancelled once somebody has set the query's flag.
Status CheckCancelled(const QueryOptions& query);

}  // namespace inlier
