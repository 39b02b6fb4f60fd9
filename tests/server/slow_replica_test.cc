// A gateway whose shards have several servers, of which some are slow.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <regex>

#include "tests/server/cluster_shop.h"
#include "tests/server/slow_proxy.h"

namespace inlier::test {
namespace {

using std::chrono::steady_clock;

constexpr double kQuick_s = 5;  // on a busy machine; a server that hangs would cost 10 s

class SlowReplicaTest : public ClusterShop {
 protected:
  // A second server for each shard.
  void ServeReplicas() {
    for (unsigned i = 0; i < kShards; ++i)
      replicas_.push_back(Serve("shard-" + std::to_string(i), {"--read-only"}));
  }
  double LevelOf(const std::string& name) const {
    const std::string text = server().Ask("GET", "/metrics").body;
    std::smatch found;
    const std::regex line("inlier_level\\{of=\"" + name + "\"\\} ([0-9.e+]+)");
    return std::regex_search(text, found, line) ? std::stod(found[1]) : -1;
  }
  // Asks for photos and compares the answers with those of the one server; how long the slowest
  // took.
  double AskAll(int times) {
    double slowest_s = 0;
    for (int i = 0; i < times; ++i) {
      const auto seed = static_cast<unsigned>(i * 7 % 45);
      const auto began = steady_clock::now();
      const HttpAnswer answer = Query(PhotoBytes(seed), "?all=true&explain=true");
      slowest_s =
          std::max(slowest_s, std::chrono::duration<double>(steady_clock::now() - began).count());
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(Told(answer), Expected(seed));
    }
    return slowest_s;
  }
  const Json& Expected(unsigned seed) {
    if (!expected_.contains(seed)) {
      expected_[seed] = Told(one_->Ask("POST", "/v1/query?all=true&explain=true", PhotoBytes(seed),
                                       {"Content-Type: image/jpeg"}));
    }
    return expected_[seed];
  }

  std::vector<std::unique_ptr<ServerProcess>> replicas_;
  std::unique_ptr<ServerProcess> one_;
  std::map<unsigned, Json> expected_;
};

TEST_F(SlowReplicaTest, AServerThatHangsDoesNotMakeAQuerySlow) {
  ServeShards();
  ServeReplicas();
  one_ = Serve("one");
  Json placement = Placement();
  for (unsigned i = 0; i < kShards; ++i)
    placement["shards"][i]["replicas"].push_back({{"url", Url(replicas_[i]->port())}});
  Write(placement);
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  AskAll(40);
  shards_[0]->Signal(SIGSTOP);
  EXPECT_LT(AskAll(40), kQuick_s);
  EXPECT_GT(LevelOf("shard_hedges"), 0);
  EXPECT_LE(LevelOf("shard_hedges"), 0.05 * LevelOf("shard_requests"));
  shards_[0]->Signal(SIGCONT);
  replicas_[0]->Signal(SIGKILL);
  EXPECT_LT(AskAll(10), kQuick_s);
}

TEST_F(SlowReplicaTest, WhenAllAreSlowFewAreAskedTwice) {
  ServeShards();
  one_ = Serve("one");
  std::vector<std::unique_ptr<SlowProxy>> proxies;
  Json placement = Placement();
  for (unsigned i = 0; i < kShards; ++i) {
    placement["shards"][i]["replicas"] = Json::array();
    for (int k = 0; k < 2; ++k) {
      proxies.push_back(std::make_unique<SlowProxy>(shards_[i]->port()));
      placement["shards"][i]["replicas"].push_back({{"url", Url(proxies.back()->port())}});
    }
  }
  Write(placement);
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  AskAll(30);
  for (const auto& proxy : proxies) proxy->delay_ms = 150;
  AskAll(6);
  EXPECT_GT(LevelOf("shard_hedges"), 0);
  EXPECT_LE(LevelOf("shard_hedges"), 0.05 * LevelOf("shard_requests"));
}

TEST_F(SlowReplicaTest, NobodyWorksOnAQueryWhoseDeadlineHasPassed) {
  ServeShards();
  Write(Placement());
  StartGateway();
  ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  const auto ask = [](const ServerProcess& whom, const std::string& target,
                      const std::string& deadline) {
    return whom.Ask("POST", target, target == "/v1/query" ? PhotoBytes(7) : "x",
                    {"Content-Type: image/jpeg", "Inlier-Deadline-Ms: " + deadline});
  };
  ExpectProblem(ask(*shards_[0], "/v1/shard", "0"), 503, "answer_timeout");
  EXPECT_EQ(ask(*shards_[0], "/v1/shard", "20000").status, 200);
  EXPECT_EQ(ask(*shards_[0], "/v1/shard", "soon").status, 200) << "not understood, so not there";
  shards_[0]->Signal(SIGSTOP);
  const auto began = steady_clock::now();
  ExpectProblem(ask(server(), "/v1/query", "300"), 503, "answer_timeout");
  EXPECT_LT(std::chrono::duration<double>(steady_clock::now() - began).count(), kQuick_s);
  // No worker of the gateway hangs on.
  const auto is_idle = [](const HttpAnswer& answer) {
    return answer.body.find("of=\"queries_running\"} 0") != std::string::npos;
  };
  EXPECT_TRUE(is_idle(server().AskUntil("/metrics", is_idle)));
  shards_[0]->Signal(SIGCONT);
  EXPECT_EQ(ask(server(), "/v1/query", "20000").status, 200);
}

}  // namespace
}  // namespace inlier::test
