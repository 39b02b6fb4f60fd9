// Several pictures of one item, what a table calls its pictures, and the files of URLs.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/tables/picture_cells.h"
#include "tests/engine/tables.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class TablePictures : public test::Tables {
 protected:
  Result<Catalogue> WithImages(std::string_view text) {
    fs::create_directories(folder_ / "got");
    return Read("t.csv", text, {.images = folder_ / "got"});
  }
};

TEST_F(TablePictures, RowsColumnsAndCells) {
  const auto catalogue = Read("t.csv",
                              "id,image,image_2,Image 3,IMAGE-4,image5,imagery,name\n"
                              "a,1.jpg,2.jpg,3.jpg,4.jpg,5.jpg,x,A\n"
                              "b,1.jpg,,,,,,\n"
                              "b,\"2.jpg; 3.JPG\",,1.jpg,,,,B\n"
                              "c,,,,,,,C\n"
                              "b,1.jpg,,,,,,\n"
                              "c,1.jpg|2.png,,,,,,C\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"));
  EXPECT_THAT(Pictures(*catalogue, 1), ElementsAre("1.jpg", "2.jpg", "3.JPG"));
  EXPECT_THAT(Pictures(*catalogue, 2), ElementsAre("1.jpg", "2.png"));
  EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("imagery", "x"), Pair("name", "A")));
  EXPECT_THAT(catalogue->entries[1].metadata, ElementsAre(Pair("name", "B")));
  EXPECT_THAT(catalogue->rejected, IsEmpty());
  EXPECT_THAT(catalogue->warnings, IsEmpty());
}

TEST_F(TablePictures, OneIdWithDifferentMetadata) {
  const auto catalogue = Read("t.csv",
                              "id,image,price,name\na,1.jpg,3,A\nb,1.jpg,4,\na,2.jpg,5,A\n"
                              "b,2.jpg,6,B\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("price", "3"), Pair("name", "A")));
  EXPECT_THAT(catalogue->entries[1].metadata, ElementsAre(Pair("price", "4"), Pair("name", "B")));
  EXPECT_THAT(Warnings(*catalogue),
              ElementsAre("t.csv, line 4: column 'price' is '5', but '3' in an earlier row of 'a'; "
                          "the first is kept (2 times)"));
}

// Each row brings a column that the rows before it left empty.
TEST_F(TablePictures, MetadataThatCameInManyRows) {
  std::string header = "id,image", rows;
  for (int i = 0; i < 60; ++i) {
    header += fmt::format(",c{}", i);
    rows += fmt::format("a,1.jpg{}{}\n", std::string(static_cast<std::size_t>(i) + 1, ','), i);
    rows += fmt::format("a,,{}{},x\n", i == 0 ? "" : "0",
                        std::string(static_cast<std::size_t>(i), ','));
  }
  const auto catalogue = Read("t.csv", header + ",last\n" + rows);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  const Metadata& metadata = catalogue->entries.at(0).metadata;
  ASSERT_EQ(metadata.size(), 61u);
  EXPECT_THAT(metadata, testing::Contains(Pair("c0", "0")));
  EXPECT_THAT(metadata, testing::Contains(Pair("last", "x")));
}

TEST_F(TablePictures, CellsAreCutWhereEveryPartIsAPicture) {
  const auto parts = [](const char* cell, const char* separator = "") {
    return PicturesOfCell(cell, separator,
                          [](std::string_view text) { return text == "a.jpg,b.jpg"; });
  };
  EXPECT_THAT(parts("1.jpg, 2.png ,3.webp"), ElementsAre("1.jpg", "2.png", "3.webp"));
  EXPECT_THAT(parts("1.jpg\r\n2.png\n"), ElementsAre("1.jpg", "2.png"));
  EXPECT_THAT(parts("mug, red.jpg"), ElementsAre("mug, red.jpg"));
  EXPECT_THAT(parts("a.jpg,b.jpg"), ElementsAre("a.jpg,b.jpg"));  // that is a file
  EXPECT_THAT(parts("mug, red.jpg,b", ","), ElementsAre("mug", "red.jpg", "b"));
  EXPECT_THAT(parts("a / b", " / "), ElementsAre("a", "b"));
  EXPECT_THAT(parts("https://c.com/w_1,h_2/a.jpg"), ElementsAre("https://c.com/w_1,h_2/a.jpg"));
  EXPECT_THAT(parts("https://c.com/w_1,h_2/a, //c.com/b?x=1;y ,HTTP://c.com/c,"),
              ElementsAre("https://c.com/w_1,h_2/a", "//c.com/b?x=1;y", "HTTP://c.com/c"));
  EXPECT_THAT(parts(" \n "), IsEmpty());
  EXPECT_THAT(parts(",,"), IsEmpty());
  EXPECT_FALSE(IsUrl("C:\\shop\\1.jpg"));
  EXPECT_FALSE(IsUrl("file:///1.jpg"));
  EXPECT_THAT(parts(("https://c.com" + std::string(1 << 20, ',') + "x").c_str()), SizeIs(1));
}

TEST_F(TablePictures, PathsOfOtherMachines) {
  for (const char* name : {"img/001.jpg", "img/two words.jpg", "m/b/3.jpg", "caf\xE9.jpg"})
    Touch(name);
  const auto catalogue = Read("t.csv",
                              "id,image\na,img\\001.jpg\nb,img/two%20words.jpg\nc,/m/b/3.jpg\n"
                              "d,caf\\xE9.jpg\ne,file://" +
                                  (folder_ / "img/two%20words.jpg").string() + "\nf,.\\gone.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  std::vector<std::string> pictures;
  for (std::size_t i = 0; i < 6; ++i) pictures.push_back(Pictures(*catalogue, i).at(0));
  EXPECT_THAT(pictures, ElementsAre("img/001.jpg", "img/two words.jpg", "m/b/3.jpg", "caf\xE9.jpg",
                                    "img/two words.jpg", "gone.jpg"));
}

TEST_F(TablePictures, MappedColumns) {
  const std::string text = "SKU,Base_Image,more,Name,id\n1,1.jpg,2.jpg,A,x\n";
  const CatalogueOptions options{
      .columns = {{"id", "sku"}, {"image", "base_image"}, {"image", " More "}, {"title", "name"}}};
  const auto catalogue = Read("t.csv", text, options);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("1"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("1.jpg", "2.jpg"));
  EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("title", "A"), Pair("id", "x")));

  EXPECT_EQ(
      Read("t.csv", text, {.columns = {{"id", "ean"}}}).error().message,
      "t.csv: no column 'ean', which 'id' should be; it has: SKU, Base_Image, more, Name, id");
  EXPECT_THAT(Read("t.jsonl", "{\"id\":1,\"image\":\"a.jpg\"}\n", {.columns = {{"title", "n"}}})
                  .error()
                  .message,
              HasSubstr("no column 'n', which 'title' should be; it has: id, image"));
  EXPECT_THAT(Read("t.csv", "id,image,x,x\n").error().message, HasSubstr("'x' is there twice"));
  // Of names that differ in case alone, the one as it was asked for counts.
  EXPECT_THAT(Ids(*Read("t.csv", "ID,id,image\n1,2,a.jpg\n")), ElementsAre("2"));
}

TEST_F(TablePictures, UrlsWithoutAFolderAreNamedOnce) {
  std::string text = "id,image\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("i{},https://c.com/{}.jpg\n", i, i);
  const auto catalogue = Read("t.csv", text + "local,a.jpg\nlocal,//c.com/x.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("local"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre("t.csv, line 2: https://c.com/0.jpg is a URL: inlier downloads nothing; "
                          "fetch them into a folder and give it as --images; 'inlier urls' lists "
                          "them (1001 URLs)"));
}

TEST_F(TablePictures, FilesOfUrls) {
  for (const char* name : {"got/1.jpg", "got/sub/2.jpg?v=7", "got/Two Words.jpg", "got/UPPER.JPG",
                           "got/caf\xC3\xA9.jpg", "got/.hidden.jpg"}) {
    Touch(name);
  }
  const auto catalogue = WithImages(
      "id,image\na,https://c.com/x/1.jpg?v=157\nb,//c.com/2.jpg?v=7\nc,http://c.com/"
      "Two%20Words.jpg\n"
      "d,https://c.com/upper.jpg#top\ne,https://c.com/cafe%CC%81.jpg\nf,img\\1.jpg\n"
      "g,https://c.com/gone.jpg\nh,https://c.com/.hidden.jpg\ni,https://c.com/\n"
      "k,https://c.com/x/1.jpg?v=158\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "b", "c", "d", "e", "k"));
  EXPECT_THAT(Pictures(*catalogue, 1), ElementsAre("got/sub/2.jpg?v=7"));
  EXPECT_THAT(Pictures(*catalogue, 3), ElementsAre("got/UPPER.JPG"));
  EXPECT_THAT(Pictures(*catalogue, 4), ElementsAre("got/caf\xC3\xA9.jpg"));
  EXPECT_THAT(
      Rejected(*catalogue),
      ElementsAre(HasSubstr("line 7: "), AllOf(HasSubstr("line 8: no file in "), HasSubstr("gone")),
                  HasSubstr("line 9: "), HasSubstr("line 10: ")));
}

TEST_F(TablePictures, TwoFilesThatFitOneUrl) {
  for (const char* name :
       {"got/a/1.jpg", "got/b/1.jpg", "got/c.com/x/2.jpg", "got/c.com/y/2.jpg"}) {
    Touch(name);
  }
  const auto catalogue = WithImages(
      "id,image\np,https://c.com/1.jpg\nq,https://c.com/img/b/1.jpg\nr,https://c.com/y/"
      "2.jpg?v=1\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(AllOf(HasSubstr("line 2: both "),
                                                      HasSubstr("a/1.jpg"), HasSubstr("b/1.jpg"))));
  EXPECT_THAT(Ids(*catalogue), ElementsAre("q", "r"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/b/1.jpg"));
  EXPECT_THAT(Pictures(*catalogue, 1), ElementsAre("got/c.com/y/2.jpg"));
}

// Downloaded into one folder, one of these has overwritten the other.
TEST_F(TablePictures, TwoUrlsThatFitOneFile) {
  Touch("got/mug.jpg");
  const auto catalogue =
      WithImages("id,image\na,https://c.com/2023/mug.jpg\nb,https://c.com/2024/mug.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre(AllOf(HasSubstr("line 3: "), HasSubstr("c.com/2023/mug.jpg"),
                                HasSubstr("c.com/2024/mug.jpg"), HasSubstr("wget -x"))));
}

TEST_F(TablePictures, AFolderForUrlsThatIsNotThere) {
  const auto catalogue = Read("t.csv", "id,image\na,a.jpg\n", {.images = folder_ / "gone"});
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().code, ErrorCode::kNotFound);
}

TEST_F(TablePictures, ListsUrls) {
  test::WriteBytes(folder_ / "t.csv",
                   "id,image\na,\"https://c.com/1.jpg, https://c.com/two words.jpg\"\n"
                   "b,//c.com/3.jpg\nc,https://c.com/1.jpg\nd,local.jpg\n,https://c.com/4.jpg\n");
  const auto urls = ListUrls(folder_ / "t.csv");
  ASSERT_TRUE(urls) << urls.error().message;
  EXPECT_THAT(*urls, ElementsAre("https://c.com/1.jpg", "https://c.com/two%20words.jpg",
                                 "https://c.com/3.jpg", "https://c.com/4.jpg"));
  EXPECT_FALSE(ListUrls(folder_ / "gone.csv"));
}

TEST_F(TablePictures, Limits) {
  std::string text = "id,image\n";
  for (int i = 0; i < 1001; ++i) text += fmt::format("a,{}.jpg\n", i);
  const auto catalogue = Read("t.csv", text + "b," + std::string(4097, 'x') + "\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->entries.at(0).images.size(), 1000u);
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("line 1002: the item has more than 1000"),
                                                HasSubstr("line 1003: the image's name has 4097")));
}

TEST_F(TablePictures, RoundedNumbers) {
  const auto catalogue =
      Read("t.csv", "id,image\n4.00638E+12,1.jpg\n4.00638E+12,2.jpg\nE+1,3.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Warnings(*catalogue), ElementsAre(AllOf(HasSubstr("line 2: the id '4.00638E+12'"),
                                                      HasSubstr("(2 times)"))));
}

}  // namespace
}  // namespace inlier
