#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/arguments.h"
#include "core/result.h"
#include "inlier/engine.h"

namespace inlier::cli {

/// Options as --features and --set ask for them, on top of `base`. Errors: kInvalidArgument.
Result<EngineOptions> OptionsFrom(const Arguments& arguments, EngineOptions base);

/// Opens the database of --db with its own options and --set on top of them. Errors: as
/// Engine::Open.
Result<std::unique_ptr<Engine>> OpenDatabase(const Arguments& arguments, OpenMode mode,
                                             int threads);

/// Writes the index to disk when so many changes wait that opening would take notably longer.
Status CheckpointWhenDue(Engine& engine);

/// Threads of --threads; all cores when `all_cores`, else one, when it is not given.
Result<int> ThreadsFrom(const Arguments& arguments, bool all_cores);

}  // namespace inlier::cli
