// Lists and figures of a whole catalogue at the gateway of a cluster.
#include <csignal>
#include <set>

#include "tests/server/cluster_shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

class ClusterLists : public ClusterShop {
 protected:
  void StartAll() {
    ServeShards();
    one_ = Serve("one");
    Write(Placement());
    StartGateway();
    ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  }
  /// The gateway says what one server says, byte for byte.
  void ExpectSame(const std::string& target) const {
    const auto expected = one_->Ask("GET", target), answer = server().Ask("GET", target);
    EXPECT_EQ(answer.status, expected.status) << target;
    EXPECT_EQ(answer.body, expected.body) << target;
    EXPECT_EQ(answer.Header("content-type"), expected.Header("content-type"));
  }
  static void Patch(const ServerProcess& process, const std::string& id, const std::string& body) {
    const auto patched = process.Ask("PATCH", "/v1/items/" + id, body,
                                     {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(patched.status, 200) << patched.body;
  }

  std::unique_ptr<ServerProcess> one_;
};

TEST_F(ClusterLists, PagesAreThoseOfOneServer) {
  StartAll();
  for (const char* parameters :
       {"", "?limit=1", "?limit=7", "?limit=39", "?limit=40", "?limit=1000",
        "?after=item-2&limit=3", "?after=item-9", "?after=zzz", "?id=-3&limit=4", "?id=nothing",
        "?where=of%3Da&limit=5", "?where=of%3Da%7Cb", "?where=of%3Dnobody",
        "?where=of%3Da&where=of%3Db", "?where=of%3Db&id=1&after=item-1&limit=2"})
    ExpectSame(std::string("/v1/items") + parameters);
  std::set<std::string> seen;
  std::string after;
  int pages = 0;
  for (;; ++pages) {
    const Json page = Parsed(server().Ask("GET", "/v1/items?limit=6&after=" + after));
    for (const Json& item : page["items"])
      EXPECT_TRUE(seen.insert(item["id"].get<std::string>()).second);
    if (page["next"].is_null()) break;
    after = page["next"].get<std::string>();
  }
  EXPECT_EQ(seen.size(), kItems);
  EXPECT_EQ(pages, kItems / 6);
}

TEST_F(ClusterLists, WhatIsWrongIsSaidAsByOneServer) {
  StartAll();
  for (const char* parameters :
       {"?limit=0", "?limit=1001", "?limit=many", "?page=2", "?where=of", "?where=%3Da",
        "?where=of%3D..", "?where=of%3Da*b", "?where=colour%3Dred", "?where=off%3Da",
        "?where=of%3Da&where=colour%3Dred", "?where=colour%3Dred&where=of%3D..",
        "?where=of%3D9..1"})
    ExpectSame(std::string("/v1/items") + parameters);
  ExpectProblem(server().Ask("GET", "/v1/items?where=colour%3Dred"), 400, "invalid_argument");
}

TEST_F(ClusterLists, AColumnOfOneShardIsAColumnOfTheCatalogue) {
  StartAll();
  // Item 3 is in shard 0 (3 * 5 % 3), item 7 in shard 2.
  for (const auto& [id, shard, body] :
       std::vector<std::tuple<std::string, std::size_t, std::string>>{
           {"item-3", 0, R"({"metadata":{"rare":"yes"}})"},
           {"item-7", 2, R"({"metadata":{"other":"5"}})"}}) {
    Patch(*one_, id, body);
    Patch(*shards_[shard], id, body);
  }
  ExpectSame("/v1/items?where=rare%3Dyes");
  ExpectSame("/v1/items?where=rare%3Dno");
  ExpectSame("/v1/items?where=rare%3Dyes&where=of%3Db");
  ExpectSame("/v1/items?where=rare%3Dyes&where=other%3D5");  // no shard has both
  ExpectSame("/v1/items?where=colour%3Dred");                // and names the columns of all shards
  ExpectSame("/v1/items?where=rare%3Dyes&where=colour%3Dred");
  ExpectSame("/v1/items?where=rare%3D..");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/items?where=other%3D1..9"))["items"].size(), 1u);
}

TEST_F(ClusterLists, AnItemThatMovesIsShownOnce) {
  StartAll();
  const std::string body = MultipartBody({FilePart("picture", "p.jpg", PictureBytes(77))});
  for (const std::size_t shard : {2u, 1u})
    EXPECT_EQ(
        shards_[shard]->Ask("PUT", "/v1/items/item-15", body, {kMultipartHeader}).status / 100, 2);
  const Json page = Parsed(server().Ask("GET", "/v1/items"));
  EXPECT_EQ(page["items"].size(), kItems);
  const Json cut = Parsed(server().Ask("GET", "/v1/items?after=item-14&limit=2"));
  EXPECT_EQ(cut["items"][0]["id"], "item-15");
  EXPECT_EQ(cut["items"][1]["id"], "item-16");
  EXPECT_EQ(cut["next"], "item-16");
  // The same that is shown when it is asked for alone.
  EXPECT_EQ(cut["items"][0]["version"],
            Parsed(server().Ask("GET", "/v1/items/item-15"))["version"]);
}

TEST_F(ClusterLists, FiguresAreThoseOfAllShards) {
  StartAll();
  const Json one = Parsed(one_->Ask("GET", "/v1/stats")),
             all = Parsed(server().Ask("GET", "/v1/stats"));
  for (const char* name : {"items", "pictures", "faces", "features", "items_without_features",
                           "method", "cells", "code_bits", "postings", "removed_postings"})
    EXPECT_EQ(all[name], one[name]) << name;
  for (const char* name : {"segments", "index_bytes", "disk_bytes"}) {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_)
      sum += Parsed(shard->Ask("GET", "/v1/stats"))[name].get<std::uint64_t>();
    EXPECT_EQ(all[name], sum) << name;
  }
  EXPECT_EQ(all["last_change"], 7);  // as of the answers to photos
  EXPECT_EQ(all["generation"], 0);
  EXPECT_EQ(all["covered_change"], 0);
}

TEST_F(ClusterLists, WithoutAShardThereIsNoList) {
  StartAll();
  ExpectProblem(server().Ask("GET", "/v1/snapshots"), 501, "not_offered");
  shards_[1]->Signal(SIGKILL);
  EXPECT_EQ(shards_[1]->Wait(), 128 + SIGKILL);
  for (const char* target : {"/v1/items", "/v1/items?where=colour%3Dred", "/v1/stats"})
    ExpectProblem(server().Ask("GET", target), 503, "unavailable");
  EXPECT_THAT(server().Log(), HasSubstr("shard 1"));
}

}  // namespace
}  // namespace inlier::test
