#pragma once

#include <string>

namespace inlier {

/// A probability for a person to read, as the report and the command line show it: "99.8 %". It
/// never reads "100 %" or "0 %" for something that is only very likely or very unlikely.
std::string PercentText(double probability);

}  // namespace inlier
