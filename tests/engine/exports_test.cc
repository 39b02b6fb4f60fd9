// The exports of shops, in the form of their public documentation.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/tables.h"

namespace inlier {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Exports : public test::Tables {
 protected:
  // Reads a table whose URLs lie in the folder "got".
  Result<Catalogue> ReadExport(const std::string& name, std::string_view text,
                               CatalogueOptions options = {}) {
    for (const char* file : {"1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"}) {
      Touch("got/" + std::string(file));
    }
    options.images = folder_ / "got";
    return Read(name, text, options);
  }
};

constexpr std::string_view kShopify =
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 "
    "Value,Variant SKU,Variant Price,Variant Barcode,Image Src,Image Position,Image Alt "
    "Text,Variant Image,Status\n"
    "mug,\"Mug, big\",\"<p>5\"\" high\nand blue</p>\",Acme,,Mugs,\"tea, gift\",true,Colour,Blue,"
    "M-B,9.90,401,https://cdn.shopify.com/s/files/1/0001/products/1.jpg?v=157,1,front,"
    "https://cdn.shopify.com/s/files/1/0001/products/1.jpg?v=157,active\n"
    "mug,,,,,,,,,Red,M-R,10.90,402,https://cdn.shopify.com/s/files/1/0001/products/2.jpg?v=157,2,,"
    "https://cdn.shopify.com/s/files/1/0001/products/3.jpg?v=157,\n"
    "mug,,,,,,,,,,,,,https://cdn.shopify.com/s/files/1/0001/products/4.jpg?v=157,3,,,\n"
    "pot,Pot,,Acme,,Pots,,true,Title,Default "
    "Title,P,20,,https://cdn.shopify.com/5.jpg,1,,,active\n";

TEST_F(Exports, Shopify) {
  const auto catalogue = ReadExport("products_export.csv", kShopify);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug", "pot"));
  EXPECT_THAT(Pictures(*catalogue, 0),
              ElementsAre("got/1.jpg", "got/2.jpg", "got/3.jpg", "got/4.jpg"));
  const Metadata& mug = catalogue->entries[0].metadata;
  EXPECT_THAT(mug, Contains(Pair("Title", "Mug, big")));
  EXPECT_THAT(mug, Contains(Pair("Variant SKU", "M-B, M-R")));
  EXPECT_THAT(mug, Contains(Pair("Variant Barcode", "401, 402")));
  EXPECT_THAT(mug, Contains(Pair("Variant Price", "9.90")));
  EXPECT_THAT(catalogue->rejected, IsEmpty());
  EXPECT_THAT(catalogue->warnings, IsEmpty());
}

TEST_F(Exports, ShopifyByItsVariants) {
  const auto catalogue =
      ReadExport("products_export.csv", kShopify, {.columns = {{"id", "Variant SKU"}}});
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("M-B", "M-R", "P"));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre(HasSubstr("line 5: no id")));
}

TEST_F(Exports, ShopifyUnderItsNewerNames) {
  const auto catalogue = ReadExport("products.csv",
                                    "Title,URL handle,Vendor,SKU,Barcode,Price,Product image "
                                    "URL,Image position,Variant image URL\n"
                                    "Mug,mug,Acme,M-B,401,9,https://c.com/1.jpg,1,\n"
                                    ",mug,,M-R,402,9,,,https://c.com/2.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("mug"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/1.jpg", "got/2.jpg"));
  EXPECT_THAT(catalogue->entries[0].metadata, Contains(Pair("SKU", "M-B, M-R")));
}

TEST_F(Exports, WooCommerce) {
  const auto catalogue = ReadExport(
      "wc-product-export.csv",
      "\xEF\xBB\xBFID,Type,SKU,Name,Published,\"Is featured?\",Categories,Images,Parent,Position\n"
      "44,variable,hoodie,Hoodie,1,0,\"Clothing, Clothing > Hoodies\","
      "\"https://shop.example/wp-content/uploads/1.jpg, "
      "https://shop.example/wp-content/uploads/2.jpg\",,0\n"
      "45,variation,hoodie-red,\"Hoodie - Red\",1,0,,https://shop.example/wp-content/uploads/"
      "3.jpg,hoodie,1\n"
      "46,variation,hoodie-s,\"Hoodie - S\",1,0,,,hoodie,2\n"
      "47,variation,,\"Hoodie - Blue\",1,0,,https://shop.example/wp-content/uploads/4.jpg,id:44,3\n"
      "48,simple,cap,Cap,1,0,,,,0\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("hoodie", "hoodie-red", "id:47"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/1.jpg", "got/2.jpg"));
  EXPECT_THAT(catalogue->entries[1].metadata, Contains(Pair("Parent", "hoodie")));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre("wc-product-export.csv, line 6: no image"));
  EXPECT_THAT(Warnings(*catalogue), ElementsAre(HasSubstr("line 4: the variation 'hoodie-s'")));
}

TEST_F(Exports, Magento) {
  const auto catalogue = ReadExport(
      "export_catalog_product.csv",
      "sku,store_view_code,attribute_set_code,product_type,name,price,base_image,base_image_label,"
      "small_image,thumbnail_image,additional_images,additional_image_labels\n"
      "MB-1,,Bag,simple,Bag,34,/m/b/1.jpg,Front,/m/b/1.jpg,/m/b/1.jpg,"
      "\"/m/b/1.jpg,/m/b/2.jpg,/m/b/3.jpg\",\"a,b,c\"\n"
      "MB-1,de,Bag,simple,Tasche,,,,,,,\n"
      "MB-2,,Bag,configurable,Bag two,40,no_selection,,no_selection,no_selection,/m/b/4.jpg,\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("MB-1", "MB-2"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/1.jpg", "got/2.jpg", "got/3.jpg"));
  EXPECT_THAT(Pictures(*catalogue, 1), ElementsAre("got/4.jpg"));
  EXPECT_THAT(catalogue->entries[0].metadata, Contains(Pair("name", "Bag")));
  EXPECT_THAT(catalogue->warnings, IsEmpty());
}

TEST_F(Exports, GoogleMerchantAsText) {
  for (const char* header :
       {"id\ttitle\tlink\timage_link\tadditional_image_link\titem_group_id\n",
        "id\ttitle\tlink\timage link\tadditional image link\titem group id\n"}) {
    const auto catalogue = ReadExport(
        "feed.txt", std::string(header) +
                        "T1\tMug\thttps://shop.example/mug\thttps://shop.example/1.jpg\t"
                        "\"https://shop.example/2.jpg,https://shop.example/3.jpg\"\tG\n");
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    EXPECT_THAT(Ids(*catalogue), ElementsAre("T1"));
    EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/1.jpg", "got/2.jpg", "got/3.jpg"));
    EXPECT_EQ(catalogue->entries[0].metadata.back().second, "G");
  }
}

constexpr std::string_view kRss =
    "<?xml version=\"1.0\"?>\n<rss xmlns:g=\"http://base.google.com/ns/1.0\" version=\"2.0\">\n"
    "<channel><title>Shop</title><link>https://shop.example</link><description>All</description>\n"
    "<item>\n<g:id>T1</g:id><title>plain</title><g:title>Mug &amp; <![CDATA[<b>]]></g:title>\n"
    "<link>https://shop.example/mug</link><g:image_link> https://shop.example/1.jpg "
    "</g:image_link>\n"
    "<g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>\n"
    "<g:additional_image_link>https://shop.example/3.jpg</g:additional_image_link>\n"
    "<g:item_group_id>G</g:item_group_id>\n"
    "<g:shipping><g:country>DE</g:country><g:price>4 EUR</g:price></g:shipping>"
    "<g:shipping><g:country>FR</g:country></g:shipping></item>\n"
    "<item><g:id>T2</g:id></item>\n</channel></rss>\n";

TEST_F(Exports, GoogleMerchantAsRss) {
  const auto catalogue = ReadExport("feed.XML", kRss);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("T1"));
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("got/1.jpg", "got/2.jpg", "got/3.jpg"));
  EXPECT_THAT(catalogue->entries[0].metadata,
              ElementsAre(Pair("title", "Mug & <b>"), Pair("link", "https://shop.example/mug"),
                          Pair("item_group_id", "G"), Pair("shipping.country", "DE, FR"),
                          Pair("shipping.price", "4 EUR")));
  EXPECT_THAT(Rejected(*catalogue), ElementsAre("feed.XML, line 11: no image"));
}

TEST_F(Exports, GoogleMerchantAsAtomInAnEncodingThatItDeclares) {
  const auto catalogue = ReadExport(
      "feed.xml",
      "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:g=\"http://base.google.com/ns/1.0\">\n"
      "<title>Shop</title><entry><id>tag:x</id><g:id>T1</g:id><title>\xB9\xED</title>\n"
      "<link href=\"https://shop.example/mug\"/>"
      "<g:image_link>https://shop.example/1.jpg</g:image_link></entry></feed>\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("T1"));
  EXPECT_THAT(catalogue->entries[0].metadata,
              ElementsAre(Pair("title", "ší"), Pair("link", "https://shop.example/mug")));
}

TEST_F(Exports, FeedsThatAreBroken) {
  EXPECT_THAT(ReadExport("f.xml", "<rss><item></rss>").error().message,
              HasSubstr("f.xml, line 1: mismatched tag"));
  EXPECT_THAT(ReadExport("f.xml", kRss.substr(0, 400)).error().message, HasSubstr("f.xml, line 7"));
  EXPECT_THAT(ReadExport("f.xml",
                         "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n"
                         "<rss><item><id>&b;</id></item></rss>")
                  .error()
                  .message,
              HasSubstr("document type"));
  EXPECT_THAT(ReadExport("f.xml", "<?xml version='1.0' encoding='utf-8'?>\n<rss>\xE9</rss>")
                  .error()
                  .message,
              HasSubstr("f.xml, line 2, column 6: the byte 0xE9 is not UTF-8"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_THAT(ReadExport("f.xml", deep).error().message, HasSubstr("nested too deeply"));
  EXPECT_THAT(ReadExport("f.xml", "<rss " + std::string(8 << 20, 'a')).error().message,
              HasSubstr("a tag is longer than 2 MiB"));
  EXPECT_THAT(ReadExport("f.xml", "<rss></rss>").error().message, HasSubstr("no column 'id'"));
  const std::string long_item =
      "<rss><item><id>a</id><image>1.jpg</image><x>" + std::string(2 << 20, 'x') + "</x></item>";
  std::string wide_item = "<item><id>b</id><image>1.jpg</image>";
  for (int i = 0; i < 5000; ++i) wide_item += "<x/>";
  const auto catalogue = ReadExport("f.xml", long_item + wide_item +
                                                 "</item><item><id>c</id><image>1.jpg</image>"
                                                 "</item></rss>");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Ids(*catalogue), ElementsAre("c"));
  EXPECT_THAT(Rejected(*catalogue),
              ElementsAre(HasSubstr("longer than 1 MiB"), HasSubstr("too many elements")));
}

// Our own columns count before those of a feed that stand beside them.
TEST_F(Exports, OurColumnsBesideThoseOfAFeed) {
  Touch("own.jpg");
  const auto catalogue =
      ReadExport("t.csv", "id,image,image_link\na,own.jpg,https://shop.example/1.jpg\n");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(Pictures(*catalogue, 0), ElementsAre("own.jpg"));
}

}  // namespace
}  // namespace inlier
