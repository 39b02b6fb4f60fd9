#include "core/decode/heif_data.h"

#include <algorithm>
#include <vector>

#include "core/decode/coded_size.h"
#include "core/decode/heif_box_walk.h"

namespace inlier {
namespace {

// The data of those `wanted` items that lie in the file in one piece, in order.
std::vector<Bytes> DataOf(Bytes file, Bytes iloc, const std::vector<std::int64_t>& wanted) {
  Numbers numbers(iloc);
  const std::int64_t version = numbers.Take(4) >> 24;
  const std::int64_t sizes = numbers.Take(2);
  const auto size = [&](int shift) { return static_cast<std::size_t>(sizes >> shift & 15); };
  std::int64_t items = numbers.Take(version < 2 ? 2 : 4);
  std::vector<Bytes> data;
  for (; items > 0 && !numbers.done(); --items) {
    const std::int64_t item = numbers.Take(version < 2 ? 2 : 4);
    const std::int64_t construction = version == 0 ? 0 : numbers.Take(2) & 15;
    numbers.Take(2);
    const std::int64_t base = numbers.Take(size(4));
    const std::int64_t extents = numbers.Take(2);
    std::int64_t offset = 0, length = 0;
    for (std::int64_t i = 0; i < extents && !numbers.done(); ++i) {
      if (version > 0) numbers.Take(size(0));
      offset = numbers.Take(size(12));
      length = numbers.Take(size(8));
    }
    const auto end = static_cast<std::int64_t>(file.size());
    if (construction != 0 || extents != 1 || base > end || offset > end - base ||
        length > end - base - offset || !std::binary_search(wanted.begin(), wanted.end(), item)) {
      continue;
    }
    data.push_back(
        file.subspan(static_cast<std::size_t>(base + offset), static_cast<std::size_t>(length)));
  }
  return data;
}

// Zeros from the first place in a unit where they cannot be. Some encoders leave a few at its end,
// and a careless one may have two or three elsewhere.
std::int64_t HoleInUnit_bytes(Bytes unit) {
  constexpr int kLeftAtTheEnd = 16;
  constexpr std::ptrdiff_t kMinHole_bytes = 8;
  for (int i = 0; i < kLeftAtTheEnd && !unit.empty() && unit.back() == 0; ++i) {
    unit = unit.first(unit.size() - 1);
  }
  for (auto at = unit.begin(); at != unit.end();) {
    at = std::find(at, unit.end(), std::uint8_t{0});
    const auto end = std::find_if(at, unit.end(), [](std::uint8_t byte) { return byte != 0; });
    if (end - at >= kMinHole_bytes) return end - at;
    at = end;
  }
  return 0;
}

// Bytes of the number before each unit of HEVC data, or 0 when the settings do not agree.
std::size_t LengthSize(const std::vector<Bytes>& all_settings) {
  constexpr std::size_t kAt = 21;  // in the settings: ISO/IEC 14496-15, 8.3.3.1
  std::size_t length_bytes = 0;
  for (const Bytes settings : all_settings) {
    if (settings.size() <= kAt) return 0;
    const std::size_t said = (settings[kAt] & 3U) + 1;
    if (length_bytes != 0 && length_bytes != said) return 0;
    length_bytes = said;
  }
  return length_bytes;
}

void InspectHevc(Bytes data, std::size_t length_bytes, HeifData& found) {
  Numbers numbers(data);
  while (!numbers.done()) {
    const auto length = static_cast<std::size_t>(numbers.Take(length_bytes));
    const Bytes rest = numbers.rest();
    const Bytes unit = rest.first(std::min(length, rest.size()));
    found.hole_bytes = std::max(found.hole_bytes, HoleInUnit_bytes(unit));
    found.largest_px = std::max(found.largest_px, HevcSequence_px(unit));
    numbers = Numbers(rest.subspan(unit.size()));
  }
}

// The parameter sets in the settings are kept in arrays, one for each type of unit.
void InspectHevcSettings(Bytes settings, HeifData& found) {
  constexpr std::size_t kArraysAt = 22;
  if (settings.size() <= kArraysAt) return;
  Numbers numbers(settings.subspan(kArraysAt));
  for (std::int64_t arrays = numbers.Take(1); arrays > 0 && !numbers.done(); --arrays) {
    numbers.Take(1);
    for (std::int64_t units = numbers.Take(2); units > 0 && !numbers.done(); --units) {
      const auto length = static_cast<std::size_t>(numbers.Take(2));
      const Bytes rest = numbers.rest();
      const Bytes unit = rest.first(std::min(length, rest.size()));
      found.largest_px = std::max(found.largest_px, HevcSequence_px(unit));
      numbers = Numbers(rest.subspan(unit.size()));
    }
  }
}

}  // namespace

HeifData InspectHeifData(Bytes file, const HeifPicture& picture) {
  HeifData found;
  for (const Bytes settings : picture.hevc_settings) InspectHevcSettings(settings, found);
  const bool hevc = !picture.hevc_settings.empty();
  const std::size_t length_bytes = LengthSize(picture.hevc_settings);
  std::vector<std::int64_t> wanted = picture.items;
  std::sort(wanted.begin(), wanted.end());
  for (const Bytes data : DataOf(file, picture.locations, wanted)) {
    if (hevc && length_bytes > 0) InspectHevc(data, length_bytes, found);
    if (!hevc) found.largest_px = std::max(found.largest_px, Av1Sequence_px(data));
  }
  return found;
}

}  // namespace inlier
