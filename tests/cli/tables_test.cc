// These tests take a shop's way from its own table to an answer.
#include <filesystem>

#include <gmock/gmock.h>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CliTables : public Shop {
 protected:
  Outcome IndexTable(const std::string& table, std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"index", table, "--db", "shop.db"});
    return Inlier(flags);
  }
  std::string Answer(const std::string& photo) const {
    return Inlier({"query", photo, "--db", "shop.db"}).out;
  }
};

TEST_F(CliTables, FromAnExportToAnAnswer) {
  WriteBytes(File("products_export.csv"),
             "Handle,Title,Vendor,Variant SKU,Image Src,Image Position\n"
             "mug,A mug,Acme,M1,https://cdn.shopify.com/s/files/1/mug.png?v=1571711,1\n"
             "mug,,,M2,,\n"
             "tea,Tea,Acme,T1,https://cdn.shopify.com/s/files/1/tea.png?v=1571711,1\n");
  const Outcome without = IndexTable("products_export.csv");
  EXPECT_EQ(without.exit, 1);
  EXPECT_THAT(without.err, HasSubstr("is a URL: inlier downloads nothing; fetch them into a folder "
                                     "and give it as --images"));

  const Outcome urls = Inlier({"urls", "products_export.csv"});
  EXPECT_EQ(urls.exit, 0) << urls.err;
  EXPECT_EQ(urls.out,
            "https://cdn.shopify.com/s/files/1/mug.png?v=1571711\n"
            "https://cdn.shopify.com/s/files/1/tea.png?v=1571711\n");

  fs::create_directories(File("downloaded"));
  fs::copy_file(File("items/mug.png"), File("downloaded/mug.png?v=1571711"));  // as wget names it
  fs::copy_file(File("items/tea.png"), File("downloaded/tea.png"));
  const Outcome run = IndexTable("products_export.csv", {"--images", "downloaded/"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(run.out, "2 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n");
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows mug"));
  EXPECT_THAT(Inlier({"show", "mug", "--db", "shop.db"}).out, HasSubstr("M1, M2"));
}

TEST_F(CliTables, ColumnsDelimiterAndSeparator) {
  WriteBytes(
      File("goods.txt"),
      "sku!name, long!photo\nA!mug, big!items/mug.png#items/gone.png\nB!tea!items/tea.png\n");
  const std::vector<std::string> flags = {"--columns",   "id=sku,title=Name, long",
                                          "--columns",   "image=photo",
                                          "--delimiter", "!",
                                          "--separator", "#"};
  const Outcome run = IndexTable("goods.txt", flags);
  EXPECT_THAT(run.out, HasSubstr("2 added"));
  EXPECT_THAT(Inlier({"show", "A", "--db", "shop.db"}).out,
              AllOf(HasSubstr("title"), HasSubstr("mug, big"), Not(HasSubstr("long"))));
  const Outcome plan = Inlier({"plan", "goods.txt", "--columns", "id=sku,image=photo",
                               "--delimiter", "!", "--separator", "#"});
  EXPECT_EQ(plan.exit, 0) << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("2 items"));
}

TEST_F(CliTables, WrongFlagsAreWrongUsage) {
  EXPECT_EQ(IndexTable("items", {"--columns", "sku"}).exit, 2);
  EXPECT_EQ(IndexTable("items", {"--columns", "id="}).exit, 2);
  EXPECT_EQ(IndexTable("items", {"--delimiter", "tabs"}).exit, 2);
  EXPECT_EQ(IndexTable("items", {"--delimiter", "\""}).exit, 2);
  const Outcome absent = IndexTable("items", {"--columns", "id=ean"});
  EXPECT_EQ(absent.exit, 1);
  EXPECT_THAT(absent.err, HasSubstr("no column 'ean', which 'id' should be; it has: id, image"));
  EXPECT_EQ(IndexTable("items", {"--images", "gone"}).exit, 1);
}

TEST_F(CliTables, WhatShouldBeLookedAtIsAWarning) {
  WriteBytes(File("items/catalogue.csv"),
             "id,image,price\nmug,mug.png,3 \x80\nmug,tea.png,4 \x80\nmap,map.png\n");
  const Outcome run = IndexTable("items");
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("inlier: catalogue.csv: warning: read as Windows-1252"));
  EXPECT_THAT(run.err, HasSubstr("line 3: warning: column 'price' is '4 €', but '3 €'"));
  EXPECT_THAT(run.err, HasSubstr("line 4: warning: fewer cells than the header"));
}

TEST_F(CliTables, NamesThatAreNotUtf8HaveAReversibleId) {
  fs::remove(File("items/catalogue.csv"));
  fs::rename(File("items/mug.png"), File("items/caf\xE9.png"));
  EXPECT_EQ(IndexTable("items").exit, 0);
  EXPECT_THAT(Answer("mug_photo.jpg"), HasSubstr("shows caf\\xE9"));
  EXPECT_EQ(Inlier({"remove", "caf\\xE9", "--db", "shop.db"}).exit, 0);
}

TEST_F(CliTables, ATableWithoutUrls) {
  const Outcome run = Inlier({"urls", "items"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("no picture of this table is a URL"));
  EXPECT_EQ(Inlier({"urls", "gone.csv"}).exit, 1);
  WriteBytes(File("t.csv"), "id,image\na,https://c.com/1/a.jpg\nb,https://c.com/2/a.jpg?v=1\n");
  const Outcome shared = Inlier({"urls", "t.csv"});
  EXPECT_EQ(shared.lines().size(), 2u);
  EXPECT_THAT(shared.err, HasSubstr("1 of these URLs end in the name of another one"));
}

}  // namespace
}  // namespace inlier::test
