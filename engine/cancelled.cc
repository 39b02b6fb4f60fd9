#include "engine/cancelled.h"

namespace inlier {

Status CheckCancelled(const QueryOptions& query) {
  if (query.cancel == nullptr || !query.cancel->load()) return {};
  return Fail(ErrorCode::kCancelled, "the query was cancelled");
}

}  // namespace inlier
