#include "wire/round.h"

#include <cmath>

namespace inlier::wire {

double RoundTo(double number, int decimals) {
  const double unit = std::pow(10.0, decimals);
  return std::round(number * unit) / unit + 0.0;  // -0 + 0 is 0
}

}  // namespace inlier::wire
