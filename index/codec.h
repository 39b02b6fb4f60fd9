#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/item.h"
#include "index/manifest.h"

namespace inlier {

// Values as the store keeps them. docs/FORMAT.md has the layouts. Errors of all decoders: kCorrupt,
// kIncompatible.

std::string EncodeItem(const ItemRecord& item);
Result<ItemRecord> DecodeItem(std::string_view bytes);

std::string EncodeFace(const FaceRecord& face);
Result<FaceRecord> DecodeFace(std::string_view bytes);

std::string EncodePreview(std::string_view image);
Result<std::string> DecodePreview(std::string_view bytes);

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

/// An entry of the index of metadata: an item, and the faces of its pictures.
struct FieldEntry {
  ItemNumber item = 0;
  std::vector<FaceNumber> faces;
};
std::string EncodeFieldEntry(ItemNumber item, std::span<const FaceNumber> faces);
Result<FieldEntry> DecodeFieldEntry(std::string_view bytes);

/// Of an item or a face.
std::string EncodeNumber(std::uint32_t number);
Result<std::uint32_t> DecodeNumber(std::string_view bytes);

}  // namespace inlier
