#include "index/packed_postings.h"

#include <algorithm>

namespace inlier {
namespace {

std::uint32_t Pack(const Posting& p) {
  const std::uint32_t angle = (p.angle + 4u) >> 3 & 31u;
  const std::uint32_t scale = std::min((p.scale + 4u) >> 3, 31u);
  return (p.face & 4095u) << 20 | (p.feature & 1023u) << 10 | angle << 5 | scale;
}

}  // namespace

void PackPostings(std::span<const Posting> postings, std::vector<std::uint64_t>& words) {
  for (std::size_t i = 0; i < postings.size(); i += 2) {
    const std::uint64_t second = i + 1 < postings.size() ? Pack(postings[i + 1]) : 0;
    words.push_back(second << 32 | Pack(postings[i]));
  }
  for (std::size_t i = 0; i < postings.size(); ++i) {
    const std::uint64_t block = postings[i].face >> 12;
    if (i + 1 == postings.size() || postings[i + 1].face >> 12 != block)
      words.push_back(block << 32 | (i + 1));
  }
}

bool BlocksAreSound(std::span<const std::uint64_t> blocks, std::size_t size) {
  std::uint64_t last = 0;
  for (const std::uint64_t block : blocks) {
    const std::uint64_t end = block & 0xFFFFFFFF;
    if (end <= last) return false;
    last = end;
  }
  return last == size;
}

}  // namespace inlier
