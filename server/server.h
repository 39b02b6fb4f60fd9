#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "inlier/error.h"
#include "server/options.h"

namespace inlier::server {

/// Serves a database over HTTP until the process is told to stop by SIGTERM or SIGINT; a second
/// signal ends it at once. `listening` is called with the address once connections are accepted,
/// which is before the database is open. Errors: of the options, the keys, the address and the
/// database (Engine::Open).
Status Serve(const ServerOptions& options, const std::filesystem::path& database,
             const std::function<void(const std::string& address)>& listening);

/// Says what Serve would do, in lines for a person, or what keeps it from doing so.
Result<std::string> Describe(const ServerOptions& options, const std::filesystem::path& database);

}  // namespace inlier::server
