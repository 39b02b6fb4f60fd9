#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/arguments.h"
#include "core/result.h"
#include "inlier/engine.h"

namespace inlier::cli {

/// `base`, changed as --features and --set say. Errors: kInvalidArgument.
Result<EngineOptions> OptionsFrom(const Arguments& arguments, EngineOptions base);

/// Opens the database of --db. It keeps its own options except for those that --features and --set
/// change. Errors: as Engine::Open.
Result<std::unique_ptr<Engine>> OpenDatabase(const Arguments& arguments, OpenMode mode,
                                             int threads);

/// Writes the index to disk when so many changes are waiting that replaying them would make the
/// next opening notably slower.
Status CheckpointWhenDue(Engine& engine);

/// The value of --threads. When it is not given: the number of cores, or 1 unless `all_cores`.
Result<int> ThreadsFrom(const Arguments& arguments, bool all_cores);

}  // namespace inlier::cli
