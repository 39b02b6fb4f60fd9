// Tests the counting of votes, one by one and across segments.
#include "index/voting.h"

#include <cmath>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "index/ballot.h"
#include "index/posting.h"
#include "index/vocabulary_train.h"
#include "tests/index/made_items.h"

namespace inlier {
namespace {

Vote VoteOf(FaceNumber face, std::uint16_t photo, std::uint16_t feature, float weight,
            std::uint8_t angle = 0, std::int8_t octaves = 0) {
  return {.face = face,
          .pair = {photo, feature, 3},
          .angle = angle,
          .octaves = octaves,
          .weight = weight};
}

// The score of an item with this many features.
float Score(float votes, double features) {
  return votes / static_cast<float>(std::pow(features + 50.0, 0.4));
}

TEST(Ballot, AFeatureOfThePhotoSpeaksOnceForAnItem) {
  const std::vector<std::uint32_t> counts{10, 10};
  Ballot ballot;
  ballot.Open(2);
  ballot.Cast(VoteOf(0, 0, 1, 1.0f));
  ballot.Cast(VoteOf(0, 0, 2, 3.0f));  // only the strongest one counts
  ballot.Cast(VoteOf(1, 0, 5, 1.0f));
  ballot.Cast(VoteOf(0, 0, 3, 2.0f));
  ballot.Cast(VoteOf(1, 1, 6, 1.5f));  // another feature is another vote
  const auto best = ballot.Close(2, {counts, {}});
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].number, 0u);
  EXPECT_FLOAT_EQ(best[0].votes, Score(3.0f, 10));
  EXPECT_FLOAT_EQ(best[1].votes, Score(2.5f, 10));
  ASSERT_EQ(best[0].pairs.size(), 3u);  // matching may look at all of them
  EXPECT_EQ(best[1].pairs[1].photo, 1);
  EXPECT_EQ(best[1].pairs[1].face, 6);
}

TEST(Ballot, VotesThatAgreeOutweighMoreThatDoNot) {
  const std::vector<std::uint32_t> counts{10, 10, 10};
  Ballot ballot;
  ballot.Open(3);
  for (std::uint16_t i = 0; i < 6; ++i) {
    ballot.Cast(
        VoteOf(0, i, i, 1.5f, static_cast<std::uint8_t>(i * 40)));  // turned in all directions
    ballot.Cast(VoteOf(1, i, i, 1.0f, 64, 2));                      // agree
    ballot.Cast(VoteOf(2, i, i, 1.5f, 64, static_cast<std::int8_t>(i * 3 - 8)));  // of all sizes
  }
  const auto best = ballot.Close(3, {counts, {}});
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].number, 1u);
  EXPECT_FLOAT_EQ(best[0].votes, Score(6.0f, 10));
  EXPECT_FLOAT_EQ(best[1].votes, Score(1.5f, 10));
  EXPECT_EQ(best[1].number, 0u);  // ties are in order of key, and then of number
}

TEST(Ballot, ManyMoreVotesOutweighAgreementAndAreNotEvidenceOfIt) {
  const std::vector<std::uint32_t> counts{10, 10};
  Ballot ballot;
  ballot.Open(2);
  for (std::uint16_t i = 0; i < 16; ++i) {
    if (i < 4) ballot.Cast(VoteOf(0, i, i, 1.0f, 64, 2));  // agree: 4 of 4
    ballot.Cast(
        VoteOf(1, i, i, 1.0f, static_cast<std::uint8_t>(i * 16), 0));  // a bent object: 2 of 16
  }
  const auto best = ballot.Close(2, {counts, {}});
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].number, 1u);
  EXPECT_FLOAT_EQ(best[0].votes, Score(2.0f, 10));
  EXPECT_FLOAT_EQ(best[1].votes, Score(4.0f, 10));
}

TEST(Ballot, NeighbouringBinsAgreeAlsoAcrossTheFullTurn) {
  const std::vector<std::uint32_t> counts{10};
  Ballot ballot;
  ballot.Open(1);
  ballot.Cast(VoteOf(0, 0, 0, 1.0f, 250, 0));
  ballot.Cast(VoteOf(0, 1, 1, 1.0f, 10, 1));
  EXPECT_FLOAT_EQ(ballot.Close(1, {counts, {}})[0].votes, Score(2.0f, 10));
}

TEST(Ballot, AnItemOfManyFeaturesNeedsMoreVotes) {
  const std::vector<std::uint32_t> counts{2000, 100};
  Ballot ballot;
  ballot.Open(2);
  for (std::uint16_t i = 0; i < 12; ++i) {
    ballot.Cast(VoteOf(0, i, i, 1.0f));
    if (i < 10) ballot.Cast(VoteOf(1, i, i, 1.0f));
  }
  const auto best = ballot.Close(2, {counts, {}});
  EXPECT_EQ(best[0].number, 1u);
  EXPECT_FLOAT_EQ(best[1].votes, Score(12.0f, 2000));
}

TEST(Ballot, ForgetsThePhotoBefore) {
  const std::vector<std::uint32_t> counts{10, 10, 10, 10};
  Ballot ballot;
  ballot.Open(2);
  ballot.Cast(VoteOf(1, 0, 0, 5.0f));
  EXPECT_EQ(ballot.Close(5, {counts, {}}).size(), 1u);
  ballot.Open(4);
  ballot.Cast(VoteOf(3, 0, 0, 1.0f));
  const auto best = ballot.Close(5, {counts, {}});
  ASSERT_EQ(best.size(), 1u);
  EXPECT_EQ(best[0].number, 3u);
  ballot.Open(4);
  EXPECT_TRUE(ballot.Close(5, {counts, {}}).empty());
  ballot.Open(4);
  ballot.Cast(VoteOf(3, 0, 0, 1.0f));
  EXPECT_TRUE(ballot.Close(0, {counts, {}}).empty());
}

class VotingTest : public testing::Test {
 protected:
  static constexpr unsigned kItems = 40;

  VotingTest() {
    std::vector<std::uint8_t> rows;
    for (const ItemUpdate& item : items_) {
      rows.insert(rows.end(), test::FeaturesOf(item).descriptors.begin(),
                  test::FeaturesOf(item).descriptors.end());
    }
    vocabulary_ = TrainVocabulary(rows, DescriptorKind::kBytes, 128, 16, 1, 1);
  }
  std::shared_ptr<const Segment> SegmentOf(unsigned begin, unsigned end) const {
    PostingBatch batch;
    for (unsigned i = begin; i < end; ++i) {
      const Features& features = test::FeaturesOf(items_[i]);
      const CellCodes codes = vocabulary_->Assign(features, 1);
      batch.Append(i, features, codes);
    }
    return Segment::FromBatch(batch, 2 * static_cast<std::uint32_t>(vocabulary_->cells()), 1);
  }
  // Segments that begin at these items.
  Snapshot SnapshotOf(std::vector<unsigned> begins) const {
    Snapshot snapshot{.vocabulary = vocabulary_};
    begins.push_back(kItems);
    for (std::size_t i = 0; i + 1 < begins.size(); ++i)
      snapshot.segments.push_back(SegmentOf(begins[i], begins[i + 1]));
    return snapshot;
  }
  static std::vector<Candidate> Votes(const Snapshot& snapshot, const Features& photo,
                                      std::span<const std::uint32_t> counts, int count = 10,
                                      const ShortlistOptions& options = {}) {
    auto found = VoteForFaces(snapshot, photo, count, options, {counts, {}});
    EXPECT_TRUE(found);
    return found ? std::move(*found) : std::vector<Candidate>();
  }
  static void ExpectSame(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].number, b[i].number);
      EXPECT_EQ(a[i].votes, b[i].votes);  // to the last bit
      ASSERT_EQ(a[i].pairs.size(), b[i].pairs.size());
      for (std::size_t p = 0; p < a[i].pairs.size(); ++p) {
        EXPECT_EQ(a[i].pairs[p].photo, b[i].pairs[p].photo);
        EXPECT_EQ(a[i].pairs[p].face, b[i].pairs[p].face);
        EXPECT_EQ(a[i].pairs[p].distance_bits, b[i].pairs[p].distance_bits);
      }
    }
  }

  const std::vector<ItemUpdate> items_ = test::MakeItems(0, kItems);
  const std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(kItems, 60);
  std::shared_ptr<const Vocabulary> vocabulary_;
};

TEST_F(VotingTest, OneSegmentAndManyAnswerAlike) {
  const Snapshot one = SnapshotOf({0}), few = SnapshotOf({0, 31, 39});
  std::vector<unsigned> each;
  for (unsigned i = 0; i < kItems; ++i) each.push_back(i);
  const Snapshot many = SnapshotOf(each);
  ASSERT_EQ(one.postings(), many.postings());
  for (const unsigned item : {0u, 13u, 39u}) {
    const Features photo = test::MakePhoto(items_[item], 10, item);
    const auto expected = Votes(one, photo, counts_);
    ASSERT_EQ(expected.size(), 10u);
    EXPECT_EQ(expected.front().number, item);
    ExpectSame(Votes(few, photo, counts_), expected);
    ExpectSame(Votes(many, photo, counts_), expected);
  }
}

TEST_F(VotingTest, ItemsThatAreGoneGetNoVotesAndTakeNoneAway) {
  const Snapshot snapshot = SnapshotOf({0, 20});
  const Features photo = test::MakePhoto(items_[7], 10, 1);
  std::vector<std::uint32_t> counts = counts_;
  counts[7] = 0;
  const auto best = Votes(snapshot, photo, counts, kItems);
  ASSERT_FALSE(best.empty());
  for (const Candidate& candidate : best) EXPECT_NE(candidate.number, 7u);
  // A snapshot may be newer than the list of the items that count.
  for (const Candidate& candidate : Votes(snapshot, photo, std::span(counts_).first(20), kItems))
    EXPECT_LT(candidate.number, 20u);
  EXPECT_TRUE(Votes(snapshot, photo, {}, kItems).empty());
}

// Searches with a photo of one feature, which is feature 0 of item 0. Either all items have that
// feature or only one of them has it.
TEST_F(VotingTest, ARareFeatureWeighsMoreThanOneThatIsEverywhere) {
  const auto vote = [this](unsigned with_it) {
    const Features& own = test::FeaturesOf(items_[0]);
    const std::span row(own.descriptors.data(), 128);
    Features one{.descriptor_bytes = 128,
                 .keypoints = {own.keypoints[0]},
                 .descriptors = {row.begin(), row.end()}};
    const CellCodes codes = vocabulary_->Assign(one, 1);
    const auto list = ListOf(codes.cells[0], own.keypoints[0]);
    PostingBatch batch;
    for (unsigned item = 0; item < kItems; ++item) {
      // The postings of the other items are in a list that the photo does not visit.
      batch.lists.push_back(item < with_it ? list : list ^ 1);
      batch.postings.push_back(MakePosting(item, 0, own.keypoints[0]));
      batch.codes.push_back(codes.codes[0]);
    }
    Snapshot snapshot{.vocabulary = vocabulary_};
    snapshot.segments.push_back(
        Segment::FromBatch(batch, 2 * static_cast<std::uint32_t>(vocabulary_->cells()), 1));
    return Votes(snapshot, one, counts_, kItems, {.probes = 1});
  };
  for (const unsigned with_it : {1u, 4u, kItems}) {
    const auto found = vote(with_it);
    ASSERT_EQ(found.size(), with_it);
    // The idf weight is divided among the items for which the feature votes.
    const double idf = std::log(1.0 + double{kItems} / with_it);
    EXPECT_FLOAT_EQ(found[0].votes, Score(static_cast<float>(idf / std::sqrt(with_it)), 60));
    EXPECT_EQ(found[0].number, 0u);
  }
}

TEST_F(VotingTest, OneItemAloneHasAScore) {
  const Snapshot snapshot{.vocabulary = vocabulary_, .segments = {SegmentOf(3, 4)}};
  const auto best = Votes(snapshot, test::MakePhoto(items_[3], 5, 1), counts_);
  ASSERT_EQ(best.size(), 1u);
  EXPECT_EQ(best[0].number, 3u);
  EXPECT_GT(best[0].votes, 0);
}

TEST_F(VotingTest, AnItemThatIsTurnedAsAWholeKeepsItsVotesAndAShuffledOneLosesThem) {
  const Snapshot snapshot = SnapshotOf({0});
  const Features photo = test::MakePhoto(items_[5], 10, 1);
  Features turned = photo, shuffled = photo;
  for (std::size_t i = 0; i < photo.size(); ++i) {
    turned.keypoints[i].angle_rad += 1.3f;
    turned.keypoints[i].size_px *= 2;
    shuffled.keypoints[i].angle_rad += static_cast<float>(i);
  }
  const float straight = Votes(snapshot, photo, counts_)[0].votes;
  EXPECT_EQ(Votes(snapshot, turned, counts_)[0].number, 5u);
  EXPECT_NEAR(Votes(snapshot, turned, counts_)[0].votes, straight, 0.05 * straight);
  for (const Candidate& candidate : Votes(snapshot, shuffled, counts_))
    EXPECT_LT(candidate.votes, 0.6 * straight);
}

TEST_F(VotingTest, AShardRefusesCodesWhoseSizesDoNotAgree) {
  const auto snapshot = std::make_shared<const Snapshot>(SnapshotOf({0}));
  const auto counts = std::make_shared<const FeatureCounts>(counts_);
  const PhotoCodes whole = CodesOf(test::FeaturesOf(items_[3]), *vocabulary_, 4);
  const auto found = [&](const std::function<void(PhotoCodes&)>& change) {
    PhotoCodes photo = whole;
    change(photo);
    const auto votes = PartialVotes::Find(snapshot, counts, photo, {});
    return votes ? std::optional<ErrorCode>() : votes.error().code;
  };
  EXPECT_EQ(found([](PhotoCodes&) {}), std::nullopt);
  const auto refused = ErrorCode::kInvalidArgument;
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.codes.pop_back(); }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.lists.pop_back(); }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.lists.push_back(0); }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.angles.pop_back(); }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.scales.pop_back(); }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.probes = 0; }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.probes = -4; }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.code_words = 2; }), refused);
  EXPECT_EQ(found([](PhotoCodes& photo) { photo.lists[0] = 1 << 20; }), refused);
  const auto votes = PartialVotes::Find(snapshot, counts, whole, {.hamming_bits = 1 << 30});
  ASSERT_FALSE(votes);
  EXPECT_EQ(votes.error().code, refused);
}

TEST_F(VotingTest, NoSegmentsAndNoFeaturesAreNoCandidates) {
  EXPECT_TRUE(Votes({.vocabulary = vocabulary_}, test::FeaturesOf(items_[0]), counts_).empty());
  EXPECT_TRUE(Votes(SnapshotOf({0}), Features{.descriptor_bytes = 128}, counts_).empty());
}

}  // namespace
}  // namespace inlier
