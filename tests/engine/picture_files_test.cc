// The pictures that a folder of photos is taken to hold. What counts as a picture is tested with
// catalogues, in folder_catalogue_test.cc.
#include "engine/picture_files.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/left_out.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(PictureFiles, AreFoundInFoldersBelowInTheOrderOfTheirNames) {
  const test::TempFolder folder;
  for (const char* name : {"b.JPG", "a/deep/c.png", "a.jpeg", "b/2.heic", "B.png", "notes.txt",
                           "a/notes.txt", ".hidden.jpg", ".git/d.jpg", "a/unfinished.part"}) {
    test::WriteBytes(folder / name, "x");
  }
  test::WriteBytes(folder / "b/camera", "\xFF\xD8\xFF\xE0 and so on");
  fs::create_directory_symlink(folder / "a", folder / "link");
  const auto found = FindPictureFiles(folder.path());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->pictures,
              ElementsAre("B.png", "a.jpeg", "a/deep/c.png", "b.JPG", "b/2.heic", "b/camera"));
  EXPECT_EQ(LeftOutText(found->left_out), "4 files left out: 2 .txt, 1 .part, 1 hidden");
  ASSERT_EQ(found->unread.size(), 1u);
  EXPECT_EQ(found->unread[0].folder, "link");
}

TEST(PictureFiles, AFolderThatIsNotThereIsAnError) {
  const test::TempFolder folder;
  const auto found = FindPictureFiles(folder / "gone");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIo);
  EXPECT_THAT(found.error().message, testing::HasSubstr("gone"));
}

}  // namespace
}  // namespace inlier
