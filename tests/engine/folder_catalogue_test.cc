// A catalogue that is a folder: which of its files are pictures, and what becomes of the others.
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/left_out.h"
#include "inlier/catalogue.h"
#include "tests/engine/tables.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kJpegStart = "\xFF\xD8\xFF\xE0 and so on";

class FolderCatalogue : public test::Tables {
 protected:
  void Touch(const std::string& name, std::string_view bytes = "x") {
    test::WriteBytes(folder_ / name, bytes);
  }
  std::string LeftOut() const { return LeftOutText(ReadCatalogue(folder_.path())->left_out); }
};

TEST_F(FolderCatalogue, FolderOfImages) {
  for (const char* name :
       {"b.JPG", "a/deep/c.png", "a.jpeg", "a/x.webp", "z.bmp", "y.pgm", "x.ppm", "notes.txt",
        "Thumbs.db", ".hidden.jpg", "._b.JPG", ".git/d.jpg", "noending"}) {
    Touch(name);
  }
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "a/deep/c", "a/x", "b", "x", "y", "z"));
  EXPECT_EQ(catalogue->entries[1].images.front(), folder_ / "a/deep/c.png");
  EXPECT_THAT(catalogue->rejected, IsEmpty());
}

TEST_F(FolderCatalogue, OfSeveralFilesOfOneIdAJpegIsTheItem) {
  Touch("mug.png");
  Touch("mug.jpg");
  Touch("mug", kJpegStart);
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue);
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug"));
  EXPECT_EQ(catalogue->entries[0].images.front().filename(), "mug.jpg");
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(AllOf(HasSubstr("mug.png: "), HasSubstr("mug.jpg")),
                                                AllOf(HasSubstr("mug: "), HasSubstr("mug.jpg"))));
}

TEST_F(FolderCatalogue, LinksToFilesAreFollowedAndCirclesAreNot) {
  Touch("real/mug.jpg");
  fs::create_symlink(folder_ / "real/mug.jpg", folder_ / "link.jpg");
  fs::create_directory_symlink(folder_.path(), folder_ / "real/round");
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue);
  EXPECT_THAT(Ids(*catalogue), ElementsAre("link", "real/mug"));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("real/round: a link to a folder")));
}

TEST_F(FolderCatalogue, EveryEndingOfAFormatThatIsRead) {
  std::vector<std::string> ids;
  for (const char* ending :
       {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jif", ".jpe", ".jpeg", ".jpg", ".pgm",
        ".pjpeg", ".png", ".ppm", ".tif", ".tiff", ".webp", ".JFIF", ".Tif"}) {
    ids.push_back(fmt::format("{:02}", ids.size()));
    Touch(ids.back() + ending);
  }
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(Ids(*catalogue), ids);
  EXPECT_THAT(catalogue->left_out, IsEmpty());
}

TEST_F(FolderCatalogue, FirstBytesDecideWhereTheEndingDoesNot) {
  for (const char* name : {"bare", "saved.jpg_large", "image.php", "dot.", "deep/x.tmp"}) {
    Touch(name, kJpegStart);
  }
  Touch("listed", "BMW, Audi");
  Touch("empty", "");
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("bare", "deep/x", "dot", "image", "saved"));
  EXPECT_EQ(LeftOut(), "2 files left out: 2 without an ending (not pictures)");
}

TEST_F(FolderCatalogue, WhatIsLeftOutIsCountedByEnding) {
  Touch("mug.jpg");
  for (const char* name :
       {"a.txt", "b/c.TXT", "Thumbs.db", "md5sums", "sums", "b/sums", ".DS_Store", ".git/d.jpg"}) {
    Touch(name);
  }
  fs::create_symlink(folder_ / "nowhere", folder_ / "broken.lnk");
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug"));
  EXPECT_EQ(
      LeftOutText(catalogue->left_out),
      "8 files left out: 3 without an ending (not pictures), 2 .txt, 1 .db, 1 .lnk, 1 hidden");
  EXPECT_THAT(catalogue->left_out[1].files, ElementsAre("a.txt", "b/c.TXT"));
}

TEST_F(FolderCatalogue, AThousandEndingsAreOneLine) {
  Touch("mug.jpg");
  Touch("one.txt");
  EXPECT_EQ(LeftOut(), "1 file left out: 1 .txt");
  for (int i = 0; i < 20; ++i) Touch(fmt::format("log.{:02}", i));
  EXPECT_EQ(LeftOut(),
            "21 files left out: 1 .00, 1 .01, 1 .02, 1 .03, 1 .04, 1 .05, 1 .06, 1 .07, "
            "13 of other endings");
}

TEST_F(FolderCatalogue, AFolderWithoutPicturesSaysWhatItHas) {
  Touch("a.txt");
  const auto catalogue = ReadCatalogue(folder_.path());
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(catalogue.error().message, HasSubstr("no picture in it; 1 file left out: 1 .txt"));
}

TEST_F(FolderCatalogue, APipeIsNotOpened) {
  Touch("mug.jpg");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(LeftOut(), "1 file left out: 1 without an ending (not pictures)");
}

}  // namespace
}  // namespace inlier
