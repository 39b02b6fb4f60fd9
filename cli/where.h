#pragma once

#include <string>
#include <utility>
#include <vector>

#include "inlier/engine.h"

namespace inlier::cli {

/// Checks the conditions of --where against the items, before any photo is read, and complains when
/// no item satisfies them. Errors: as Engine::CountWhere.
Status CheckWhere(const Engine& engine,
                  const std::vector<std::pair<std::string, std::string>>& where);

}  // namespace inlier::cli
