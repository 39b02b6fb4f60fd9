#include "index/packed_postings.h"

#include <random>

#include <gtest/gtest.h>

namespace inlier {
namespace {

// Postings of a list of many faces, some of them in blocks of their own.
std::vector<Posting> MakeList(std::size_t size, FaceNumber gap) {
  std::mt19937 random(7);
  std::vector<Posting> postings;
  FaceNumber face = 0;
  for (std::size_t i = 0; i < size; ++i) {
    face += random() % (gap + 1);
    postings.push_back({face, static_cast<std::uint16_t>(random() % kMaxPackedFeatures),
                        static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random())});
  }
  return postings;
}

int AngleError(std::uint8_t a, std::uint8_t b) {
  return std::abs(static_cast<std::int8_t>(static_cast<std::uint8_t>(a - b)));
}

class PackedPostingsTest : public testing::TestWithParam<std::pair<std::size_t, FaceNumber>> {};

TEST_P(PackedPostingsTest, ComeBackWithRoundedAnglesAndScales) {
  const auto [size, gap] = GetParam();
  const std::vector<Posting> postings = MakeList(size, gap);
  std::vector<std::uint64_t> words;
  PackPostings(postings, words);
  const std::size_t halves = (size + 1) / 2;
  const std::span<const std::uint64_t> blocks = std::span(words).subspan(halves);
  EXPECT_TRUE(BlocksAreSound(blocks, size));
  EXPECT_FALSE(BlocksAreSound(blocks, size + 1));
  EXPECT_FALSE(BlocksAreSound(blocks.first(blocks.size() - 1), size));
  const PackedPostings packed{reinterpret_cast<const std::uint32_t*>(words.data()), blocks.data()};
  PostingReader reader(packed);
  for (std::size_t i = 0; i < size; i += 1 + i % 3) {  // readers leave postings out
    const Posting read = reader.At(i), &written = postings[i];
    EXPECT_EQ(read.face, written.face);
    EXPECT_EQ(read.feature, written.feature);
    EXPECT_LE(AngleError(read.angle, written.angle), 4);
    // The largest scale that there is a place for: 2^15.5 pixels.
    EXPECT_LE(std::abs(read.scale - std::min<int>(written.scale, 248)), 4);
  }
}

INSTANTIATE_TEST_SUITE_P(Lists, PackedPostingsTest,
                         testing::Values(std::pair{1u, 0u}, std::pair{2u, 1u}, std::pair{999u, 3u},
                                         std::pair{1000u, 4'000u}, std::pair{500u, 4'000'000u}));

TEST(PackedPostings, ForgedBlocksAreNotSound) {
  const std::uint64_t descending[] = {5, 4}, ends_early[] = {2, 4}, sound[] = {2, 5};
  EXPECT_FALSE(BlocksAreSound(descending, 4));
  EXPECT_FALSE(BlocksAreSound(ends_early, 5));
  EXPECT_FALSE(BlocksAreSound({}, 5));
  EXPECT_TRUE(BlocksAreSound(sound, 5));
}

}  // namespace
}  // namespace inlier
