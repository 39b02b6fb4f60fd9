// The parts of the server that need no connection: the pool of workers, jobs, and JSON that is
// read.
#include <atomic>
#include <functional>
#include <future>
#include <new>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/jobs.h"
#include "server/work_pool.h"
#include "wire/reader.h"

namespace inlier::server {
namespace {

using std::chrono::milliseconds;

// Work of which nobody is told.
WorkPool::Work Work(std::function<void()> work) {
  return [work = std::move(work)](double) {
    work();
    return nullptr;
  };
}

TEST(WorkPool, RefusesWhatItCannotDoSoon) {
  std::promise<void> go;
  const auto wait = go.get_future().share();
  WorkPool pool(1, 1, milliseconds(60'000));
  std::promise<void> started;
  std::atomic<int> done = 0;
  ASSERT_TRUE(pool.Submit(Work([&] { started.set_value(), wait.wait(), ++done; }), [] {}));
  started.get_future().wait();
  EXPECT_FALSE(pool.Full());
  ASSERT_TRUE(pool.Submit(Work([&] { ++done; }), [] {}));
  EXPECT_TRUE(pool.Full());
  EXPECT_FALSE(pool.Submit(Work([&] { ++done; }), [] {}));
  pool.Continue(Work([&] { ++done; }));  // was accepted before
  EXPECT_FALSE(pool.Drain(WorkPool::Clock::now() + milliseconds(1)));
  go.set_value();
  EXPECT_TRUE(pool.Drain(WorkPool::Clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(done, 3);
}

TEST(WorkPool, WhatHasWaitedTooLongExpires) {
  std::promise<void> go, started;
  WorkPool pool(1, 4, milliseconds(1));
  pool.Continue(Work([&] { started.set_value(), go.get_future().wait(); }));
  started.get_future().wait();
  std::atomic<int> worked = 0, expired = 0;
  ASSERT_TRUE(pool.Submit(Work([&] { ++worked; }), [&] { ++expired; }));
  const auto late = WorkPool::Clock::now() + milliseconds(5);
  EXPECT_FALSE(pool.Drain(late));
  go.set_value();
  EXPECT_TRUE(pool.Drain(WorkPool::Clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(worked, 0);
  EXPECT_EQ(expired, 1);
  EXPECT_FALSE(pool.Full());  // a worker is free, so that nothing would wait
}

TEST(WorkPool, WhatCannotBeToldHasFailed) {
  WorkPool pool(1, 4, milliseconds(60'000));
  std::atomic<int> failed = 0;
  ASSERT_TRUE(
      pool.Submit([](double) -> WorkPool::Completion { return [] { throw std::bad_alloc(); }; },
                  [] {}, [&] { ++failed; }));
  EXPECT_TRUE(pool.Drain(WorkPool::Clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(failed, 1);
}

TEST(WorkPool, AWorkerIsFreeForWhoHearsOfItsWork) {
  WorkPool pool(1, 4, milliseconds(1));
  std::promise<void> told, go;
  ASSERT_FALSE(pool.Full());
  pool.Continue([&](double) -> WorkPool::Completion {  // it never expires, however busy we are
    std::this_thread::sleep_for(milliseconds(5));      // longer than anybody may wait
    return [&] { told.set_value(), go.get_future().wait(); };
  });
  told.get_future().wait();
  EXPECT_EQ(pool.running(), 0u);
  EXPECT_FALSE(pool.Full());
  std::atomic<int> expired = 0;
  ASSERT_TRUE(pool.Submit(Work([] {}), [&] { ++expired; }));
  EXPECT_TRUE(pool.Full()) << "one waits for the worker already";
  EXPECT_FALSE(pool.Drain(WorkPool::Clock::now() + milliseconds(5))) << "it is still telling";
  go.set_value();
  EXPECT_TRUE(pool.Drain(WorkPool::Clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(expired, 1) << "telling has taken long after all";
}

TEST(Jobs, RunOneAfterAnotherAndSayHowItWent) {
  Jobs jobs;
  std::promise<void> go;
  const auto first = jobs.Start("import", [&](Jobs::Report& report) -> Status {
    report.Progress(3, 4);
    report.Failed("a: no");
    go.get_future().wait();
    return {};
  });
  const auto second = jobs.Start("snapshot", [](Jobs::Report&) -> Status {
    return Fail(ErrorCode::kDiskFull, "/secret/path");
  });
  ASSERT_TRUE(first && second);
  EXPECT_EQ(jobs.Find(second->id)->state, "waiting");
  EXPECT_TRUE(jobs.running());
  go.set_value();
  while (jobs.running()) std::this_thread::yield();
  EXPECT_EQ(jobs.Find(first->id)->state, "done");
  EXPECT_EQ(jobs.Find(first->id)->done, 3u);
  EXPECT_EQ(jobs.Find(first->id)->failed, 1u);
  EXPECT_EQ(jobs.Find(second->id)->state, "failed");
  EXPECT_THAT(jobs.Find(second->id)->messages.at(0), testing::Not(testing::HasSubstr("secret")));
  EXPECT_EQ(jobs.All().front().id, second->id);
  EXPECT_FALSE(jobs.Find("other"));
  jobs.Stop();
  EXPECT_FALSE(jobs.Start("import", [](Jobs::Report&) { return Status(); }));
}

TEST(Reader, PatchesAreMerged) {
  using testing::ElementsAre;
  using testing::Pair;
  const auto patch =
      wire::ReadMetadataPatch(R"({"metadata":{"b":null,"c":1.5,"a":"new","d":true}})");
  ASSERT_TRUE(patch) << patch.error().message;
  EXPECT_THAT(wire::Patched({{"a", "old"}, {"b", "x"}, {"z", "y"}}, *patch),
              ElementsAre(Pair("a", "new"), Pair("z", "y"), Pair("c", "1.5"), Pair("d", "true")));
  for (const char* bad : {"", "{}", "[]", R"({"metadata":[]})", R"({"metadata":{},"id":"x"})",
                          R"({"metadata":{"a":[1]}})", R"({"metadata":{"a":1})"})
    EXPECT_FALSE(wire::ReadMetadataPatch(bad)) << bad;
}

}  // namespace
}  // namespace inlier::server
