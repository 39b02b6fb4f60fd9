// Twins in different shards, which a gateway finds and is given in a file.
#include <chrono>
#include <set>
#include <thread>

#include "tests/server/cluster_shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

class ClusterTwins : public ClusterShop {
 protected:
  void SetUp() override {
    ClusterShop::SetUp();
    ServeShards();
    // Of item-7, which is in the last shard, another encoding in the first.
    const auto put =
        shards_[0]->Ask("PUT", "/v1/items/reprint", PictureBytes(7), {"Content-Type: image/jpeg"});
    ASSERT_EQ(put.status, 201) << put.body;
    Write(Placement());
    StartGateway();
    ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  }
  // All slices of a shard, as lines of a file.
  std::set<std::string> Find(unsigned shard, int limit) {
    std::set<std::string> pairs;
    Json next = 0;
    while (next.is_number()) {
      const auto answer =
          server().Ask("GET", "/v1/cluster/twins?shard=" + std::to_string(shard) +
                                  "&begin=" + next.dump() + "&limit=" + std::to_string(limit));
      EXPECT_EQ(answer.status, 200) << answer.body;
      const Json found = Parsed(answer);
      for (const Json& pair : found["pairs"]) pairs.insert(pair.dump());
      next = found["next"];
    }
    return pairs;
  }
  Json TwinsOfBest() const {
    const Json answer = Parsed(Query(PhotoBytes(7)));
    Json ids = answer["hits"][0].value("twins", Json::array());
    ids.push_back(answer["hits"][0]["id"]);
    return ids;
  }
};

TEST_F(ClusterTwins, AreFoundSliceBySliceAndNamed) {
  const auto pairs = Find(0, 1000);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(Find(2, 4), pairs);
  EXPECT_TRUE(Find(1, 1000).empty());
  EXPECT_EQ(TwinsOfBest().size(), 1u) << "nobody has told it";
  WriteBytes(folder_ / "twins-1.jsonl", *pairs.begin() + "\n");
  Json placement = Placement();
  placement["twins"] = "twins-1.jsonl";
  Write(placement);
  for (int i = 0; i < 100 && TwinsOfBest().size() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const Json ids = TwinsOfBest();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()),
            (std::set<std::string>{"item-7", "reprint"}));
  placement.erase("twins");
  Write(placement);
  for (int i = 0; i < 100 && TwinsOfBest().size() > 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(TwinsOfBest().size(), 1u);
}

TEST_F(ClusterTwins, AFileThatCannotBeReadIsSaidAndTheOldOneStays) {
  WriteBytes(folder_ / "twins-1.jsonl", *Find(0, 1000).begin() + "\n");
  Json placement = Placement();
  placement["twins"] = "twins-1.jsonl";
  Write(placement);
  for (int i = 0; i < 100 && TwinsOfBest().size() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  WriteBytes(folder_ / "twins-2.jsonl", "{\"first\": 1}\n");
  placement["twins"] = "twins-2.jsonl";
  Write(placement);
  for (int i = 0; i < 100 && server().Log().find("line 1") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(server().Log(), HasSubstr("line 1 is no pair"));
  EXPECT_EQ(TwinsOfBest().size(), 2u);
  EXPECT_TRUE(server().WaitUntilReady());
}

TEST_F(ClusterTwins, WhatCannotBeAskedIsRefused) {
  ExpectProblem(server().Ask("GET", "/v1/cluster/twins?shard=3"), 400, "invalid_argument");
  ExpectProblem(server().Ask("GET", "/v1/cluster/twins?shard=x"), 400, "invalid_argument");
  ExpectProblem(server().Ask("GET", "/v1/cluster/twins?limit=0"), 400, "invalid_argument");
  ExpectProblem(server().Ask("GET", "/v1/cluster/twins?items=3"), 400, "invalid_argument");
  ExpectProblem(shards_[0]->Ask("GET", "/v1/cluster/twins"), 404, "no_cluster");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/cluster/twins?begin=1000000"))["next"], nullptr);
}

}  // namespace
}  // namespace inlier::test
