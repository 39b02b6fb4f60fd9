#include "benchmarks/made_item.h"

#include <algorithm>

#include <fmt/format.h>

namespace inlier {

ItemUpdate MadeItem(std::size_t number, const MadeShape& shape, std::mt19937_64& random) {
  const std::string id = fmt::format("{:016x}", number * 0x9E3779B97F4A7C15);
  NewFace face{.pixel_hash = fmt::format("{:016x}{:016x}", random(), random()),
               .preview = std::string(shape.preview_bytes, static_cast<char>(random()))};
  Features& features = face.features;
  features.descriptor_bytes = shape.row_bytes;
  features.image_width_px = 800;
  features.image_height_px = 600;
  features.keypoints.resize(shape.features);
  for (Keypoint& keypoint : features.keypoints) {
    keypoint.point = {static_cast<float>(random() % 800), static_cast<float>(random() % 600)};
    keypoint.size_px = 5;
    keypoint.response = random() % 2 == 0 ? 1.0F : -1.0F;
  }
  features.descriptors.resize(shape.features * shape.row_bytes);
  for (std::size_t b = 0; b < features.descriptors.size(); b += 8) {
    const std::uint64_t bits = random();
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&bits), 8, &features.descriptors[b]);
  }
  ItemUpdate item{.id = id, .metadata = Metadata{}, .pictures = {}};
  item.pictures.push_back({.record = {.path = "pictures/of/the/shop/" + id + ".jpg",
                                      .content_hash = id + id,
                                      .feature_count = static_cast<std::uint32_t>(shape.features),
                                      .width_px = 800,
                                      .height_px = 600},
                           .face = std::move(face)});
  return item;
}

}  // namespace inlier
