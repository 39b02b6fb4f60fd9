#include "bench/visible_items.h"

#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier::test {
namespace {

Gallery TwoPhotos() {
  Gallery gallery;
  gallery.photos.push_back({.dataset = "shop", .image = "a/1.jpg"});
  gallery.photos.push_back({.dataset = "shop", .image = "a/2.jpg"});
  return gallery;
}

TEST(VisibleItems, TheFirstRowIsDataToo) {
  const TempFolder folder;
  WriteBytes(folder / "visible.txt",
             "shop/1.jpg,shop/mug,visible\nshop/2.jpg,\"shop/mug, blue\",unclear\r\n"
             "other/1.jpg,shop/mug,visible\nshop/2.jpg,shop/mug,no\n");
  const auto items = VisibleItems::Read(folder / "visible.txt", TwoPhotos());
  ASSERT_TRUE(items) << items.error().message;
  EXPECT_TRUE(items->IsVisible(0, "shop/mug"));
  EXPECT_FALSE(items->IsVisible(1, "shop/mug, blue"));
  EXPECT_TRUE(items->MayBeVisible(1, "shop/mug, blue"));
  EXPECT_FALSE(items->MayBeVisible(1, "shop/mug"));
}

TEST(VisibleItems, NoFileIsAnEmptyTableAndAMissingOneAnError) {
  const auto none = VisibleItems::Read({}, TwoPhotos());
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->MayBeVisible(0, "shop/mug"));
  EXPECT_FALSE(VisibleItems::Read("/nowhere/visible.csv", TwoPhotos()));
}

}  // namespace
}  // namespace inlier::test
