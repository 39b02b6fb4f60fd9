// What a gateway makes of the pages and figures of its shards.
#include "wire/merged.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wire/writer.h"

namespace inlier::wire {
namespace {

using Json = nlohmann::ordered_json;

// A page with items of these ids, each of which says where it is from.
std::string Page(const std::vector<std::string>& ids, const char* from, Json next = nullptr) {
  Json items = Json::array();
  for (const std::string& id : ids) items.push_back({{"id", id}, {"from", from}});
  return Json{{"items", items}, {"next", next}}.dump();
}

std::string Merged(std::size_t limit, const std::vector<std::string>& pages) {
  MergedPage merged(limit);
  for (const std::string& page : pages) EXPECT_TRUE(merged.Add(page)) << page;
  const Json json = Json::parse(merged.Text());
  std::string told;
  for (const Json& item : json["items"])
    told += item["id"].get<std::string>() + item["from"].get<std::string>() + ' ';
  return told + "next " + json["next"].dump();
}

TEST(MergedPage, HasTheOrderOfBytesAndIsCut) {
  EXPECT_EQ(Merged(9, {Page({"b", "é"}, "1"), Page({"B", "a", "z"}, "2"), Page({}, "3")}),
            "B2 a2 b1 z2 é1 next null");
  EXPECT_EQ(Merged(2, {Page({"b", "d"}, "1"), Page({"a", "c"}, "2")}), "a2 b1 next \"b\"");
  EXPECT_EQ(Merged(4, {Page({"b", "d"}, "1"), Page({"a", "c"}, "2")}), "a2 b1 c2 d1 next null");
  EXPECT_EQ(Merged(2, {Page({"a", "b"}, "1", "b"), Page({"c", "d"}, "2")}), "a1 b1 next \"b\"");
  EXPECT_EQ(Merged(2, {Page({"a", "b"}, "1", "b"), Page({}, "2")}), "a1 b1 next \"b\"");
  EXPECT_EQ(Merged(2, {}), "next null");
}

TEST(MergedPage, ShowsAnItemOfTwoPartsOnce) {
  EXPECT_EQ(Merged(3, {Page({"a", "b"}, "1"), Page({"a", "b", "c"}, "2")}), "a1 b1 c2 next null");
  EXPECT_EQ(Merged(2, {Page({"a", "b"}, "1"), Page({"a", "b"}, "2", "b")}), "a1 b1 next \"b\"");
}

// Items that were removed while the page was made leave it short.
TEST(MergedPage, PassesNothingOverThatAPartHasNotShownYet) {
  EXPECT_EQ(Merged(3, {Page({"a", "c", "z"}, "1"), Page({"b"}, "2", "b")}), "a1 b2 next \"b\"");
  EXPECT_EQ(Merged(3, {Page({"b"}, "2", "b"), Page({"a", "c", "z"}, "1")}), "a1 b2 next \"b\"");
}

TEST(MergedPage, RefusesWhatIsNoPage) {
  for (const char* text :
       {"", "[]", "{}", R"({"items":3})", R"({"items":[3]})", R"({"items":[{"id":3}]})"}) {
    MergedPage merged(3);
    const Status added = merged.Add(text);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().code, ErrorCode::kCorrupt);
  }
}

TEST(MergedStats, AreSumsAndWhatAllShare) {
  CollectionStats part;
  std::uint64_t next = 0;
  for (std::uint64_t* figure :
       {&part.items, &part.items_without_features, &part.pictures, &part.faces, &part.features,
        &part.removed, &part.cells, &part.code_bits, &part.postings, &part.segments,
        &part.embeddings, &part.index_bytes, &part.mapped_bytes, &part.disk_bytes,
        &part.last_change, &part.covered_change, &part.generation})
    *figure = ++next;
  CollectionStats total;
  ASSERT_TRUE(AddStats(StatsLine(part, {}), total));
  ASSERT_TRUE(AddStats(StatsLine(part, {}), total));
  const Json one = Json::parse(StatsLine(part, {})), both = Json::parse(StatsLine(total, {}));
  const std::map<std::string, int> other_times = {
      {"cells", 1}, {"code_bits", 1}, {"last_change", 0}, {"covered_change", 0}, {"generation", 0}};
  for (const auto& [name, value] : one.items()) {
    if (!value.is_number()) continue;
    const auto times = other_times.find(name);
    EXPECT_EQ(both[name].get<std::uint64_t>(),
              value.get<std::uint64_t>() *
                  static_cast<std::uint64_t>(times == other_times.end() ? 2 : times->second))
        << name;
  }
  for (const char* text : {"", "[]", "{}"}) EXPECT_FALSE(AddStats(text, total));
}

}  // namespace
}  // namespace inlier::wire
