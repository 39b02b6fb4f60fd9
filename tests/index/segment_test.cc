#include "index/segment.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/index/made_postings.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr std::uint32_t kLists = 200;
using Segments = std::vector<std::shared_ptr<const Segment>>;

struct List {
  std::vector<std::uint64_t> codes;
  std::vector<Posting> postings;
  bool operator==(const List&) const = default;
};

// The contents of a list according to a batch, without the items whose `live` is 0.
std::vector<List> ListsOf(const PostingBatch& batch, std::size_t words,
                          std::span<const std::uint32_t> live) {
  std::vector<List> lists(kLists);
  for (std::size_t i = 0; i < batch.lists.size(); ++i) {
    if (live[batch.postings[i].face] == 0) continue;
    List& list = lists[batch.lists[i]];
    list.postings.push_back(batch.postings[i]);
    for (std::size_t w = 0; w < words; ++w) list.codes.push_back(batch.codes[i * words + w]);
  }
  return lists;
}

std::vector<List> ListsOf(const Segment& segment) {
  std::vector<List> lists;
  for (std::uint32_t list = 0; list < kLists; ++list) {
    const auto found = segment.At(list);
    EXPECT_TRUE(found) << list;
    if (!found) continue;
    const std::size_t words = segment.code_words();
    lists.push_back({{found->codes, found->codes + found->size * words}, {}});
    if (found->size == 0) continue;
    PostingReader reader(found->postings);
    for (std::size_t i = 0; i < found->size; ++i) lists.back().postings.push_back(reader.At(i));
  }
  return lists;
}

const std::vector<std::uint32_t> kAllLive(100, 9);

// The bytes of a file in front of its directory.
std::uint64_t ListBytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(-8, std::ios::end);
  std::uint64_t length = 0;
  stream.read(reinterpret_cast<char*>(&length), sizeof(length));
  return std::filesystem::file_size(file) - sizeof(length) - length;
}

class SegmentTest : public testing::TestWithParam<int> {  // the number of words of a code
 protected:
  static PostingBatch Batch(FaceNumber begin, FaceNumber end) {
    return test::MakePostings(begin, end, kLists, GetParam());
  }
  static std::shared_ptr<const Segment> Make(FaceNumber begin, FaceNumber end) {
    return Segment::FromBatch(Batch(begin, end), kLists, GetParam());
  }
  static std::vector<List> Expected(FaceNumber begin, FaceNumber end,
                                    std::span<const std::uint32_t> live = kAllLive) {
    return ListsOf(Batch(begin, end), static_cast<std::size_t>(GetParam()), live);
  }
  test::TempFolder folder_;
};

TEST_P(SegmentTest, ABatchIsGroupedByListInTheOrderOfItems) {
  const auto segment = Make(0, 100);
  EXPECT_EQ(segment->size(), 900u);
  EXPECT_EQ(ListsOf(*segment), Expected(0, 100));
  EXPECT_TRUE(segment->CheckAll());
}

TEST_P(SegmentTest, AnEmptyBatchHasEmptyLists) {
  const auto empty = Make(0, 0);
  EXPECT_EQ(empty->size(), 0u);
  EXPECT_EQ(ListsOf(*empty), std::vector<List>(kLists));
  const auto merged = Segment::Merge(Segments{empty, Make(0, 10), empty}, kAllLive);
  ASSERT_TRUE(merged);
  EXPECT_EQ(ListsOf(**merged), Expected(0, 10));
}

TEST_P(SegmentTest, SeveralMergedAreOneOfAll) {
  const auto merged = Segment::Merge(Segments{Make(0, 1), Make(1, 40), Make(40, 100)}, kAllLive);
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)->size(), 900u);
  EXPECT_EQ(ListsOf(**merged), Expected(0, 100));
  EXPECT_EQ((*merged)->memory_bytes(), Make(0, 100)->memory_bytes());
}

TEST_P(SegmentTest, AMergeDropsItemsThatAreGone) {
  std::vector<std::uint32_t> live(90, 9);  // items from 90 on have no entry
  live[0] = live[37] = live[38] = 0;
  const auto merged = Segment::Merge(Segments{Make(0, 40), Make(40, 100)}, live);
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)->size(), 87u * 9);
  live.resize(100, 0);
  EXPECT_EQ(ListsOf(**merged), Expected(0, 100, live));
}

TEST_P(SegmentTest, AFileGivesTheSameLists) {
  std::vector<std::uint32_t> live = kAllLive;
  live[5] = 0;
  const auto file =
      Segment::MergeToFile(Segments{Make(0, 40), Make(40, 100)}, live, folder_.path(), "lists", {});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes, std::filesystem::file_size(folder_ / "lists"));
  const auto words = static_cast<std::uint64_t>(GetParam());
  for (const bool lazy : {false, true}) {
    const auto opened = Segment::Open(folder_.path(), *file, lazy);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->size(), 99u * 9);
    EXPECT_EQ((*opened)->mapped_bytes(), lazy ? ListBytes(folder_ / "lists") : 0u);
    // Codes and postings, and at most as much again for halves of words and for blocks.
    EXPECT_GE(ListBytes(folder_ / "lists"), 99u * 9 * (8 * words + 4));
    EXPECT_LE(ListBytes(folder_ / "lists"), 99u * 9 * (8 * words + 4) + kLists * 12);
    EXPECT_EQ((*opened)->file().file, "lists");
    EXPECT_EQ(ListsOf(**opened), Expected(0, 100, live));
    EXPECT_TRUE((*opened)->CheckAll());
  }
}

TEST_P(SegmentTest, AFileOfNothingOpens) {
  const auto file = Segment::MergeToFile(Segments{Make(0, 3)}, {}, folder_.path(), "lists", {});
  ASSERT_TRUE(file);
  for (const bool lazy : {false, true}) {
    const auto opened = Segment::Open(folder_.path(), *file, lazy);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(ListsOf(**opened), std::vector<List>(kLists));
  }
}

INSTANTIATE_TEST_SUITE_P(Words, SegmentTest, testing::Values(1, 4));

class DamagedListsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto written = Segment::MergeToFile(
        Segments{Segment::FromBatch(test::MakePostings(0, 100, kLists, 1), kLists, 1)}, kAllLive,
        folder_.path(), "lists", {});
    ASSERT_TRUE(written);
    file_ = *written;
  }
  void FlipByte(std::uint64_t at) {
    std::fstream stream(folder_ / "lists", std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(byte);
    ASSERT_TRUE(stream.good());
  }
  // Both ways of opening give the same result.
  ErrorCode OpenCode() const {
    const auto eager = Segment::Open(folder_.path(), file_, false),
               lazy = Segment::Open(folder_.path(), file_, true);
    EXPECT_FALSE(eager);
    EXPECT_FALSE(lazy);
    if (eager || lazy) return ErrorCode::kInvalidArgument;
    EXPECT_EQ(eager.error().code, lazy.error().code);
    EXPECT_NE(lazy.error().message.find("lists"), std::string::npos);
    return eager.error().code;
  }
  test::TempFolder folder_;
  ListsFile file_;
};

TEST_F(DamagedListsTest, AFlippedByteOfAListIsFoundAtOpeningOrWhenItIsAskedFor) {
  FlipByte(0);  // lists lie in the order of their numbers
  const auto eager = Segment::Open(folder_.path(), file_, false);
  ASSERT_FALSE(eager);
  EXPECT_EQ(eager.error().code, ErrorCode::kCorrupt);
  const auto lazy = Segment::Open(folder_.path(), file_, true);
  ASSERT_TRUE(lazy) << lazy.error().message;
  bool first = true;
  for (std::uint32_t list = 0; list < kLists; ++list) {
    const auto found = (*lazy)->At(list);
    if (found && found->size == 0) continue;
    EXPECT_EQ(found.has_value(), !first) << list;
    if (first) {
      EXPECT_EQ(found.error().code, ErrorCode::kCorrupt);
      EXPECT_FALSE((*lazy)->At(list)) << "asking again does not make it whole";
    }
    first = false;
  }
  const Status all = (*lazy)->CheckAll();
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(Segment::Merge(Segments{*lazy}, kAllLive));
  EXPECT_FALSE(Segment::MergeToFile(Segments{*lazy}, kAllLive, folder_.path(), "next", {}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "next"));
}

TEST_F(DamagedListsTest, AFlippedByteOfTheDirectoryIsCorrupt) {
  const std::uint64_t list_bytes = ListBytes(folder_ / "lists");
  for (const std::uint64_t at :
       {list_bytes, list_bytes + 30, file_.bytes - 9, file_.bytes - 8, file_.bytes - 1}) {
    FlipByte(at);
    EXPECT_EQ(OpenCode(), ErrorCode::kCorrupt) << at;
    FlipByte(at);
  }
  EXPECT_TRUE(Segment::Open(folder_.path(), file_, false));
}

TEST_F(DamagedListsTest, ATruncatedOrLongerFileIsCorrupt) {
  for (const std::uint64_t bytes :
       {file_.bytes - 1, file_.bytes - 8, std::uint64_t{5}, std::uint64_t{0}, file_.bytes + 8}) {
    std::filesystem::resize_file(folder_ / "lists", bytes);
    EXPECT_EQ(OpenCode(), ErrorCode::kCorrupt) << bytes;
  }
  file_.bytes = 0;  // a manifest that agrees with an empty file
  std::filesystem::resize_file(folder_ / "lists", 0);
  EXPECT_EQ(OpenCode(), ErrorCode::kCorrupt);
}

TEST_F(DamagedListsTest, AnotherFileInItsPlaceIsCorrupt) {
  PostingBatch batch = test::MakePostings(0, 100, kLists, 1);
  batch.codes.front() ^= 1;
  const auto other = Segment::MergeToFile(Segments{Segment::FromBatch(batch, kLists, 1)}, kAllLive,
                                          folder_.path(), "lists", {});
  ASSERT_TRUE(other);
  ASSERT_EQ(other->bytes, file_.bytes);
  ASSERT_TRUE(Segment::Open(folder_.path(), *other, false));
  EXPECT_EQ(OpenCode(), ErrorCode::kCorrupt);
}

TEST_F(DamagedListsTest, AMissingFileIsNotFound) {
  std::filesystem::remove(folder_ / "lists");
  EXPECT_EQ(OpenCode(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace inlier
