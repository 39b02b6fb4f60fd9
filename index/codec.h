#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/collection.h"
#include "index/store.h"

namespace inlier {

/// Values as the store keeps them; layouts in docs/FORMAT.md. Decoding errors: kCorrupt,
/// kIncompatible.
std::string EncodeRecord(const ItemRecord& record);
Result<ItemRecord> DecodeRecord(std::string_view bytes);

std::string EncodeFeatures(const Features& features);
Result<Features> DecodeFeatures(std::string_view bytes);

std::string EncodeGenerations(std::span<const Generation> generations);
Result<std::vector<Generation>> DecodeGenerations(std::string_view bytes);

std::string EncodeCounters(const Counters& counters, std::string_view recipe);
struct StoreHeader {
  Counters counters;
  std::string recipe;
};
Result<StoreHeader> DecodeCounters(std::string_view bytes);

std::string EncodeChange(const Change& change);
Result<Change> DecodeChange(std::string_view bytes);

std::string EncodeNumber(ItemNumber number);
Result<ItemNumber> DecodeNumber(std::string_view bytes);

}  // namespace inlier
