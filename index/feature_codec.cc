#include "index/feature_codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "core/blob.h"
#include "index/packed_rows.h"

namespace inlier {
namespace {

constexpr std::string_view kKeypointsMagic = "INKP";
constexpr std::string_view kDescriptorsMagic = "INDE";
constexpr std::uint16_t kKeypointsVersion = 3;
constexpr std::uint16_t kDescriptorsVersion = 2;
constexpr std::string_view kGlobalsMagic = "INGL";
constexpr std::uint16_t kGlobalsVersion = 1;

tl::unexpected<Error> Inconsistent(std::string_view what) {
  return Fail(ErrorCode::kCorrupt, std::string(what) + ": fields do not add up");
}

// Keypoints of embeddings are stored as they are in memory.
static_assert(sizeof(Keypoint) == 20 && offsetof(Keypoint, size_px) == 8 &&
              offsetof(Keypoint, angle_rad) == 12 && offsetof(Keypoint, response) == 16);

// A keypoint of a local feature as it is stored.
struct StoredKeypoint {
  std::uint16_t x = 0, y = 0;
  std::uint8_t angle = 0;
  std::uint8_t size = 0;  // 7 bits, and the sign of the response above them
};
static_assert(sizeof(StoredKeypoint) == kStoredKeypoint_bytes);

constexpr float kSteps = 65'535;
constexpr float kMargin_px = 1;  // keypoints may lie half a pixel outside of the image
constexpr float kSizeSteps = 8;  // of an octave
constexpr std::uint8_t kNegative = 128, kMaxSize = 127;
constexpr float kAngles = 256;

float StepOf(const Features& features) {
  const auto side = std::max(features.image_width_px, features.image_height_px);
  return (static_cast<float>(side) + 2 * kMargin_px) / kSteps;
}

StoredKeypoint Pack(const Keypoint& keypoint, float step_px) {
  const auto place = [step_px](float at_px) {
    return static_cast<std::uint16_t>(
        std::lround(std::clamp((at_px + kMargin_px) / step_px, 0.0f, kSteps)));
  };
  const float octaves = std::log2(std::max(keypoint.size_px, 1.0f));
  const auto size =
      static_cast<std::uint8_t>(std::min<long>(std::lround(octaves * kSizeSteps), kMaxSize));
  const float turns = keypoint.angle_rad / (2 * std::numbers::pi_v<float>);
  return {.x = place(keypoint.point.x_px),
          .y = place(keypoint.point.y_px),
          .angle = static_cast<std::uint8_t>(std::lround(turns * kAngles) & 255),
          .size = static_cast<std::uint8_t>(keypoint.response < 0 ? size | kNegative : size)};
}

using Sizes = std::array<float, kMaxSize + 1>;

const Sizes& SizesOfSteps() {
  static const Sizes sizes = [] {
    Sizes table{};
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = static_cast<float>(std::exp2(static_cast<double>(i) / kSizeSteps));
    return table;
  }();
  return sizes;
}

Keypoint Unpack(const StoredKeypoint& stored, float step_px, const Sizes& sizes) {
  return {.point = {static_cast<float>(stored.x) * step_px - kMargin_px,
                    static_cast<float>(stored.y) * step_px - kMargin_px},
          .size_px = sizes[stored.size & kMaxSize],
          .angle_rad = static_cast<float>(stored.angle) * 2 * std::numbers::pi_v<float> / kAngles,
          .response = (stored.size & kNegative) != 0 ? -1.0f : 1.0f};
}

}  // namespace

std::string EncodeKeypoints(const Features& features) {
  BlobWriter writer;
  writer.Put(features.kind);
  writer.Put(features.descriptor_bytes);
  writer.Put(features.image_width_px);
  writer.Put(features.image_height_px);
  if (features.kind == DescriptorKind::kEmbedding) {
    writer.PutArray(std::span<const Keypoint>(features.keypoints));
    writer.PutArray(std::span<const Box>(features.regions));
  } else {
    std::vector<StoredKeypoint> stored;
    for (const Keypoint& keypoint : features.keypoints)
      stored.push_back(Pack(keypoint, StepOf(features)));
    writer.PutArray(std::span<const StoredKeypoint>(stored));
  }
  return writer.Seal(kKeypointsMagic, kKeypointsVersion);
}

std::string EncodeDescriptors(const Features& features) {
  BlobWriter writer;
  if (features.kind == DescriptorKind::kBytes) {
    writer.PutBytes(PackRows(features));
  } else {
    writer.PutArray(std::span<const std::uint8_t>(features.descriptors));
  }
  return writer.Seal(kDescriptorsMagic, kDescriptorsVersion);
}

Result<Features> DecodeKeypoints(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader,
                          BlobReader::Open(bytes, kKeypointsMagic, kKeypointsVersion, "keypoints"));
  Features features;
  features.kind = reader.Get<DescriptorKind>();
  features.descriptor_bytes = reader.Get<std::uint16_t>();
  features.image_width_px = reader.Get<std::uint32_t>();
  features.image_height_px = reader.Get<std::uint32_t>();
  const bool bits = features.kind == DescriptorKind::kBits,
             embedding = features.kind == DescriptorKind::kEmbedding;
  if (embedding) {
    features.keypoints = reader.GetArray<Keypoint>();
    features.regions = reader.GetArray<Box>();
  } else {
    const float step_px = StepOf(features);
    const Sizes& sizes = SizesOfSteps();
    const std::vector<StoredKeypoint> all = reader.GetArray<StoredKeypoint>();
    features.keypoints.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      features.keypoints[i] = Unpack(all[i], step_px, sizes);
  }
  if (!reader.Complete() || (embedding && features.regions.size() != features.size()) ||
      (!bits && !embedding && features.kind != DescriptorKind::kBytes) ||
      features.descriptor_bytes == 0 || (bits && features.descriptor_bytes % 8 != 0)) {
    return Inconsistent("keypoints");
  }
  return features;
}

Status DecodeDescriptors(std::string_view bytes, Features& features) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kDescriptorsMagic,
                                                              kDescriptorsVersion, "descriptors"));
  const std::string_view stored = reader.GetBytes();
  if (!reader.Complete()) return Inconsistent("descriptors");
  if (features.kind == DescriptorKind::kBytes)
    return UnpackRows(stored, features) ? Status() : Inconsistent("descriptors");
  if (stored.size() != features.size() * features.descriptor_bytes)
    return Inconsistent("descriptors");
  features.descriptors.assign(stored.begin(), stored.end());
  return {};
}

std::string EncodeGlobals(std::span<const Features> globals) {
  BlobWriter writer;
  writer.Put(static_cast<std::uint32_t>(globals.size()));
  for (const Features& features : globals) {
    writer.PutBytes(EncodeKeypoints(features));
    writer.PutBytes(EncodeDescriptors(features));
  }
  return writer.Seal(kGlobalsMagic, kGlobalsVersion);
}

Result<std::vector<Features>> DecodeGlobals(std::string_view bytes) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kGlobalsMagic, kGlobalsVersion,
                                                              "global features"));
  const auto count = reader.Get<std::uint32_t>();
  std::vector<Features> globals;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view keypoints = reader.GetBytes(), descriptors = reader.GetBytes();
    if (!reader.ok()) break;
    INLIER_ASSIGN_OR_RETURN(Features features, DecodeKeypoints(keypoints));
    INLIER_RETURN_IF_ERROR(DecodeDescriptors(descriptors, features));
    if (features.kind != DescriptorKind::kEmbedding) return Inconsistent("global features");
    globals.push_back(std::move(features));
  }
  if (!reader.Complete()) return Inconsistent("global features");
  return globals;
}

}  // namespace inlier
