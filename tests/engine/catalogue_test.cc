#include "inlier/catalogue.h"
#include "engine/queries.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/tables.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class CatalogueTest : public test::Tables {};

TEST_F(CatalogueTest, CsvWithMetadataInTheOrderOfItsColumns) {
  const auto catalogue = Read("catalogue.csv",
                              "price,id,colour,image\n"
                              "9.90,mug,red,img/mug.jpg\n"
                              "1,pot,,../pot.png\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug", "pot"));
  EXPECT_THAT(catalogue->entries[0].metadata,
              ElementsAre(Pair("price", "9.90"), Pair("colour", "red")));
  EXPECT_THAT(catalogue->entries[1].metadata, ElementsAre(Pair("price", "1")));
  EXPECT_EQ(catalogue->entries[0].images.front(), folder_ / "img/mug.jpg");
  EXPECT_EQ(catalogue->entries[1].images.front(), folder_.path().parent_path() / "pot.png");
  EXPECT_THAT(catalogue->rejected, IsEmpty());
}

TEST_F(CatalogueTest, CsvAsSpreadsheetsWriteIt) {
  const auto catalogue = Read("catalogue.csv",
                              "\xEF\xBB\xBFid,image,note\r\n"
                              "\r\n"
                              "\"a, \"\"b\"\"\",x.jpg,\"two\r\nlines\"\r\n"
                              "čajník 茶,\"/abs/new\nline.jpg\",last");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a, \"b\"", "čajník 茶"));
  EXPECT_EQ(catalogue->entries[0].metadata[0].second, "two\r\nlines");
  EXPECT_EQ(catalogue->entries[1].images.front(), "/abs/new\nline.jpg");
  EXPECT_EQ(catalogue->entries[1].metadata[0].second, "last");
}

TEST_F(CatalogueTest, BadRowsAreNamedAndTheRestIsRead) {
  const auto catalogue = Read("catalogue.csv",
                              "id,image,note\n"
                              "a,a.jpg,\"spans\ntwo lines\"\n"
                              ",b.jpg,\n"
                              "c,,\n"
                              "d,d.jpg\n"
                              "\n"
                              "e,e.jpg,x,y\n"
                              "a,f.jpg,\n"
                              "h,h.jpg,fine\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "d", "h"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre("catalogue.csv, line 4: no id", "catalogue.csv, line 5: no image",
                          "catalogue.csv, line 8: 4 cells where the header has 3"));
  EXPECT_EQ(catalogue->entries[0].images.size(), 2u);
}

TEST_F(CatalogueTest, AQuoteThatIsNeverClosed) {
  const auto catalogue = Read("catalogue.csv", "id,image\na,a.jpg\nb,\"b.jpg\nc,c.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre("catalogue.csv, line 3: a quote is opened and never closed"));
}

TEST_F(CatalogueTest, Limits) {
  const std::string long_id(1025, 'i');
  const std::string long_note(65 << 10, 'n');
  const auto catalogue =
      Read("catalogue.csv", "id,image,note\n" + long_id + ",a.jpg,\nb,b.jpg," + long_note + "\n" +
                                long_id.substr(1) + ",c.jpg,fits\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("b", long_id.substr(1)));
  EXPECT_THAT(catalogue->entries[0].metadata, IsEmpty());  // an item is not lost for a long text
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("1025 bytes")));
  EXPECT_THAT(catalogue->warnings.at(0).where, "catalogue.csv, line 3");
  EXPECT_THAT(catalogue->warnings.at(0).reason, HasSubstr("column 'note' of 'b' is left out"));
}

TEST_F(CatalogueTest, MissingColumnsNameTheFileAndWhatItHas) {
  const auto catalogue = Read("shop.csv", "sku;image\n1;a.jpg\n");
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalogue.error().message, "shop.csv: no column 'id'; it has: sku, image");
  EXPECT_THAT(Read("x.csv", "id,picture\n").error().message, HasSubstr("'image'"));
  EXPECT_THAT(Read("x.csv", "id,image,id\n").error().message, HasSubstr("twice"));
  EXPECT_THAT(Read("x.csv", "").error().message, HasSubstr("no column 'id'"));
  EXPECT_THAT(Read("x.csv", "id,image\n").error().message, HasSubstr("nothing in it"));
  EXPECT_THAT(Read("x.ods", "id,image\n").error().message, HasSubstr("must end in .csv, "));
}

TEST_F(CatalogueTest, JsonLines) {
  const auto catalogue =
      Read("catalogue.jsonl",
           "{\"id\":\"mug\",\"image\":\"mug.jpg\",\"price\":9.5,\"tags\":[\"a\",1],"
           "\"sold\":true,\"by\":null}\r\n"
           "\n"
           "{\"id\":42,\"image\":\"čaj.jpg\"}\n"
           "{\"id\":\"x\"\n"
           "[1]\n"
           "{\"image\":\"x.jpg\"}");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug", "42"));
  EXPECT_THAT(catalogue->entries[0].metadata,
              ElementsAre(Pair("price", "9.5"), Pair("tags", "[\"a\",1]"), Pair("sold", "true")));
  EXPECT_EQ(catalogue->entries[1].images.front(), folder_ / "čaj.jpg");
  EXPECT_THAT(Rejected(*catalogue), ElementsAre("catalogue.jsonl, line 4: not JSON",
                                                "catalogue.jsonl, line 5: not a JSON object",
                                                "catalogue.jsonl, line 6: no id"));
  EXPECT_THAT(Read("x.jsonl", "{\"sku\":1}\n").error().message, HasSubstr("it has: sku"));
}

TEST_F(CatalogueTest, JsonNestedWithoutEnd) {
  const std::string deep(300'000, '[');
  const std::string closed = std::string(20'000, '[') + std::string(20'000, ']');
  const auto catalogue =
      Read("catalogue.jsonl", "{\"id\":\"a\",\"image\":\"a.jpg\"}\n" + deep +
                                  "\n{\"id\":\"b\",\"image\":\"b.jpg\",\"x\":" + closed + "}\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre(HasSubstr("line 2"), HasSubstr("nested too deeply")));
}

TEST_F(CatalogueTest, ALineOfAMebibyteAndOneMore) {
  const std::string row = R"({"id":"a","image":"a.jpg"})",
                    next = "{\"id\":\"b\",\"image\":\"b.jpg\"}\n";
  const std::string at_limit =
      row + std::string((1 << 20) - 1 - row.size(), ' ');  // 1 MiB with its line feed
  EXPECT_THAT(Ids(*Read("catalogue.jsonl", at_limit + "\n" + next)), ElementsAre("a", "b"));
  const auto beyond = Read("catalogue.jsonl", at_limit + " \n" + next);
  EXPECT_THAT(Ids(*beyond), ElementsAre("b"));
  EXPECT_THAT(Rejected(*beyond), ElementsAre(HasSubstr("line 1: the line is longer than 1 MiB")));
  // A quote that is opened and not closed for long costs its own row and not the ones after it.
  const auto csv =
      Read("catalogue.csv", "id,image\na,\"" + std::string(5 << 20, 'x') + "\nb,b.jpg\n");
  ASSERT_TRUE(csv) << csv.error().message;
  EXPECT_THAT(Ids(*csv), ElementsAre("b"));
  EXPECT_THAT(Rejected(*csv), ElementsAre(HasSubstr("line 2: the line is longer than 1 MiB")));
}

TEST_F(CatalogueTest, AnOpenQuoteTakesAMebibyteOfRowsAndNoMore) {
  std::string text = "id,image\na,\"open\n";
  for (int i = 0; i < 200'000; ++i) text += fmt::format("r{},r.jpg\n", i);
  const auto catalogue = Read("catalogue.csv", text);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("line 2: the row is longer than 1 MiB")));
  EXPECT_GT(catalogue->entries.size(), 100'000u);
  EXPECT_EQ(catalogue->entries.back().id, "r199999");
}

TEST_F(CatalogueTest, AMebibyteOfShortListsIsReadAtOnce) {
  std::string row = "{\"id\":\"a\",\"image\":\"a.jpg\",\"x\":[";
  while (row.size() < (1 << 20) - 8) row += "{},";
  const auto start = std::chrono::steady_clock::now();
  const auto catalogue = Read("catalogue.jsonl", row + "\"[[{\\\"\"]}\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));  // it was minutes
  EXPECT_FALSE(catalogue);  // the only row is incomplete, so there are no columns
}

TEST_F(CatalogueTest, ATableOfMoreThanTwoGibibytesIsRead) {
  test::WriteBytes(folder_ / "catalogue.csv", "id,image\na,a.jpg\n");
  // A sparse file takes no room on disk. Its zeros are one line that is too long.
  fs::resize_file(folder_ / "catalogue.csv", (2ULL << 30) + 1);
  const auto catalogue = ReadCatalogue(folder_ / "catalogue.csv");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a"));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("longer than 1 MiB")));
}

TEST_F(CatalogueTest, ATableInTheFolderTakesPrecedence) {
  Touch("mug.jpg");
  Read("catalogue.jsonl", "{\"id\":\"from jsonl\",\"image\":\"mug.jpg\"}\n");
  EXPECT_THAT(Ids(*ReadCatalogue(folder_.path())), ElementsAre("from jsonl"));
  Read("catalogue.csv", "id,image\nfrom csv,mug.jpg\n");
  Touch("notes.txt");
  EXPECT_THAT(Ids(*ReadCatalogue(folder_.path())), ElementsAre("from csv"));
  EXPECT_THAT(ReadCatalogue(folder_.path())->left_out, IsEmpty());  // a table names its pictures
}

TEST_F(CatalogueTest, NothingThere) {
  EXPECT_EQ(ReadCatalogue(folder_ / "absent").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadCatalogue(folder_ / "absent.csv").error().code, ErrorCode::kNotFound);
  const auto empty = ReadCatalogue(folder_.path());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(empty.error().message, HasSubstr("nothing in it"));
}

TEST_F(CatalogueTest, ARowWhoseImageIsAbsentIsNotRejectedHere) {
  const auto catalogue = Read("catalogue.csv", "id,image\na,absent.jpg\n");
  ASSERT_TRUE(catalogue);
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a"));
}

TEST_F(CatalogueTest, Queries) {
  test::WriteBytes(folder_ / "queries.csv", "image,id,tag\np/1.jpg,mug,near\np/2.jpg,,far\n");
  const auto queries = ReadQueries(folder_ / "queries.csv");
  ASSERT_TRUE(queries) << queries.error().message;
  ASSERT_EQ(queries->size(), 2u);
  EXPECT_EQ((*queries)[0].image, folder_ / "p/1.jpg");
  EXPECT_EQ((*queries)[0].id, "mug");
  EXPECT_EQ((*queries)[1].id, "");
  EXPECT_EQ((*queries)[1].tag, "far");

  test::WriteBytes(folder_ / "queries.csv", "id,image\nmug,1.jpg\nmug,\n");
  EXPECT_THAT(ReadQueries(folder_ / "queries.csv").error().message, HasSubstr("line 3: no image"));
  test::WriteBytes(folder_ / "queries.csv", "id,image\nmug,1.jpg\n");
  EXPECT_EQ(ReadQueries(folder_ / "queries.csv")->front().tag, "");
  test::WriteBytes(folder_ / "queries.csv", "photo,id\n1.jpg,mug\n");
  EXPECT_THAT(ReadQueries(folder_ / "queries.csv").error().message, HasSubstr("no column 'image'"));
}

}  // namespace
}  // namespace inlier
