#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "index/item.h"

namespace inlier {

/// The size of an item that is made up.
struct MadeShape {
  std::size_t features = 0;
  std::uint16_t row_bytes = 0;  // of a descriptor; a multiple of 8
  std::size_t preview_bytes = 0;
};

/// An item with one picture and random features. The ids do not follow the order of the numbers,
/// just as the names of files do not; the same number has the same id, and a picture of its own
/// each time.
ItemUpdate MadeItem(std::size_t number, const MadeShape& shape, std::mt19937_64& random);

}  // namespace inlier
