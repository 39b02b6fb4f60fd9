#include "index/feature_counts.h"

#include <string_view>

#include "core/blob.h"

namespace inlier {

std::uint32_t KeyOf(const Features& features) {
  const std::vector<std::uint8_t>& rows = features.descriptors;
  return static_cast<std::uint32_t>(
      Hash64({reinterpret_cast<const char*>(rows.data()), rows.size()}));
}

}  // namespace inlier
