#include "core/options.h"

#include <fmt/format.h>

namespace inlier {

std::string NumberText(double number) { return fmt::format("{}", number); }

}  // namespace inlier
