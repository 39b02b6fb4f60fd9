#pragma once

#include <string>

#include "bench/session.h"
#include "core/result.h"

namespace inlier {

/// Asks the named method about all photos, in each setting that it answers, and keeps the answers
/// in `session.answers` and in OUT/answers-METHOD.json. Answers that an earlier run has kept there
/// are taken over. The evidence on each candidate goes to OUT/candidates-METHOD.csv. Errors: as
/// OpenMethod; kIo.
Status AskPhotos(BenchSession& session, const std::string& name);

}  // namespace inlier
