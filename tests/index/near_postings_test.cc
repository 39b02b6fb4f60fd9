#include "index/near_postings.h"

#include <bit>
#include <random>

#include <gtest/gtest.h>

#include "index/vocabulary_train.h"
#include "tests/index/made_postings.h"

namespace inlier {
namespace {

constexpr int kCells = 16, kProbes = 3, kLimit_bits = 20;
constexpr std::uint32_t kLists = 2 * kCells;
constexpr FaceNumber kFaces = 600;

std::shared_ptr<const Vocabulary> SomeVocabulary() {
  std::mt19937 random(1);
  std::vector<std::uint8_t> rows(std::size_t{64} * 40 * kCells);
  for (auto& value : rows) value = static_cast<std::uint8_t>(random());
  return TrainVocabulary(rows, DescriptorKind::kBytes, 64, kCells, 1, 1);
}

// Codes that differ from those of postings in some bits; every seventh place has no list.
PhotoCodes SomePhoto(const PostingBatch& postings) {
  std::mt19937_64 random(2);
  PhotoCodes photo{.probes = kProbes};
  for (std::size_t place = 0; place < std::size_t{50} * kProbes; ++place) {
    const std::size_t like = random() % postings.codes.size();
    photo.lists.push_back(place % 7 == 0 ? PhotoCodes::kNoList : postings.lists[like]);
    std::uint64_t differing = random();  // an eighth of the bits, about
    for (int halved = 0; halved < 2; ++halved) differing &= random();
    photo.codes.push_back(postings.codes[like] ^ differing);
    if (place % kProbes == 0) {
      photo.angles.push_back(0);
      photo.scales.push_back(0);
    }
  }
  return photo;
}

// Follows the definition.
std::vector<NearPosting> Slow(std::span<const PostingBatch> segments, const PhotoCodes& photo,
                              std::size_t place, std::span<const std::uint32_t> counts) {
  std::vector<NearPosting> near;
  for (const PostingBatch& batch : segments) {
    for (std::size_t i = 0; i < batch.lists.size(); ++i) {
      const int distance = std::popcount(batch.codes[i] ^ photo.codes[place]);
      const FaceNumber face = batch.postings[i].face;
      if (batch.lists[i] == photo.lists[place] && distance <= kLimit_bits && face < counts.size() &&
          counts[face] > 0)
        near.push_back({batch.postings[i], static_cast<std::uint16_t>(distance)});
    }
  }
  return near;
}

TEST(NearPostings, AreThoseOfTheDefinitionInTheOrderOfTheLists) {
  const std::vector<PostingBatch> batches{test::MakePostings(0, 400, kLists, 1),
                                          test::MakePostings(400, kFaces, kLists, 1)};
  Snapshot snapshot{.vocabulary = SomeVocabulary()};
  for (const PostingBatch& batch : batches)
    snapshot.segments.push_back(Segment::FromBatch(batch, kLists, 1));
  std::vector<std::uint32_t> counts(kFaces - 3, 9);  // faces behind its end are held back
  for (std::size_t face = 0; face < counts.size(); face += 5) counts[face] = 0;
  const PhotoCodes photo = SomePhoto(batches.front());
  const auto found = NearPostings::Find(snapshot, photo, kLimit_bits, counts);
  ASSERT_TRUE(found.has_value());
  std::size_t all = 0;
  for (std::size_t place = 0; place < photo.lists.size(); ++place) {
    const auto expected = Slow(batches, photo, place, counts);
    const auto near = found->At(place);
    ASSERT_EQ(near.size(), expected.size()) << "place " << place;
    for (std::size_t i = 0; i < near.size(); ++i) {
      EXPECT_EQ(near[i].posting, expected[i].posting);
      EXPECT_EQ(near[i].distance_bits, expected[i].distance_bits);
    }
    std::uint32_t length = 0;
    for (const PostingBatch& batch : batches)
      length += static_cast<std::uint32_t>(
          std::count(batch.lists.begin(), batch.lists.end(), photo.lists[place]));
    EXPECT_EQ(found->LengthOf(place), length);
    all += near.size();
  }
  EXPECT_GT(all, 100u);
}

TEST(NearPostings, NothingIsFoundInAnEmptyIndex) {
  const Snapshot snapshot{.vocabulary = SomeVocabulary()};
  const PhotoCodes photo = SomePhoto(test::MakePostings(0, 10, kLists, 1));
  const auto found = NearPostings::Find(snapshot, photo, kLimit_bits, {});
  ASSERT_TRUE(found.has_value());
  for (std::size_t place = 0; place < photo.lists.size(); ++place)
    EXPECT_TRUE(found->At(place).empty());
}

}  // namespace
}  // namespace inlier
