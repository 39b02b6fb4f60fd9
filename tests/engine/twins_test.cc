// Draws labels, makes twins of them as shops come by them (another export, another size, other
// margins, another exposure), makes siblings (a word, a colour), and asks which are twins.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "engine/twin_groups.h"
#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kWidth_px = 360, kHeight_px = 280;

Image Label(unsigned seed = 1) { return test::DrawTexture(seed, kWidth_px, kHeight_px); }

Image Encoded(const Image& image, int quality) {
  const auto bytes = EncodeJpeg(image, quality);
  auto decoded = DecodeImage(bytes);
  EXPECT_TRUE(decoded);
  return std::move(*decoded);
}

// The part of `image` from this corner on, with white where the image does not reach.
Image Cut(const Image& image, int left_px, int top_px, int width_px, int height_px) {
  Image cut{.width_px = width_px, .height_px = height_px, .channels = 3};
  for (int y = top_px; y < top_px + height_px; ++y) {
    for (int x = left_px; x < left_px + width_px; ++x) {
      const bool inside = x >= 0 && y >= 0 && x < image.width_px && y < image.height_px;
      for (int c = 0; c < 3; ++c) {
        const auto at = static_cast<std::size_t>((y * image.width_px + x) * 3 + c);
        cut.pixels.push_back(inside ? image.pixels[at] : std::uint8_t{255});
      }
    }
  }
  return cut;
}

Image Brighter(Image image) {
  for (std::uint8_t& value : image.pixels)
    value = static_cast<std::uint8_t>(std::min(255.0, value * 0.85 + 12));
  return image;
}

// Calls `change(pixel)` for each pixel of a rectangle, with its three channels.
Image Changed(Image image, int left_px, int top_px, int width_px, int height_px,
              const std::function<void(int x, int y, std::uint8_t* pixel)>& change) {
  for (int y = top_px; y < top_px + height_px; ++y) {
    for (int x = left_px; x < left_px + width_px; ++x)
      change(x, y, &image.pixels[static_cast<std::size_t>((y * image.width_px + x) * 3)]);
  }
  return image;
}

// Two letters of 12 px, "1" and "O" or the other way round, on a plain ground.
Image WithWord(const Image& image, bool other) {
  return Changed(image, 150, 120, 30, 18, [other](int x, int y, std::uint8_t* pixel) {
    const int column = x - 150, row = y - 120;
    const bool second = column >= 15;
    const int u = column % 15 - 2, v = row - 3;
    const bool in = u >= 0 && u < 11 && v >= 0 && v < 12;
    const bool bar = u >= 4 && u < 7;
    const bool ring = u < 3 || u >= 8 || v < 3 || v >= 9;
    const bool ink = in && (second != other ? bar : ring);
    std::fill_n(pixel, 3, ink ? std::uint8_t{20} : std::uint8_t{235});
  });
}

Image InAnotherColour(const Image& image) {
  return Changed(image, 40, 40, 90, 90,
                 [](int, int, std::uint8_t* pixel) { std::swap(pixel[0], pixel[2]); });
}

// A database with these pictures and twenty others.
class Twins : public testing::Test {
 protected:
  std::vector<TwinGroup> Of(const std::vector<std::pair<std::string, Image>>& pictures,
                            const std::string& method = "sift", int threads = 1) {
    EngineOptions options;
    options.extract.method = method;
    const auto engine = Engine::Open(folder_ / ("db" + std::to_string(++databases_)),
                                     OpenMode::kCreate, {.options = options, .threads = threads});
    EXPECT_TRUE(engine);
    std::vector<ItemToAdd> items;
    for (const auto& [id, image] : pictures) items.push_back({id, {image}, {}});
    for (unsigned i = 0; i < 20; ++i)
      items.push_back({"other" + std::to_string(i), {Label(100 + i)}, {}});
    EXPECT_TRUE((*engine)->AddBatch(items, 2));
    EXPECT_TRUE((*engine)->Checkpoint());
    auto groups = (*engine)->Twins();
    EXPECT_TRUE(groups);
    return std::move(*groups);
  }

  std::filesystem::path folder() const { return folder_ / "."; }

 private:
  test::TempFolder folder_;
  int databases_ = 0;
};

std::vector<std::vector<std::string>> Ids(const std::vector<TwinGroup>& groups) {
  std::vector<std::vector<std::string>> ids;
  for (const TwinGroup& group : groups) ids.push_back(group.ids);
  return ids;
}

class TwinsOfMethod : public Twins, public testing::WithParamInterface<std::string> {};

TEST_P(TwinsOfMethod, AreTheSameFaceInOtherPictures) {
  const Image label = WithWord(Label(), false);
  const auto groups = Of({{"label", label},
                          {"encoded", Encoded(label, 60)},
                          {"smaller", ResizeLongSide(label, kWidth_px * 7 / 10)},
                          {"cut", Cut(label, 6, 5, kWidth_px - 12, kHeight_px - 10)},
                          {"margins", Cut(label, -30, -40, kWidth_px + 60, kHeight_px + 80)},
                          {"brighter", Brighter(label)}},
                         GetParam());
  ASSERT_THAT(Ids(groups), ElementsAre(ElementsAre("label", "encoded", "smaller", "cut", "margins",
                                                   "brighter")));
  EXPECT_FALSE(groups.front().copies);
  EXPECT_GE(groups.front().likeness, 0.5);
  EXPECT_LT(groups.front().likeness, 1);
}

TEST_P(TwinsOfMethod, AreNotSiblings) {
  const Image label = WithWord(Label(), false);
  EXPECT_THAT(Ids(Of({{"label", label},
                      {"word", WithWord(Label(), true)},
                      {"colour", InAnotherColour(label)},
                      {"both", InAnotherColour(WithWord(Label(), true))}},
                     GetParam())),
              IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Methods, TwinsOfMethod, testing::Values("sift", "orb"),
                         [](const auto& method) { return method.param; });

TEST_F(Twins, OfEqualPicturesAreCopies) {
  const auto groups = Of({{"b", Label()}, {"a", Label()}});
  ASSERT_THAT(Ids(groups), ElementsAre(ElementsAre("b", "a")));
  EXPECT_TRUE(groups.front().copies);
  EXPECT_NEAR(groups.front().likeness, 1, 1e-6);
}

TEST_F(Twins, AreTheSameForAnyNumberOfThreads) {
  const std::vector<std::pair<std::string, Image>> pictures = {
      {"label", Label()}, {"encoded", Encoded(Label(), 60)}, {"brighter", Brighter(Label())}};
  const auto one = Of(pictures, "sift", 1), three = Of(pictures, "sift", 3);
  ASSERT_THAT(Ids(one), ElementsAre(ElementsAre("label", "encoded", "brighter")));
  EXPECT_EQ(Ids(one), Ids(three));
  EXPECT_EQ(one.front().likeness, three.front().likeness);
}

TEST_F(Twins, NeedFeaturesAndSize) {
  const Image plain{.width_px = 300,
                    .height_px = 300,
                    .channels = 3,
                    .pixels = std::vector<std::uint8_t>(300 * 300 * 3, 200)};
  const Image thumbnail = ResizeLongSide(Label(), 100);
  EXPECT_THAT(Of({{"plain", plain},
                  {"plain too", Brighter(plain)},
                  {"thumbnail", thumbnail},
                  {"thumbnail too", Encoded(thumbnail, 90)}}),
              IsEmpty());
}

TEST_F(Twins, OfOneItemAlone) {
  const test::TempFolder folder;
  const auto engine = Engine::Open(folder / "db", OpenMode::kCreate);
  ASSERT_TRUE(engine);
  EXPECT_THAT(*(*engine)->Twins(), IsEmpty());
  ASSERT_TRUE((*engine)->AddBatch(std::vector<ItemToAdd>{{"alone", {Label()}, {}}}));
  EXPECT_THAT(*(*engine)->Twins(), IsEmpty());
}

TEST(GroupTwins, DoesNotFollowChains) {
  const std::vector<TwinFaces> pairs = {{1, 2, 0.9f}, {2, 3, 0.8f}, {3, 4, 0.7f}, {1, 5, 0.6f}};
  const auto sets = GroupTwins(pairs);
  ASSERT_EQ(sets.size(), 3u);
  EXPECT_THAT(sets[0].members, ElementsAre(1, 2, 5));
  EXPECT_FLOAT_EQ(static_cast<float>(sets[0].likeness), 0.6f);
  EXPECT_THAT(sets[1].members, ElementsAre(2, 3));
  EXPECT_FLOAT_EQ(static_cast<float>(sets[1].likeness), 0.8f);
  EXPECT_THAT(sets[2].members, ElementsAre(3, 4));
}

TEST_F(Twins, AreReadInSlices) {
  const Image label = Label();
  const auto groups =
      Of({{"a", label}, {"b", Label(2)}, {"a-too", Brighter(label)}, {"b-too", Label(2)}});
  ASSERT_THAT(Ids(groups), ElementsAre(ElementsAre("a", "a-too"), ElementsAre("b", "b-too")));
  const auto collection = Collection::Open(folder() / "db1", {.mode = OpenMode::kRead});
  ASSERT_TRUE(collection) << collection.error().message;
  SharedFaces all;
  EXPECT_EQ(*ReadShared(**collection, 0, {1000, 1000}, all), 0u);
  EXPECT_EQ(all.size(), 3u);
  for (const FaceSlice slice : {FaceSlice{1, 1000}, FaceSlice{1000, 1}, FaceSlice{2, 3}}) {
    SharedFaces sliced;
    FaceNumber begin = 0;
    int slices = 0;
    do {
      begin = *ReadShared(**collection, begin, slice, sliced);
      ++slices;
    } while (begin != 0);
    EXPECT_GT(slices, 1);
    EXPECT_EQ(sliced.size(), all.size());
    EXPECT_EQ(SetsOf(sliced).size(), 2u);
  }
}

TEST_F(Twins, WhoAddsAnItemDoesNotWaitForThoseOfAnInterruptedRun) {
  const auto engine = Engine::Open(folder() / "db", OpenMode::kCreate);
  ASSERT_TRUE(engine);
  Catalogue catalogue;
  for (const auto& [id, image] :
       {std::pair{"a", Label()}, std::pair{"b", Encoded(Label(), 60)}, std::pair{"c", Label(2)}}) {
    catalogue.entries.push_back({.id = id, .images = {folder() / id}, .metadata = {}});
    test::WriteImage(folder() / (std::string(id) + ".png"), image);
    catalogue.entries.back().images[0] += ".png";
  }
  std::atomic<bool> cancel = false;
  const IndexOptions options{.progress = [&](const Progress& at) { cancel = at.stage == "write"; },
                             .cancel = &cancel};
  EXPECT_EQ((*engine)->IndexCatalogue(catalogue, options).error().code, ErrorCode::kCancelled);
  const Picture twin = Encoded(Label(2), 60);
  ASSERT_TRUE((*engine)->Add("d", {&twin, 1}));
  const auto groups = (*engine)->Twins();
  ASSERT_EQ(groups->size(), 1u);  // not that of a and b
  EXPECT_THAT(groups->at(0).ids, ElementsAre("c", "d"));
  ASSERT_TRUE((*engine)->IndexCatalogue(catalogue, {}));
  EXPECT_EQ((*engine)->Twins()->size(), 2u);
}

}  // namespace
}  // namespace inlier
