#pragma once

#include "core/result.h"
#include "inlier/query.h"

namespace inlier {

/// kCancelled once somebody has set the query's flag, or its deadline has passed.
Status CheckCancelled(const QueryOptions& query);

}  // namespace inlier
