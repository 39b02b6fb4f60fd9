// How tables are written: encodings, delimiters, quotes, JSON, and the limits of each.
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/peak_memory.h"
#include "engine/queries.h"
#include "engine/utf8.h"
#include "inlier/catalogue.h"
#include "tests/engine/tables.h"

namespace inlier {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class TableText : public test::Tables {};

// UTF-16 of ASCII and of é.
std::string Wide(const std::string& text, bool little) {
  std::string wide;
  for (const char c : text) {
    const char low = c == '~' ? '\xE9' : c;  // ~ stands for é
    wide += little ? std::string{low, '\0'} : std::string{'\0', low};
  }
  return wide;
}

TEST_F(TableText, Utf8AndUtf16InEitherOrder) {
  const std::string text = "id,image\r\nth~,a.jpg\r\n";
  for (const std::string& written :
       {"\xEF\xBB\xBFid,image\nth\xC3\xA9,a.jpg\n"s, "\xFF\xFE"s + Wide(text, true),
        "\xFE\xFF"s + Wide(text, false)}) {
    const auto catalogue = Read("t.csv", written);
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    EXPECT_THAT(Ids(*catalogue), ElementsAre("thé"));
    EXPECT_THAT(catalogue->warnings, IsEmpty());
  }
  for (const bool little : {true, false}) {  // clearly so, without a byte order mark
    const auto catalogue = Read("t.csv", Wide(text, little));
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    EXPECT_THAT(Ids(*catalogue), ElementsAre("thé"));
    EXPECT_THAT(Warnings(*catalogue), ElementsAre(HasSubstr("t.csv: read as UTF-16")));
  }
}

TEST_F(TableText, Windows1252IsConvertedAndSaidSo) {
  const auto catalogue = Read("t.csv", "id,image,price\nth\xE9,caf\xE8.jpg,\x80 5\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("thé"));
  EXPECT_EQ(catalogue->entries[0].images.front(), folder_ / "cafè.jpg");
  EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("price", "€ 5")));
  EXPECT_THAT(Warnings(*catalogue), ElementsAre(HasSubstr("t.csv: read as Windows-1252")));
}

TEST_F(TableText, BytesThatFitNoEncodingAreNamedByLineAndColumn) {
  EXPECT_EQ(Read("t.csv", "id,image\nthé,a.jpg\nb\xE9,b.jpg\n").error().message,
            "t.csv, line 3, column 2: the byte 0xE9 is not UTF-8, though the text before it is; "
            "save the table as UTF-8");
  EXPECT_EQ(Read("t.csv", "id,image\r\na,a.jpg\r\nbb\x81,b.jpg\r\n").error().message,
            "t.csv, line 3, column 3: the byte 0x81 is neither UTF-8 nor Windows-1252; save the "
            "table as UTF-8");
  EXPECT_THAT(
      Read("t.csv", "\xFF\xFE"s + Wide("id,image\na,", true) + "\x00\xDC\n\0"s).error().message,
      HasSubstr("t.csv, line 2, column 3: these bytes are not UTF-16LE"));
  EXPECT_THAT(Read("t.csv", "\xFF\xFE"s + Wide("id,image\na", true) + ","s).error().message,
              HasSubstr("line 2, column 2"));
  EXPECT_THAT(Read("t.csv", "\xFF\xFE\0\0i\0\0\0"s).error().message, HasSubstr("UTF-32"));
  EXPECT_THAT(Read("t.csv", "PK\x03\x04rest").error().message, HasSubstr("workbook"));
}

// Letters may be cut where a part of the file ends, and a bad byte may be anywhere.
TEST_F(TableText, LettersAcrossTheEndsOfParts) {
  for (const std::size_t shift : {0u, 1u, 2u}) {
    std::string text = "id,image,note\nfirst,a.jpg," + std::string(shift, 'x') + "\n";
    for (int i = 0; i < 20'000; ++i) text += fmt::format("茶{},é.jpg,😀\n", i);
    const auto catalogue = Read("t.csv", text);
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    ASSERT_EQ(catalogue->entries.size(), 20'001u);
    EXPECT_EQ(catalogue->entries.back().id, "茶19999");
    EXPECT_EQ(catalogue->entries.back().metadata[0].second, "😀");
    EXPECT_THAT(Read("t.csv", text + "\xE9,b.jpg\n").error().message,
                HasSubstr("line 20003, column 1: the byte 0xE9"));
  }
}

TEST_F(TableText, DelimitersAreFoundDeclaredOrGiven) {
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
           {"t.csv", "id;image;price, €\na;a.jpg;3,50\n"},
           {"t.TSV", "ID\t Image \tprice, €\r\na\ta.jpg\t3,50\r\n"},
           {"t.txt", "id|image|\"price, €\"\na|a.jpg|3,50\n"},
           {"t.Csv", "\xEF\xBB\xBFsep=;\r\nid;image;price, €\r\na;a.jpg;3,50\r\n"},
           {"t.csv", "\"SEP=;\"\rid;image;price, €\ra;a.jpg;3,50\r"}}) {
    const auto catalogue = Read(name, text);
    ASSERT_TRUE(catalogue) << text << catalogue.error().message;
    EXPECT_THAT(Ids(*catalogue), ElementsAre("a")) << text;
    EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("price, €", "3,50"))) << text;
  }
  const auto given = Read("t.csv", "sep=,\nid;image\na,b;a.jpg\n", {.delimiter = ';'});
  EXPECT_THAT(Ids(*given), ElementsAre("a,b"));
}

TEST_F(TableText, QuotesAsSpreadsheetsWriteThem) {
  const auto catalogue = Read("t.csv",
                              "id,image,name\n"
                              "1,a.jpg,19\" monitor\n"
                              "2,a.jpg,\"24\"\" monitor\"\n"
                              "3,a.jpg,\"say \"hi\" now\"\n"
                              "\"4\" , \"a.jpg\",\"two\nlines, a comma\"\n"
                              ",,\n"
                              "5,a.jpg,last\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  std::vector<std::string> names;
  for (const auto& entry : catalogue->entries) names.push_back(entry.metadata.at(0).second);
  EXPECT_THAT(names, ElementsAre("19\" monitor", "24\" monitor", "say \"hi\" now",
                                 "two\nlines, a comma", "last"));
  EXPECT_THAT(catalogue->rejected, IsEmpty());
}

TEST_F(TableText, RowsThatAreTooShortOrTooLong) {
  const auto catalogue = Read("t.csv",
                              "id,image,price,brand,,\n"
                              "a,a.jpg,3,x,,\n"
                              "b,b.jpg\n"
                              "c,c.jpg,3\n"
                              "d,d.jpg,3,x,,,,\n"
                              "e,e.jpg,3,x,,,y\n"
                              "f\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre("t.csv, line 6: 7 cells where the header has 6",
                                                "t.csv, line 7: no image"));
  EXPECT_THAT(Warnings(*catalogue),
              ElementsAre("t.csv, line 3: fewer cells than the header; the missing ones count as "
                          "empty (3 times)"));
}

TEST_F(TableText, AListOfJsonObjects) {
  const auto catalogue =
      Read("t.JSON",
           " [ {\"id\":\"a\",\"image\":[\"1.jpg\",\"2.jpg\"],\n\"x\":\"]},{\"},\n"
           "{\"id\":7,\"image\":\"3.jpg\"} ,\n \"no\", {\"id\" 1},\n"
           "{\"id\":\"b\",\"image\":[{}]},{\"id\":\"c\",\"Image\":\"c.jpg\"}]\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("a", "7", "c"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("1.jpg", "2.jpg"));
  EXPECT_THAT(catalogue->entries[0].metadata, ElementsAre(Pair("x", "]},{")));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre("t.JSON, line 4: not a JSON object", "t.JSON, line 4: not JSON",
                          "t.JSON, line 5: an image that is not a text"));
  EXPECT_THAT(Rejected(*Read("t.json", "[{},{\"x\":null},{\"id\":\"a\",\"image\":\"a.jpg\"}]")),
              ElementsAre("t.json, line 1: no id", "t.json, line 1: no id"));
  EXPECT_THAT(Read("t.json", "[]").error().message, HasSubstr("no column 'id'"));
  EXPECT_THAT(Rejected(*Read("t.json", "[{\"id\":\"a\",\"image\":\"a.jpg\"},{\"id\":")),
              ElementsAre("t.json, line 1: not JSON"));
}

TEST_F(TableText, TenThousandColumns) {
  std::string header = "id,image", row = "a,a.jpg", other = "a,b.jpg";
  for (int i = 0; i < 10'000; ++i) {
    header += fmt::format(",c{}", i);
    row += ",1";
    other += i % 2 == 0 ? ",1" : ",";
  }
  std::string text = header + "\n";
  for (int i = 0; i < 50; ++i) text += row + "\n" + other + "\n";
  const auto start = std::chrono::steady_clock::now();
  const auto catalogue = Read("t.csv", text);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->entries.at(0).metadata.size(), 10'000u);
  EXPECT_THAT(catalogue->warnings, IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_THAT(Read("t.csv", "sku" + header.substr(2) + "\n" + row).error().message,
              AllOf(HasSubstr("no column 'id'"), HasSubstr("c37 and 9962 more")));
}

// Memory is that of the entries, and not that of the text: here most of it is one column that the
// limit of an item's metadata leaves out.
TEST_F(TableText, MemoryDoesNotGrowWithTheText) {
  std::string text = "id,image,note\n";
  const std::string note(500'000, 'n');
  for (int i = 0; i < 200; ++i) text += fmt::format("{},{}.jpg,{}\n", i, i, note);
  const std::size_t text_bytes = text.size();
  test::WriteBytes(folder_ / "t.csv", text);
  text = {};
  text.shrink_to_fit();
  if (!ResetPeakMemory()) GTEST_SKIP() << "the system does not show the peak of memory";
  const std::uint64_t before = ResidentMemory_bytes();
  const auto catalogue = ReadCatalogue(folder_ / "t.csv");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->entries.size(), 200u);
  EXPECT_LT(PeakMemory_bytes(), before + text_bytes / 4);
}

TEST_F(TableText, IdsThatPrintAlikeAreNamed) {
  const auto catalogue = Read("t.csv",
                              "id,image\ncaf\xC3\xA9,1.jpg\ncafe\xCC\x81,2.jpg\n"
                              "x\xC2\xA0,3.jpg\n x,\xC2\xA0"
                              "4.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("caf\xC3\xA9", "cafe\xCC\x81", "x"));
  EXPECT_THAT(Pictures(*catalogue, 2), ElementsAre("3.jpg", "4.jpg"));
  EXPECT_THAT(Warnings(*catalogue),
              ElementsAre(AllOf(HasSubstr("t.csv, line 3: the id"), HasSubstr("NFD"))));
}

TEST_F(TableText, EscapedNamesAreReversible) {
  for (const std::string& name : {"plain"s, "caf\xE9"s, "caf\xC3\xA9"s, "\\xE9"s, "\\\\xE9\xE9"s,
                                  "a\\b"s, "\xC3"s, "\\x5C"s, "\xED\xA0\x80"s, "\\x"s}) {
    const std::string escaped = EscapedForm(name);
    EXPECT_EQ(ValidUtf8Bytes(escaped), escaped.size()) << escaped;
    EXPECT_EQ(UnescapedForm(escaped), name) << escaped;
  }
  EXPECT_EQ(EscapedForm("caf\xE9"), "caf\\xE9");
  EXPECT_EQ(EscapedForm("\\xE9"), "\\x5CxE9");
  EXPECT_EQ(EscapedForm("a\\b"), "a\\b");
}

TEST_F(TableText, QueriesAreReadFromSuchTablesToo) {
  test::WriteBytes(folder_ / "q.csv", "Image;ID;Tag\r\np.jpg;th\xE9;\r\n");
  const auto queries = ReadQueries(folder_ / "q.csv");
  ASSERT_TRUE(queries) << queries.error().message;
  EXPECT_EQ(queries->front().id, "thé");
  test::WriteBytes(folder_ / "q.csv", "image,id\np.jpg\n");  // not "not in the catalogue"
  EXPECT_THAT(ReadQueries(folder_ / "q.csv").error().message, HasSubstr("1 cells where"));
}

}  // namespace
}  // namespace inlier
