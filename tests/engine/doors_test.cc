// What the doors need of the engine besides adding a file and asking with a file: photos as bytes
// and as pixels, batches, cancelling, and readers that follow a writer.
#include <algorithm>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"
#include "tests/support/odd_images.h"

namespace inlier {
namespace {

using testing::HasSubstr;

constexpr int kWidth = 320, kHeight = 240;

Image Item(unsigned i) { return test::DrawTexture(500 + i, kWidth, kHeight); }

Image PhotoOf(unsigned i) {
  const Homography map = test::Similarity(kWidth, kHeight, 1.3, 0.3, {400, 300});
  return test::AddNoise(test::Warp(Item(i), map, 800, 600, 77), 3, i);
}

std::vector<std::string> Accepted(const Result<Answer>& answer) {
  EXPECT_TRUE(answer) << answer.error().message;
  std::vector<std::string> ids;
  for (const Hit& hit : answer->hits) {
    if (hit.accepted) ids.push_back(hit.id);
  }
  return ids;
}

class DoorsTest : public testing::Test {
 protected:
  std::unique_ptr<Engine> Open(OpenMode mode) {
    auto engine = Engine::Open(folder_ / "db", mode);
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  test::TempFolder folder_;
};

TEST_F(DoorsTest, AFileItsBytesAndItsPixelsHaveOneAnswer) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> items{{"0", {Item(0)}, {}}, {"1", {Item(1)}, {}}};
  ASSERT_TRUE(engine->AddBatch(items));
  const auto path = folder_ / "photo.png";
  test::WriteImage(path, PhotoOf(1));
  const auto bytes = ReadFileBytes(path, 1 << 26);
  ASSERT_TRUE(bytes);
  const auto of_file = engine->Query(path);
  const auto of_bytes = engine->Query(std::span<const std::uint8_t>(*bytes));
  const auto of_pixels = engine->Query(PhotoOf(1));
  for (const auto* answer : {&of_file, &of_bytes, &of_pixels}) {
    ASSERT_EQ(Accepted(*answer), std::vector<std::string>{"1"});
    EXPECT_EQ((*answer)->hits[0].score, of_file->hits[0].score);
  }
  EXPECT_GT(of_bytes->timings.decode_ms, 0);
  EXPECT_EQ(of_pixels->timings.decode_ms, 0);
}

// The photo is 4 times as large as extraction works, so its decoder reduces it.
TEST_F(DoorsTest, ALargePhotoIsAnsweredInItsOwnPixels) {
  const auto engine = Open(OpenMode::kCreate);
  ASSERT_TRUE(engine->AddBatch(std::vector<ItemToAdd>{{"0", {Item(0)}, {}}, {"1", {Item(1)}, {}}}));
  const Homography map = test::Similarity(kWidth, kHeight, 5.2, 0.3, {1600, 1200});
  const Image photo = test::Warp(Item(1), map, 3201, 2401, 77);
  for (const std::string ending : {".jpg", ".png", ".ppm"}) {
    const auto answer = engine->Query(test::Encode(photo, ending));
    ASSERT_EQ(Accepted(answer), std::vector<std::string>{"1"}) << ending;
    const auto& polygon = answer->hits[0].polygon;
    ASSERT_TRUE(polygon);
    const Point last{kWidth - 1, kHeight - 1};
    const Point corners[] = {{0, 0}, {last.x_px, 0}, last, {0, last.y_px}};
    for (std::size_t i = 0; i < 4; ++i) {
      const Point truth = Transform(map, corners[i]);
      EXPECT_NEAR((*polygon)[i].x_px, truth.x_px, 8) << ending << " corner " << i;
      EXPECT_NEAR((*polygon)[i].y_px, truth.y_px, 8) << ending << " corner " << i;
    }
    EXPECT_GT(answer->hits[0].evidence.agreement, 0.9) << "the photo's look is compared as well";
  }
}

TEST_F(DoorsTest, ALargeItemIsKnownByItsSizeInFull) {
  const auto engine = Open(OpenMode::kCreate);
  const auto path = folder_ / "item.jpg";
  test::WriteImage(path, ResizeLongSide(Item(3), 2000));
  ASSERT_TRUE(engine->Add("3", path, {}));
  EXPECT_EQ((*engine->Find("3"))->pictures[0].width_px, 2000u);
  EXPECT_EQ((*engine->Find("3"))->pictures[0].height_px, 1500u);
  const auto answer = engine->Query(PhotoOf(3));
  ASSERT_EQ(Accepted(answer), std::vector<std::string>{"3"});
  const Homography map = test::Similarity(kWidth, kHeight, 1.3, 0.3, {400, 300});
  const Point truth = Transform(map, {kWidth - 1, kHeight - 1});
  EXPECT_NEAR((*answer->hits[0].polygon)[2].x_px, truth.x_px, 4);
  EXPECT_NEAR((*answer->hits[0].polygon)[2].y_px, truth.y_px, 4);
}

TEST_F(DoorsTest, BytesThatAreNoImageAreABadImage) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<std::uint8_t> text{'h', 'e', 'l', 'l', 'o'};
  EXPECT_EQ(engine->Query(std::span<const std::uint8_t>(text)).error().code, ErrorCode::kBadImage);
  EXPECT_EQ(engine->Query(std::span<const std::uint8_t>()).error().code, ErrorCode::kBadImage);
  EXPECT_EQ(engine->Query(Image{}).error().code, ErrorCode::kBadImage);
}

TEST_F(DoorsTest, ABatchTakesEveryKindOfPictureAndABadOneFailsAlone) {
  const auto path = folder_ / "2.png";
  test::WriteImage(path, Item(2));
  const auto bytes = ReadFileBytes(path, 1 << 26);
  ASSERT_TRUE(bytes);
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> items{
      {"pixels", {Item(0)}, {{"kind", "pixels"}}},
      {"missing", {folder_ / "nothing.png"}, {}},
      {"bytes", {*bytes}, {}},
      {"damaged", {std::vector<std::uint8_t>{1, 2, 3}}, {}},
      {"file", {path}, {}},
  };
  const auto outcomes = engine->AddBatch(items, 2);
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  ASSERT_EQ(outcomes->size(), items.size());
  EXPECT_TRUE((*outcomes)[0] && (*outcomes)[2] && (*outcomes)[4]);
  EXPECT_EQ((*outcomes)[1].error().code, ErrorCode::kNotFound);
  EXPECT_THAT((*outcomes)[1].error().message, HasSubstr("nothing.png"));
  EXPECT_EQ((*outcomes)[3].error().code, ErrorCode::kBadImage);
  EXPECT_EQ(engine->Stats()->items, 3u);
  EXPECT_EQ((*engine->Find("pixels"))->metadata, (Metadata{{"kind", "pixels"}}));
  EXPECT_EQ((*engine->Find("pixels"))->pictures[0].width_px, static_cast<std::uint32_t>(kWidth));
  EXPECT_EQ((*engine->Find("file"))->pictures[0].content_hash,
            (*engine->Find("bytes"))->pictures[0].content_hash);
  EXPECT_EQ(Accepted(engine->Query(PhotoOf(0))), std::vector<std::string>{"pixels"});
}

TEST_F(DoorsTest, ABatchReplacesItemsThatAreThere) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> first{{"a", {Item(0)}, {}}}, second{{"a", {Item(1)}, {}}};
  ASSERT_TRUE(engine->AddBatch(first));
  ASSERT_TRUE(engine->AddBatch(second));
  EXPECT_EQ(engine->Stats()->items, 1u);
  EXPECT_EQ(Accepted(engine->Query(PhotoOf(1))), std::vector<std::string>{"a"});
  EXPECT_EQ(Accepted(engine->Query(PhotoOf(0))), std::vector<std::string>{});
}

TEST_F(DoorsTest, ABatchWithoutIdsOrWithOneTwiceAddsNothing) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> twice{{"a", {Item(0)}, {}}, {"a", {Item(1)}, {}}};
  EXPECT_EQ(engine->AddBatch(twice).error().code, ErrorCode::kInvalidArgument);
  const std::vector<ItemToAdd> nameless{{"", {Item(0)}, {}}};
  EXPECT_EQ(engine->AddBatch(nameless).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->Stats()->items, 0u);
  EXPECT_TRUE(engine->AddBatch({})->empty());
}

TEST_F(DoorsTest, RemovingManyRemovesAllOrNone) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> items{
      {"0", {Item(0)}, {}}, {"1", {Item(1)}, {}}, {"2", {Item(2)}, {}}};
  ASSERT_TRUE(engine->AddBatch(items));
  const std::vector<std::string> with_a_stranger{"0", "stranger"}, two{"0", "1"};
  EXPECT_EQ(engine->Remove(with_a_stranger).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine->Stats()->items, 3u);
  ASSERT_TRUE(engine->Remove(two));
  EXPECT_EQ(engine->Stats()->items, 1u);
}

TEST_F(DoorsTest, ACancelledQueryEndsWithItsCause) {
  const auto engine = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> items{{"0", {Item(0)}, {}}};
  ASSERT_TRUE(engine->AddBatch(items));
  std::atomic<bool> cancel = false;
  EXPECT_EQ(Accepted(engine->Query(PhotoOf(0), {.cancel = &cancel})),
            std::vector<std::string>{"0"});
  cancel = true;
  EXPECT_EQ(engine->Query(PhotoOf(0), {.cancel = &cancel}).error().code, ErrorCode::kCancelled);
}

TEST_F(DoorsTest, AReaderFollowsTheWriterWhenItIsRefreshed) {
  const auto writer = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> first{{"0", {Item(0)}, {}}}, second{{"1", {Item(1)}, {}}};
  ASSERT_TRUE(writer->AddBatch(first));
  const auto reader = Open(OpenMode::kRead);
  EXPECT_FALSE(*reader->Refresh());
  ASSERT_TRUE(writer->AddBatch(second));
  EXPECT_EQ(Accepted(reader->Query(PhotoOf(1))), std::vector<std::string>{});
  EXPECT_TRUE(*reader->Refresh());
  EXPECT_EQ(Accepted(reader->Query(PhotoOf(1))), std::vector<std::string>{"1"});
  EXPECT_FALSE(*reader->Refresh());
  EXPECT_FALSE(*writer->Refresh());
}

TEST_F(DoorsTest, QueriesGoOnWhileAReaderIsRefreshed) {
  const auto writer = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> first{{"0", {Item(0)}, {{"shelf", "left"}}}};
  ASSERT_TRUE(writer->AddBatch(first));
  const auto reader = Open(OpenMode::kRead);
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::thread asking([&] {
    const Image photo = PhotoOf(0);
    while (!stop) {
      EXPECT_EQ(Accepted(reader->Query(photo, {.where = {{"shelf", "left"}}})),
                std::vector<std::string>{"0"});
      ++answers;
    }
  });
  for (unsigned i = 1; i < 6; ++i) {
    const std::vector<ItemToAdd> more{{std::to_string(i), {Item(i)}, {}}};
    EXPECT_TRUE(writer->AddBatch(more));
    EXPECT_TRUE(*reader->Refresh());
  }
  while (answers < 2) std::this_thread::yield();
  stop = true;
  asking.join();
  EXPECT_EQ(reader->Stats()->items, 6u);
}

TEST_F(DoorsTest, ASnapshotOpensAndAnswersTheSame) {
  const auto writer = Open(OpenMode::kCreate);
  const std::vector<ItemToAdd> first{{"0", {Item(0)}, {}}, {"1", {Item(1)}, {}}};
  ASSERT_TRUE(writer->AddBatch(first));
  ASSERT_TRUE(writer->Snapshot(folder_ / "copy"));
  EXPECT_EQ(writer->Snapshot(folder_ / "copy").error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(writer->Remove("1"));  // what happens later is not in the copy

  const auto copy = Engine::Open(folder_ / "copy", OpenMode::kWrite);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(Accepted((*copy)->Query(PhotoOf(1))), std::vector<std::string>{"1"});
  EXPECT_TRUE((*copy)->Check()->problems.empty());
  const auto reader = Open(OpenMode::kRead);
  EXPECT_EQ(reader->Snapshot(folder_ / "other").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace inlier
