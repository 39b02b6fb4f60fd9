#include "engine/cancelled.h"

#include <chrono>

namespace inlier {

Status CheckCancelled(const QueryOptions& query) {
  if (query.cancel != nullptr && query.cancel->load())
    return Fail(ErrorCode::kCancelled, "the query was cancelled");
  if (std::chrono::steady_clock::now() > query.deadline)
    return Fail(ErrorCode::kCancelled, "the deadline of the query has passed");
  return {};
}

}  // namespace inlier
