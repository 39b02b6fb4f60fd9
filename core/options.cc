#include "core/options.h"

#include <fmt/format.h>

namespace inlier {

std::string Trim(double number) { return fmt::format("{}", number); }

}  // namespace inlier
