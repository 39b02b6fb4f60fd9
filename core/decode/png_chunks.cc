#include "core/decode/png_chunks.h"

#include <algorithm>

#include "core/bytes.h"

namespace inlier {

bool PngChunk::IsAncillary() const {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  return std::all_of(type.begin(), type.end(), is_letter) && type[0] >= 'a';
}

std::optional<PngChunk> PngChunks::Next() {
  constexpr std::size_t kFrame_bytes = 12;
  if (at_ > file_.size() || file_.size() - at_ < 8) return {};
  const Bytes rest = file_.subspan(at_);
  const auto length = static_cast<std::size_t>(BigEndian(rest, 0, 4));
  PngChunk chunk;
  chunk.type = {reinterpret_cast<const char*>(rest.data()) + 4, 4};
  chunk.is_complete = length + kFrame_bytes <= rest.size();
  chunk.whole = rest.first(std::min(length + kFrame_bytes, rest.size()));
  chunk.content = chunk.whole.subspan(8);
  chunk.content = chunk.content.first(std::min(length, chunk.content.size()));
  at_ += chunk.whole.size();
  return chunk;
}

}  // namespace inlier
