#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "index/item.h"

namespace inlier::test {

/// Makes an item with random but structured descriptors: the rows scatter around a few hundred
/// centres that all items share, as real descriptors do. The same number gives the same item.
inline NewItem MakeItem(unsigned number, std::size_t features = 60) {
  std::mt19937 random(number + 1);
  NewItem item;
  item.record.id = "item-" + std::to_string(number);
  item.record.content_hash = std::to_string(number);
  item.record.metadata = {{"parity", number % 2 == 0 ? "even" : "odd"}};
  item.record.feature_count = static_cast<std::uint32_t>(features);
  item.features.descriptor_bytes = 128;
  item.features.image_width_px = item.features.image_height_px = 100;
  item.preview = "preview of " + item.record.id;
  for (std::size_t i = 0; i < features; ++i) {
    std::mt19937 centre(static_cast<unsigned>(random() % 300) + 1000);
    for (int k = 0; k < 128; ++k) {
      const int value = static_cast<int>(centre() % 90) + static_cast<int>(random() % 60);
      item.features.descriptors.push_back(static_cast<std::uint8_t>(value));
    }
    item.features.keypoints.push_back(
        {{static_cast<float>(random() % 100), static_cast<float>(random() % 100)},
         8.0f,
         static_cast<float>(random() % 628) / 100,
         1});
  }
  return item;
}

/// Makes the items `begin` to `end` − 1.
inline std::vector<NewItem> MakeItems(unsigned begin, unsigned end) {
  std::vector<NewItem> items;
  for (unsigned i = begin; i < end; ++i) items.push_back(MakeItem(i));
  return items;
}

/// Makes a photo of the item: the same features, with noise on every value.
inline Features MakePhoto(const NewItem& item, int noise, unsigned seed) {
  std::mt19937 random(seed);
  Features photo = item.features;
  for (auto& value : photo.descriptors) {
    const int noisy =
        value + static_cast<int>(random() % static_cast<unsigned>(2 * noise + 1)) - noise;
    value = static_cast<std::uint8_t>(std::clamp(noisy, 0, 255));
  }
  return photo;
}

}  // namespace inlier::test
