// The gateway of a cluster, with servers of shards as they run.
#include "server/cluster.h"

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/server/cluster_shop.h"
#include "wire/placement.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;
using testing::Not;

using ClusterTest = ClusterShop;

TEST_F(ClusterTest, AGatewayAnswersAsOneServer) {
  ServeShards();
  const auto one = Serve("one");
  Write(Placement());
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  for (const unsigned seed : {0u, 7u, 39u, 99u}) {
    const std::string photo = PhotoBytes(seed);
    for (const char* parameters : {"?all=true", "?all=true&explain=true&where=of%3Da"}) {
      const auto expected = one->Ask("POST", std::string("/v1/query") + parameters, photo,
                                     {"Content-Type: image/jpeg"});
      const auto answer = Query(photo, parameters);
      ASSERT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(Told(answer), Told(expected));
      EXPECT_EQ(Parsed(answer)["coverage"]["answered"], kShards);
      EXPECT_EQ(Parsed(answer)["last_change"], 7);
    }
  }
  EXPECT_EQ(Parsed(Query(PhotoBytes(7)))["hits"][0]["id"], "item-7");
  const auto unknown = Query(PhotoBytes(7), "?where=colour%3Dred");
  ExpectProblem(unknown, 400, "invalid_argument");
  EXPECT_EQ(Told(unknown), Told(one->Ask("POST", "/v1/query?where=colour%3Dred", PhotoBytes(7),
                                         {"Content-Type: image/jpeg"})));
  EXPECT_EQ(Query(PhotoBytes(7), "?at_least=7").status, 200);
  ExpectProblem(Query(PhotoBytes(7), "?at_least=x"), 400, "invalid_argument");
  const Json cluster = Parsed(server().Ask("GET", "/v1/cluster"));
  EXPECT_EQ(cluster["ready"], true);
  EXPECT_EQ(cluster["shards"].size(), kShards);
  EXPECT_THAT(server().Ask("GET", "/metrics").body,
              HasSubstr("inlier_level{of=\"shards_served\"} 3"));
  ExpectProblem(server().Ask("POST", "/v1/shard", "x", {"Content-Type: application/octet-stream"}),
                404, "no_shard");
  ExpectProblem(server().Ask("GET", "/v1/snapshots"), 501, "not_offered");
}

TEST_F(ClusterTest, ItemsAreAskedOfTheirShardsAndChangesGoToTheWriter) {
  ServeShards();
  Json placement = Placement();
  Write(placement);
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  for (const char* id : {"item-0", "item-1", "item-2"}) {
    const auto item = server().Ask("GET", std::string("/v1/items/") + id);
    EXPECT_EQ(item.status, 200);
    EXPECT_EQ(Parsed(item)["id"], id);
    EXPECT_NE(item.Header("etag"), "");
  }
  EXPECT_THAT(server().Ask("GET", "/v1/items/item-1/pictures/0/preview").Header("content-type"),
              HasSubstr("image/jpeg"));
  ExpectProblem(server().Ask("GET", "/v1/items/nobody"), 404, "not_found");
  const std::string body = MultipartBody({FilePart("picture", "p.jpg", PictureBytes(77))});
  ExpectProblem(server().Ask("PUT", "/v1/items/new", body, {kMultipartHeader}), 503, "unavailable");
  // Any server takes changes; that of a cluster writes them down first.
  placement["writer"] = Url(shards_[1]->port());
  Write(placement);
  HttpAnswer put;
  for (int i = 0; i < 100 && put.status != 201; ++i) {
    put = server().Ask("PUT", "/v1/items/new", body, {kMultipartHeader});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(Parsed(Query(PhotoBytes(77)))["hits"][0]["id"], "new");
  EXPECT_EQ(server().Ask("DELETE", "/v1/items/new").status, 204);
  EXPECT_EQ(Parsed(Query(PhotoBytes(77)))["status"], "not_in_catalogue");
}

TEST_F(ClusterTest, AServerThatIsGoneIsPassedOverOrSaid) {
  ServeShards();
  Json placement = Placement();
  // The second server of the shard is not there.
  placement["shards"][2]["replicas"].push_back({{"url", "http://127.0.0.1:1"}, {"epoch", 0}});
  Write(placement);
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Query(PhotoBytes(7)).status, 200);
  shards_[2]->Signal(SIGKILL);
  EXPECT_EQ(shards_[2]->Wait(), 128 + SIGKILL);
  ExpectProblem(Query(PhotoBytes(7)), 503, "unavailable");
  const Json partial = Parsed(Query(PhotoBytes(99), "?partial=true"));
  EXPECT_EQ(partial["coverage"]["answered"], 2);
  EXPECT_EQ(partial["coverage"]["shards"], 3);
  EXPECT_EQ(partial["status"], "unknown");
  // It comes back at another port.
  shards_[2] = Serve("shard-2");
  Write(Placement());
  const auto answered = [&] {
    const auto answer = Query(PhotoBytes(7));
    return answer.status == 200;
  };
  for (int i = 0; i < 100 && !answered(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(answered());
}

TEST_F(ClusterTest, AServerOfAnotherPlacementIsNotAsked) {
  ServeShards({"--shard-epoch", "4"});
  Write(Placement(3));
  StartGateway();
  const auto refused = shards_[0]->Ask(
      "POST", "/v1/shard", "x", {"Content-Type: application/octet-stream", "Inlier-Epoch: 3"});
  ExpectProblem(refused, 409, "other_epoch");
  EXPECT_EQ(Query(PhotoBytes(7)).status, 503);
  Write(Placement(4));
  EXPECT_TRUE(server().WaitUntilReady()) << server().Log();
  EXPECT_EQ(Query(PhotoBytes(7)).status, 200);
}

TEST_F(ClusterTest, AGatewayWhoseTableStopsToBeatIsFenced) {
  ServeShards();
  Json placement = Placement();
  placement["beat"] = 1;
  Write(placement);
  server::Cluster cluster({.file = folder_ / "placement",
                           .limits = {},
                           .poll = std::chrono::milliseconds(10),
                           .fence = std::chrono::milliseconds(500),
                           .notice = {}});
  ASSERT_TRUE(cluster.Start());
  const auto becomes = [&cluster](const std::string& state) {
    for (int i = 0; i < 1000 && cluster.NotReady() != state; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return cluster.NotReady() == state;
  };
  EXPECT_TRUE(becomes(""));
  EXPECT_TRUE(becomes("fenced"));
  const ShardTransport::Message message{.shard = 0, .request = "x"};
  EXPECT_EQ(cluster.Ask({&message, 1}).front().error().code, ErrorCode::kUnavailable);
  for (const auto& reply : cluster.AskShards({.method = "GET", .target = "/v1/items/item-0"}))
    EXPECT_FALSE(reply) << "what a shard says may be out of date";
  placement["beat"] = 2;
  Write(placement);
  EXPECT_TRUE(becomes(""));
  // A table of another collection is not taken, and so does not beat either.
  placement["beat"] = 3;
  placement["shards"].push_back({{"shard", kShards}, {"replicas", Json::array()}});
  Write(placement);
  EXPECT_TRUE(becomes("fenced"));
  EXPECT_EQ(cluster.shards(), kShards);
}

TEST_F(ClusterTest, MetricsSayHowEachShardIs) {
  ServeShards();
  Json placement = Placement();
  placement["collection_version"] = 12;
  placement["shards"][1]["replicas"].push_back(
      {{"url", "http://127.0.0.1:1"}, {"epoch", 0}, {"applied", 5}});
  placement["shards"][2]["replicas"] = Json::array();
  Write(placement);
  StartGateway();
  const auto text = server().AskUntil("/metrics", [](const HttpAnswer& answer) {
    return answer.body.find("inlier_shard_items") != std::string::npos;
  });
  for (const char* line :
       {"inlier_collection_version 12", "inlier_shard_replicas{shard=\"0\"} 1",
        "inlier_shard_replicas{shard=\"1\"} 2", "inlier_shard_replicas{shard=\"2\"} 0",
        "inlier_shard_applied_change{shard=\"0\"} 7", "inlier_shard_applied_change{shard=\"1\"} 5",
        "inlier_shard_items{shard=\"2\"} 13", "# TYPE inlier_shard_replicas gauge",
        "# HELP inlier_shard_items Items of a shard", "inlier_level{of=\"shards_served\"} 2"})
    EXPECT_THAT(text.body, HasSubstr(std::string(line) + '\n'));
  EXPECT_THAT(text.body, Not(HasSubstr("inlier_shard_applied_change{shard=\"2\"}")))
      << "nobody has applied anything";
  EXPECT_THAT(shards_[0]->Ask("GET", "/metrics").body, Not(HasSubstr("inlier_shard_")));
}

TEST(ClusterOptions, AGatewayHasNoDatabaseAndWantsATableThatMakesSense) {
  const TempFolder folder;
  WriteBytes(folder / "placement", "{}");
  ServerProcess both(folder / "db", {"--cluster", (folder / "placement").string()});
  EXPECT_EQ(both.Wait(), 2);
  ServerProcess bad("", {"--cluster", (folder / "placement").string()});
  EXPECT_NE(bad.Wait(), 0);
  EXPECT_THAT(bad.Errors(), HasSubstr("the table of shards"));
  ServerProcess missing("", {"--cluster", (folder / "nowhere").string()});
  EXPECT_EQ(missing.Wait(), 1);
}

TEST(Placement, IsReadOrRefusedWithItsReason) {
  const auto read = wire::ReadPlacement(
      R"({"version":1,"beat":3,"collection_version":9,"writer":"http://w:1","key":"k","shards":[
          {"shard":1,"items":5,"replicas":[]},
          {"shard":0,"items":4,"replicas":[{"url":"http://[::1]:80/","epoch":2,"applied":8}]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->beat, 3u);
  EXPECT_EQ(read->shards[1].items, 5u);
  EXPECT_EQ(read->shards[0].replicas[0].host, "::1");
  EXPECT_EQ(read->shards[0].replicas[0].port, "80");
  EXPECT_EQ(read->writer->host, "w");
  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "no object"},
           {"[]", "no object"},
           {R"({"version":2,"shards":[]})", "version 1"},
           {R"({"version":1})", "no shards"},
           {R"({"version":1,"shards":[]})", "no shards"},
           {R"({"version":1,"shards":[{"shard":1,"replicas":[]}]})", "without gaps"},
           {R"({"version":1,"shards":[{"shard":0,"replicas":[]},{"shard":0,"replicas":[]}]})",
            "without gaps"},
           {R"({"version":1,"shards":[{"shard":0}]})", "without replicas"},
           {R"({"version":1,"shards":[{"shard":0,"replicas":[{}]}]})", "without a url"},
           {R"({"version":1,"shards":[{"shard":0,"replicas":[{"url":"https://a:1"}]}]})",
            "http://HOST:PORT"},
           {R"({"version":1,"shards":[{"shard":0,"replicas":[{"url":"http://a:x"}]}]})",
            "no port"}}) {
    const auto refused = wire::ReadPlacement(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr(reason)) << text;
  }
}

}  // namespace
}  // namespace inlier::test
