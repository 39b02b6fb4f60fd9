#include "index/stored_features.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/parallel.h"

namespace inlier {
namespace {

constexpr std::size_t kItemsPerBlock = 64;

}  // namespace

Status ForEachBlock(const ReadFeatures& read, std::span<const FaceNumber> numbers, int threads,
                    const ProgressFunction& progress,
                    const std::function<Status(std::span<const StoredFeatures>)>& visit) {
  for (std::size_t begin = 0; begin < numbers.size(); begin += kItemsPerBlock) {
    const std::size_t count = std::min(kItemsPerBlock, numbers.size() - begin);
    if (progress) progress({"index", begin, numbers.size()});
    std::vector<Result<std::optional<Features>>> features(count, std::nullopt);
    ParallelFor(count, threads, [&](std::size_t i) { features[i] = read(numbers[begin + i]); });
    std::vector<StoredFeatures> block;
    for (std::size_t i = 0; i < count; ++i) {
      if (!features[i]) return tl::unexpected(features[i].error());
      if (*features[i]) block.push_back({numbers[begin + i], std::move(**features[i])});
    }
    INLIER_RETURN_IF_ERROR(visit(block));
  }
  return {};
}

Result<std::vector<FaceNumber>> AllNumbers(const Store& store) {
  std::vector<FaceNumber> numbers;
  INLIER_RETURN_IF_ERROR(store.ForEachFace([&](FaceNumber number, const FaceRecord&) {
    numbers.push_back(number);
    return true;
  }));
  return numbers;
}

}  // namespace inlier
