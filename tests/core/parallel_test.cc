#include "core/parallel.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace inlier {
namespace {

TEST(ParallelFor, EveryIndexOnceForAnyNumberOfThreads) {
  for (const int threads : {-1, 0, 1, 2, 7, 64}) {
    for (const std::size_t n :
         {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
      std::vector<std::atomic<int>> visits(n);
      ParallelFor(n, threads, [&](std::size_t i) { ++visits[i]; });
      for (const auto& count : visits) EXPECT_EQ(count, 1) << threads << " threads, n " << n;
    }
  }
}

TEST(ParallelFor, OneThreadIsTheCallerInOrder) {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  ParallelFor(4, 1, [&](std::size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(ParallelFor, AnExceptionArrivesAtTheCallerAndSkipsTheRest) {
  for (const int threads : {1, 4}) {
    std::atomic<int> calls = 0;
    EXPECT_THROW(ParallelFor(100'000, threads,
                             [&](std::size_t i) {
                               ++calls;
                               if (i == 3) throw std::runtime_error("no");
                               // A thread that is not given the processor throws late, so the
                               // others must not be through with everything by then.
                               if (i > 3)
                                 std::this_thread::sleep_for(std::chrono::microseconds(50));
                             }),
                 std::runtime_error);
    EXPECT_LT(calls, 100'000);
  }
}

TEST(ParallelFor, MayBeNested) {
  std::atomic<int> sum = 0;
  ParallelFor(8, 3, [&](std::size_t) { ParallelFor(10, 2, [&](std::size_t) { ++sum; }); });
  EXPECT_EQ(sum, 80);
}

TEST(HardwareThreads, AtLeastOne) { EXPECT_GE(HardwareThreads(), 1); }

}  // namespace
}  // namespace inlier
