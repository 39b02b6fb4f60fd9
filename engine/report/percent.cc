#include "engine/report/percent.h"

#include <fmt/core.h>

namespace inlier {

std::string PercentText(double probability) {
  if (probability > 0.9995 && probability < 1) return "> 99.9 %";
  if (probability < 0.0005 && probability > 0) return "< 0.1 %";
  return fmt::format("{:.1f} %", 100 * probability);
}

}  // namespace inlier
