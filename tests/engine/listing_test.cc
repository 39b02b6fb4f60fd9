// Pages of a list, stored pictures and changes of metadata, through the public face.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

class ListingTest : public testing::Test {
 protected:
  ListingTest() {
    auto engine = Engine::Open(folder_ / "db", OpenMode::kCreate);
    EXPECT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    for (const char* id : {"tea/green", "cup", "tea/black", "mug"}) {
      const Picture picture = test::DrawTexture(++seed_, 160, 120);
      EXPECT_TRUE(engine_->Add(id, {&picture, 1}, {{"kind", seed_ % 2 ? "odd" : "even"}}));
    }
  }

  std::vector<std::string> Ids(const ListOptions& options, bool more = false) const {
    const auto page = engine_->List(options);
    EXPECT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->more, more);
    std::vector<std::string> ids;
    for (const ItemRecord& item : page->items) ids.push_back(item.id);
    return ids;
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
  unsigned seed_ = 0;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ListingTest, PagesFollowTheOrderOfTheIds) {
  EXPECT_THAT(Ids({}), ElementsAre("cup", "mug", "tea/black", "tea/green"));
  EXPECT_THAT(Ids({.limit = 3}, true), ElementsAre("cup", "mug", "tea/black"));
  EXPECT_THAT(Ids({.after = "tea/black", .limit = 3}), ElementsAre("tea/green"));
  EXPECT_THAT(Ids({.after = "tea/green"}), IsEmpty());
  EXPECT_THAT(Ids({.limit = 0}, true), IsEmpty());
}

TEST_F(ListingTest, APageGoesOnBehindAnItemThatIsGone) {
  ASSERT_TRUE(engine_->Remove("mug"));
  EXPECT_THAT(Ids({.after = "mug"}), ElementsAre("tea/black", "tea/green"));
}

TEST_F(ListingTest, PartsOfIdsAndConditionsHoldBackItems) {
  EXPECT_THAT(Ids({.id_part = "a/"}), ElementsAre("tea/black", "tea/green"));
  EXPECT_THAT(Ids({.where = {{"kind", "even"}}}), ElementsAre("cup", "mug"));
  EXPECT_THAT(Ids({.id_part = "u", .where = {{"kind", "odd"}}}), IsEmpty());
  EXPECT_EQ(engine_->List({.where = {{"knd", "odd"}}}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ListingTest, MetadataChangesAloneAndIsFound) {
  const auto before = engine_->Find("cup");
  ASSERT_TRUE(engine_->SetMetadata("cup", {{"kind", "new"}, {"price", "3"}}));
  const auto after = engine_->Find("cup");
  EXPECT_THAT((*after)->metadata,
              ElementsAre(testing::Pair("kind", "new"), testing::Pair("price", "3")));
  EXPECT_EQ((*after)->pictures, (*before)->pictures);
  EXPECT_THAT(Ids({.where = {{"kind", "new"}}}), ElementsAre("cup"));
  EXPECT_EQ(engine_->SetMetadata("jug", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(ListingTest, ThePreviewIsAJpegFile) {
  const auto preview = engine_->Preview("cup", 0);
  ASSERT_TRUE(preview) << preview.error().message;
  const auto image =
      DecodeImage({reinterpret_cast<const std::uint8_t*>(preview->data()), preview->size()});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width_px, 160);
  EXPECT_EQ(engine_->Preview("cup", 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine_->Preview("jug", 0).error().code, ErrorCode::kNotFound);
}

TEST_F(ListingTest, AnAnswerNamesTheStateThatItWasMadeFrom) {
  const auto answer = engine_->Query(test::DrawTexture(1, 160, 120));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->last_change, engine_->last_change());
  EXPECT_EQ(answer->generation, engine_->generation());
  EXPECT_GT(answer->last_change, 0u);
}

TEST_F(ListingTest, LimitsOfPicturesAreThoseOfTheEngine) {
  test::WriteImage(folder_ / "large.png", test::DrawTexture(9, 400, 300));
  engine_ = nullptr;
  Engine::OpenOptions options;
  options.limits.max_side_px = 300;
  auto strict = Engine::Open(folder_ / "db", OpenMode::kWrite, std::move(options));
  ASSERT_TRUE(strict);
  const auto answer = (*strict)->Query(folder_ / "large.png");
  EXPECT_EQ(answer.error().bad_image, BadImage::kTooLarge);
  EXPECT_EQ((*strict)->Add("large", folder_ / "large.png").error().bad_image, BadImage::kTooLarge);
}

}  // namespace
}  // namespace inlier
