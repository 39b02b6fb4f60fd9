#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inlier::wire {

/// The fields of a line of a log as a JSON object without its opening brace, so that a time can be
/// put in front: `"level":"info","status":200}`. Texts that are empty and numbers that are zero are
/// left out. Numbers have at most three decimals.
std::string RestOfObject(const std::vector<std::pair<std::string_view, std::string>>& texts,
                         const std::vector<std::pair<std::string_view, double>>& numbers);

}  // namespace inlier::wire
