#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "index/feature_codec.h"
#include "index/item.h"

namespace inlier::test {

/// The only picture of an item of these tests, and its features.
inline NewPicture& PictureOf(ItemUpdate& item) { return item.pictures.front(); }
inline Features& FeaturesOf(ItemUpdate& item) { return item.pictures.front().face->features; }
inline const Features& FeaturesOf(const ItemUpdate& item) {
  return item.pictures.front().face->features;
}

/// An item with one picture of these features. Another content is another face.
inline ItemUpdate ItemOf(std::string id, const std::string& content, Features features) {
  ItemUpdate item{.id = std::move(id), .metadata = Metadata{}, .pictures = {}};
  item.pictures.push_back({.record = {.content_hash = content,
                                      .feature_count = static_cast<std::uint32_t>(features.size())},
                           .face = NewFace{.pixel_hash = content,
                                           .features = std::move(features),
                                           .preview = "preview of " + item.id}});
  return item;
}

/// Makes an item with random but structured descriptors: the rows scatter around a few hundred
/// centres that all items share, as real descriptors do. The same number gives the same item.
inline ItemUpdate MakeItem(unsigned number, std::size_t features = 60) {
  std::mt19937 random(number + 1);
  Features made;
  made.descriptor_bytes = 128;
  made.image_width_px = made.image_height_px = 100;
  for (std::size_t i = 0; i < features; ++i) {
    std::mt19937 centre(static_cast<unsigned>(random() % 300) + 1000);
    for (int k = 0; k < 128; ++k) {
      const int value = static_cast<int>(centre() % 90) + static_cast<int>(random() % 60);
      made.descriptors.push_back(static_cast<std::uint8_t>(value));
    }
    made.keypoints.push_back(
        {{static_cast<float>(random() % 100), static_cast<float>(random() % 100)},
         8.0f,
         static_cast<float>(random() % 628) / 100,
         1});
  }
  ItemUpdate item =
      ItemOf("item-" + std::to_string(number),
             std::to_string(number) + "-" + std::to_string(features), std::move(made));
  item.metadata = Metadata{{"parity", number % 2 == 0 ? "even" : "odd"}};
  return item;
}

/// The features as the store gives them back, which rounds them.
inline Features AsStored(const Features& features) {
  Features stored = *DecodeKeypoints(EncodeKeypoints(features));
  static_cast<void>(DecodeDescriptors(EncodeDescriptors(features), stored));
  return stored;
}

/// Makes the items `begin` to `end` − 1.
inline std::vector<ItemUpdate> MakeItems(unsigned begin, unsigned end) {
  std::vector<ItemUpdate> items;
  for (unsigned i = begin; i < end; ++i) items.push_back(MakeItem(i));
  return items;
}

/// Makes a photo of the item: the same features, with noise on every value.
inline Features MakePhoto(const ItemUpdate& item, int noise, unsigned seed) {
  std::mt19937 random(seed);
  Features photo = FeaturesOf(item);
  for (auto& value : photo.descriptors) {
    const int noisy =
        value + static_cast<int>(random() % static_cast<unsigned>(2 * noise + 1)) - noise;
    value = static_cast<std::uint8_t>(std::clamp(noisy, 0, 255));
  }
  return photo;
}

}  // namespace inlier::test
