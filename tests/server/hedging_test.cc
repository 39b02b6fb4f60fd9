// When a second server is asked, and which is asked first.
#include "server/hedging.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/replica_order.h"

namespace inlier::server {
namespace {

using std::chrono::microseconds;

TEST(Hedging, WaitsForThe95thPercentileOfTheRecentTimesOfTheRound) {
  Hedging hedging;
  std::mt19937 random(5);
  std::lognormal_distribution<double> times_us(10.5, 0.7);
  std::vector<microseconds> recorded;
  EXPECT_EQ(hedging.Delay(3), Hedging::kAtFirst);
  for (int i = 0; i < 2'000; ++i) {
    recorded.emplace_back(static_cast<std::int64_t>(times_us(random)));
    hedging.Record(3, recorded.back());
    if (recorded.size() < Hedging::kLeast) {
      ASSERT_EQ(hedging.Delay(3), Hedging::kAtFirst);
      continue;
    }
    if (recorded.size() % 16 != 0) continue;
    const std::size_t kept = std::min(recorded.size(), Hedging::kRecent);
    std::vector<microseconds> recent(recorded.end() - static_cast<std::ptrdiff_t>(kept),
                                     recorded.end());
    std::ranges::sort(recent);
    ASSERT_EQ(hedging.Delay(3), std::max(recent[kept * 95 / 100], Hedging::kFloor));
  }
  EXPECT_EQ(hedging.Delay(4), Hedging::kAtFirst) << "another round has times of its own";
}

TEST(Hedging, NeverWaitsLessThanItsFloor) {
  Hedging hedging;
  for (int i = 0; i < 100; ++i) hedging.Record(0, microseconds(50));
  EXPECT_EQ(hedging.Delay(0), Hedging::kFloor);
}

TEST(Hedging, IsAtMostATwentiethOfAllRequestsAtAnyTime) {
  Hedging hedging;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 3 == 0) hedging.CountRequests(random() % 5);
    if (random() % 2 == 0) hedging.Take();
    const auto [requests, hedged] = hedging.counts();
    ASSERT_LE(hedged * Hedging::kRequestsForOne, requests);
  }
  EXPECT_GT(hedging.counts().hedged * (Hedging::kRequestsForOne + 1), hedging.counts().requests);
  // A long calm does not save up more than a few.
  while (hedging.Take()) continue;
  hedging.CountRequests(1'000'000);
  std::uint64_t at_once = 0;
  while (hedging.Take()) ++at_once;
  EXPECT_EQ(at_once, Hedging::kBurst);
}

class ReplicaOrderTest : public testing::Test {
 protected:
  std::string First(std::uint64_t affinity) const {
    return order_.Of(0, replicas_, affinity).front().port;
  }
  const ReplicaOrder::Replicas replicas_{
      {.host = "h", .port = "0"}, {.host = "h", .port = "1"}, {.host = "h", .port = "2"}};
  ReplicaOrder order_;
};

TEST_F(ReplicaOrderTest, QueriesAreSpreadAndStayWithWhoeverHasAnsweredThem) {
  EXPECT_EQ(First(3), "0");
  EXPECT_EQ(First(4), "1");
  order_.Answered(0, replicas_, "h:0", 4);
  EXPECT_EQ(First(4), "0");
  EXPECT_EQ(First(7), "1") << "another query";
  EXPECT_EQ(order_.Of(1, replicas_, 4).front().port, "1") << "another shard";
  order_.Answered(0, replicas_, "h:1", 4);
  EXPECT_EQ(First(4), "1");
}

TEST_F(ReplicaOrderTest, WhoHasFailedComesLastUntilItAnswers) {
  order_.Failed("h:1");
  EXPECT_EQ(First(4), "2");
  EXPECT_EQ(order_.Of(0, replicas_, 4).back().port, "1");
  order_.Answered(0, replicas_, "h:1", 0);
  EXPECT_EQ(First(4), "1");
}

TEST_F(ReplicaOrderTest, WhoIsSlowOnceIsForgiven) {
  order_.Overtaken("h:1");
  EXPECT_EQ(First(4), "1");
  order_.Answered(0, replicas_, "h:1", 4);
  order_.Overtaken("h:1");
  EXPECT_EQ(First(4), "1");
  order_.Overtaken("h:1");
  EXPECT_EQ(First(4), "2");
}

}  // namespace
}  // namespace inlier::server
