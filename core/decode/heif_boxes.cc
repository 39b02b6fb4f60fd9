// A HEIF file is made of boxes in boxes (ISO/IEC 14496-12). The box `meta` numbers its pictures as
// items, lists properties, and says which item has which of them.
#include "core/decode/heif_boxes.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/heif_box_walk.h"

namespace inlier {
namespace {

std::vector<HeifBox> PropertiesOf(Bytes ipco) {
  constexpr std::size_t kMost = 0x7FFF;  // as many as an item can point to
  std::vector<HeifBox> properties;
  while (const auto box = Next(ipco)) {
    if (properties.size() == kMost) break;
    properties.push_back(*box);
  }
  return properties;
}

// The properties of an item, in their order.
std::vector<HeifBox> PropertiesOfItem(Bytes iprp, const std::vector<HeifBox>& all,
                                      std::int64_t wanted) {
  std::vector<HeifBox> properties;
  while (const auto box = Next(iprp)) {
    if (!box->Is("ipma")) continue;
    Numbers numbers(box->content);
    const std::int64_t version = numbers.Take(1);
    const std::size_t index_bytes = (numbers.Take(3) & 1) != 0 ? 2 : 1;
    std::int64_t entries = numbers.Take(4);
    for (; entries > 0 && !numbers.done(); --entries) {
      const std::int64_t item = numbers.Take(version < 1 ? 2 : 4);
      std::int64_t count = numbers.Take(1);
      for (; count > 0 && !numbers.done(); --count) {
        const std::int64_t mask = index_bytes == 2 ? 0x7FFF : 0x7F;
        const auto index = static_cast<std::size_t>(numbers.Take(index_bytes) & mask);
        if (item != wanted || index == 0 || index > all.size()) continue;
        properties.push_back(all[index - 1]);
      }
    }
  }
  return properties;
}

// What items `item` refers to, or what items refer to it: `auxl` leads from its transparency or its
// depth to a picture, `dimg` from a picture to its tiles.
std::vector<std::int64_t> Related(Bytes iref, std::string_view kind, std::int64_t item,
                                  bool from_it) {
  Numbers head(iref);
  const std::size_t id_bytes = head.Take(4) >> 24 == 0 ? 2 : 4;
  Bytes boxes = head.rest();
  std::vector<std::int64_t> items;
  while (const auto box = Next(boxes)) {
    if (!box->Is(kind)) continue;
    Numbers numbers(box->content);
    const std::int64_t from = numbers.Take(id_bytes);
    std::int64_t count = numbers.Take(2);
    for (; count > 0 && !numbers.done(); --count) {
      const std::int64_t to = numbers.Take(id_bytes);
      if ((from_it ? from : to) == item) items.push_back(from_it ? to : from);
    }
  }
  return items;
}

bool IsAlpha(const HeifBox& property) {
  constexpr std::string_view kNames[] = {"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
                                         "urn:mpeg:hevc:2015:auxid:1"};
  return property.Is("auxC") && std::any_of(std::begin(kNames), std::end(kNames), [&](auto name) {
           return HasPrefix(property.content, name, 4);
         });
}

// Applies the properties that change a picture's size to it.
void ApplySizes(const std::vector<HeifBox>& properties, HeifPicture& picture) {
  for (const HeifBox& property : properties) {
    Numbers numbers(property.content);
    if (property.Is("ispe")) {
      numbers.Take(4);
      picture.coded_width_px = picture.width_px = numbers.Take(4);
      picture.coded_height_px = picture.height_px = numbers.Take(4);
    } else if (property.Is("clap")) {
      for (std::int64_t* side_px : {&picture.width_px, &picture.height_px}) {
        const std::int64_t numerator = numbers.Take(4), denominator = numbers.Take(4);
        if (denominator > 0) *side_px = std::min(*side_px, numerator / denominator);
      }
    } else if (property.Is("irot") && (numbers.Take(1) & 1) != 0) {
      std::swap(picture.width_px, picture.height_px);
    }
  }
}

std::int64_t LargestPicture(const std::vector<HeifBox>& properties) {
  std::int64_t largest_px = 0;
  for (const HeifBox& property : properties) {
    if (!property.Is("ispe")) continue;
    Numbers numbers(property.content);
    numbers.Take(4);
    const std::int64_t width = numbers.Take(4), height = numbers.Take(4);
    constexpr std::int64_t kMost_px = 1 << 30;  // of a side, so that the product is a number
    largest_px = std::max(largest_px, std::min(width, kMost_px) * std::min(height, kMost_px));
  }
  return largest_px;
}

}  // namespace

Result<HeifPicture> ReadHeifBoxes(Bytes file) {
  HeifPicture picture;
  std::optional<HeifBox> meta;
  for (Bytes rest = file; const auto box = Next(rest);) {
    picture.missing_bytes = box->missing_bytes;
    if (box->Is("meta") && !meta) meta = box;
  }
  if (!meta || meta->content.size() < 4) return Bad("HEIF: truncated or damaged: no box meta");
  if (meta->missing_bytes > 0) return Bad("HEIF: truncated: its box meta is not complete");
  const Bytes boxes = meta->content.subspan(4);
  const auto primary = Find(boxes, "pitm"), properties = Find(boxes, "iprp");
  if (!primary || !properties) return Bad("HEIF: damaged: it does not say which picture it shows");
  Numbers numbers(primary->content);
  const bool wide = numbers.Take(4) >> 24 != 0;
  const std::int64_t item = numbers.Take(wide ? 4 : 2);
  const auto list = Find(properties->content, "ipco");
  const std::vector<HeifBox> all = list ? PropertiesOf(list->content) : std::vector<HeifBox>();
  ApplySizes(PropertiesOfItem(properties->content, all, item), picture);
  picture.largest_px = LargestPicture(all);
  const auto references = Find(boxes, "iref");
  const Bytes iref = references ? references->content : Bytes();
  std::vector<std::int64_t> auxiliaries = Related(iref, "auxl", item, false);
  constexpr std::size_t kMaxAuxiliaries = 64;
  auxiliaries.resize(std::min(auxiliaries.size(), kMaxAuxiliaries));
  picture.items = Related(iref, "dimg", item, true);
  if (picture.items.empty()) picture.items.push_back(item);
  for (const std::int64_t auxiliary : auxiliaries) {
    const auto of_item = PropertiesOfItem(properties->content, all, auxiliary);
    if (!std::any_of(of_item.begin(), of_item.end(), IsAlpha)) continue;
    picture.has_alpha = true;
    picture.items.push_back(auxiliary);
  }
  if (const auto locations = Find(boxes, "iloc")) picture.locations = locations->content;
  for (const HeifBox& property : all) {
    if (property.Is("hvcC")) picture.hevc_settings.push_back(property.content);
  }
  return picture;
}

}  // namespace inlier
