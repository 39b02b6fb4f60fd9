// What a backbone sees in a region, as one vector of unit length, so that the cosine of two regions
// is the scalar product of their vectors.
//
// The region, with some padding, goes through the network. Each output that is a feature map is
// pooled over its places: by the average, or by the generalised mean (GeM: Radenović, Tolias and
// Chum, TPAMI 2019, Eq. 3), (1/n Σ xᵖ)^(1/p), which is the average for p = 1 and tends to the
// maximum as p grows. A transformer gives tokens instead of a map: the class token is taken as it
// is, or the mean over the patches' tokens. Every output is then scaled to the length that is its
// weight, so that a network does not decide which of them counts, and their concatenation has unit
// length.
#include "deep/embedder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "deep/network_input.h"

namespace inlier {
namespace {

constexpr float kLeast = 1e-6f;  // smaller values count as this: GeM is for positive numbers
constexpr double kMaxDims = std::numeric_limits<std::uint16_t>::max();  // of a stored row

bool TakesTokens(Pooling pooling) {
  return pooling == Pooling::kClassToken || pooling == Pooling::kPatchMean;
}

// True when an output of this shape can be pooled so.
bool Suits(const std::vector<std::int64_t>& shape, const EmbeddingOutput& output) {
  if (output.pooling == Pooling::kNone) return true;
  if (!TakesTokens(output.pooling)) return shape.size() == 4 && shape[0] == 1;
  const std::int64_t least = output.pooling == Pooling::kPatchMean ? output.prefix_tokens + 1 : 1;
  return shape.size() == 3 && shape[0] == 1 && shape[1] >= least;
}

// The number of channels of a map (1 × C × H × W or 1 × H × W × C) or of tokens (1 × T × C), or of
// values of a vector.
std::size_t Channels(const std::vector<std::int64_t>& shape, Pooling pooling, bool nhwc) {
  if (pooling == Pooling::kNone) {
    std::size_t count = 1;
    for (const std::int64_t n : shape) count *= static_cast<std::size_t>(n);
    return count;
  }
  if (TakesTokens(pooling)) return static_cast<std::size_t>(shape[2]);
  return static_cast<std::size_t>(nhwc ? shape[3] : shape[1]);
}

std::vector<float> PoolTokens(const Tensor& tokens, const EmbeddingOutput& config) {
  const auto channels = static_cast<std::size_t>(tokens.shape[2]),
             all = static_cast<std::size_t>(tokens.shape[1]);
  const bool one = config.pooling == Pooling::kClassToken;
  const auto first = one ? std::size_t{0} : static_cast<std::size_t>(config.prefix_tokens);
  const std::size_t last = one ? 1 : all;
  std::vector<float> pooled(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::size_t t = first; t < last; ++t) sum += tokens.values[t * channels + c];
    pooled[c] = static_cast<float>(sum / static_cast<double>(last - first));
  }
  return pooled;
}

std::vector<float> Pool(const Tensor& map, const EmbeddingOutput& config, bool nhwc) {
  if (config.pooling == Pooling::kNone) return map.values;
  if (TakesTokens(config.pooling)) return PoolTokens(map, config);
  const std::size_t channels = Channels(map.shape, config.pooling, nhwc),
                    places = map.values.size() / channels;
  const std::size_t next_place = nhwc ? channels : 1, next_channel = nhwc ? 1 : places;
  std::vector<float> pooled(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const float* in = &map.values[c * next_channel];
    double sum = 0;
    for (std::size_t i = 0; i < places; ++i) {
      const float value = in[i * next_place], positive = std::max(value, kLeast);
      if (config.pooling == Pooling::kAverage) {
        sum += value;
      } else if (config.gem_power == 3) {
        sum += positive * positive * positive;  // std::pow would cost as much as the network
      } else {
        sum += std::pow(positive, config.gem_power);
      }
    }
    sum /= static_cast<double>(places);
    pooled[c] = static_cast<float>(
        config.pooling == Pooling::kGem ? std::pow(sum, 1.0 / config.gem_power) : sum);
  }
  return pooled;
}

}  // namespace

void Normalise(std::span<float> values, float length) {
  double squares = 0;
  for (const float v : values) squares += static_cast<double>(v) * v;
  if (squares <= 0) return;
  const auto scale = static_cast<float>(length / std::sqrt(squares));
  for (float& v : values) v *= scale;
}

Result<std::unique_ptr<Embedder>> Embedder::Open(const EmbeddingConfig& config) {
  std::vector<std::string> names;
  for (const EmbeddingOutput& output : config.outputs) names.push_back(output.name);
  INLIER_ASSIGN_OR_RETURN(auto network,
                          OnnxModel::Open(config.onnx, std::move(names), ShapeOf(config.input)));
  double dims = 0;
  std::vector<EmbeddingPart> parts;
  for (std::size_t i = 0; i < config.outputs.size(); ++i) {
    const auto& shape = network->output_shapes()[i];
    const bool empty =
        std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 1; });
    const EmbeddingOutput& output = config.outputs[i];
    if (empty || !Suits(shape, output)) {
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: output '{}' is not {}, which its pooling needs; pooling \"none\" "
                      "takes vectors",
                      config.onnx.string(), output.name,
                      TakesTokens(output.pooling) ? "1 × tokens × channels with enough tokens"
                                                  : "a feature map"));
    }
    const std::size_t channels = Channels(shape, output.pooling, config.input.nhwc);
    parts.push_back({static_cast<std::size_t>(dims), channels, output.weight, output.whitened});
    dims += static_cast<double>(channels);
  }
  if (dims > kMaxDims) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the embedding has {} numbers, more than {}", config.onnx.string(),
                            dims, kMaxDims));
  }
  return std::unique_ptr<Embedder>(new Embedder(config, std::move(network), std::move(parts)));
}

std::vector<float> Embedder::Embed(const Image& image, const Box& region) const {
  const float x_px = config_.crop_padding * region.width_px(),
              y_px = config_.crop_padding * region.height_px();
  const Box padded{region.left_px - x_px, region.top_px - y_px, region.right_px + x_px,
                   region.bottom_px + y_px};
  const auto maps = network_->Run(MakeNetworkImage(image, padded, config_.input).values);
  std::vector<float> joined;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    std::vector<float> part = Pool(maps[i], config_.outputs[i], config_.input.nhwc);
    Normalise(part, config_.outputs[i].weight);
    joined.insert(joined.end(), part.begin(), part.end());
  }
  Normalise(joined);
  return joined;
}

}  // namespace inlier
