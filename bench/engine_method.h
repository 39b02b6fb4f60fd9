#pragma once

#include <memory>
#include <string>

#include "bench/bench_method.h"
#include "bench/bench_options.h"
#include "bench/gallery.h"
#include "inlier/options.h"

namespace inlier {

/// The engine as a method of the bench, with one database of all catalogues together and one of
/// each dataset. They lie in `options.out`, are brought up to date and are kept. Where the options
/// name a projection, it is learnt first unless there is one. `name` is "exact", which searches the
/// database of "sift" without its index; or the name of an extractor. Errors: as Engine's and
/// LearnProjection's.
Result<std::unique_ptr<BenchMethod>> OpenEngineMethod(const BenchOptions& options,
                                                      const EngineOptions& engine_options,
                                                      const Gallery& gallery,
                                                      const std::string& name);

}  // namespace inlier
