// How a server starts, follows, logs and stops.
#include <csignal>

#include "inlier/engine.h"
#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

class LifecycleTest : public ShopServer {};

TEST_F(LifecycleTest, StopsWhenItIsToldToAndAnswersWhatItHasBegun) {
  Start();
  Put("tea", 1);
  RawConnection idle(server().port()), busy(server().port());
  idle.Send(RequestText("GET", "/livez"));
  EXPECT_EQ(idle.Receive().Header("connection"), "");
  busy.Send(
      RequestText("POST", "/v1/query", PictureBytes(1, 1000, 800), {"Content-Type: image/jpeg"}));
  while (server().Ask("GET", "/metrics").body.find("inlier_level{of=\"queries_running\"} 1") ==
         std::string::npos) {
    if (server().Log().find("/v1/query\"") != std::string::npos) break;  // it was too quick
  }
  server().Signal(SIGTERM);
  EXPECT_EQ(busy.Receive().status, 200);
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_EQ(server_->Wait(), 0);
  const auto engine = Engine::Open(database_, OpenMode::kRead);
  ASSERT_TRUE(engine) << engine.error().message;
  const auto stats = (*engine)->Stats();
  EXPECT_EQ(stats->items, 1u);
  EXPECT_EQ(stats->covered_change, stats->last_change);  // the checkpoint at the end
}

TEST_F(LifecycleTest, ASecondServerOfOneDatabaseIsRefused) {
  Start();
  ServerProcess second(database_);
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Errors(), HasSubstr("another process is writing"));
}

TEST_F(LifecycleTest, AReadOnlyServerFollowsTheWriter) {
  Start();
  Put("tea", 1);
  ServerProcess reader(database_, {"--read-only", "--refresh-ms", "20"});
  ASSERT_TRUE(reader.WaitUntilReady());
  EXPECT_EQ(reader.Ask("GET", "/v1/items/tea").status, 200);
  ExpectProblem(reader.Ask("DELETE", "/v1/items/tea"), 403, "read_only");
  ExpectProblem(reader.Ask("POST", "/v1/snapshots"), 403, "read_only");
  Put("cup", 2);
  int status = 404;
  for (int i = 0; i < 3000 && status == 404; ++i)
    status = reader.Ask("GET", "/v1/items/cup").status;
  EXPECT_EQ(status, 200);
}

TEST_F(LifecycleTest, WritesOneLineForEachRequest) {
  Start();
  const HttpAnswer answer =
      server().Ask("POST", "/v1/query", PictureBytes(1),
                   {"Content-Type: image/jpeg",
                    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  EXPECT_THAT(answer.Header("traceparent"), HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  std::string log;
  while (log.find("/v1/query") == std::string::npos) log = server().Log();
  const std::size_t begin = log.rfind('\n', log.find("/v1/query")) + 1;
  const Json line = Json::parse(log.substr(begin, log.find('\n', begin) - begin));
  EXPECT_EQ(line["request_id"], answer.Header("x-request-id"));
  EXPECT_EQ(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["bytes_out"], answer.body.size());
  EXPECT_GT(line["total_ms"], 0);
  EXPECT_GT(line["extract_ms"], 0);
  const std::string metrics = server().Ask("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("inlier_query_stage_seconds_count{stage=\"extract\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("inlier_requests_total{route=\"/v1/query\",status=\"200\"} 1"));
}

TEST_F(LifecycleTest, TakesItsOptionsFromThreePlaces) {
  WriteBytes(folder_ / "conf", "workers = 3\nqueue = 5 # places\nmax_batch = 7\n");
  const auto check = [&](const std::vector<std::string>& flags,
                         const std::vector<std::string>& environment) {
    std::vector<std::string> all{"--check", "--config", (folder_ / "conf").string()};
    all.insert(all.end(), flags.begin(), flags.end());
    ServerProcess process(folder_ / "none", all, environment);
    return process.Errors() + process.Output();
  };
  const std::string text = check({"--queue", "9"}, {"INLIER_QUEUE=8", "INLIER_WORKERS=4"});
  EXPECT_THAT(text, HasSubstr("queue = 9\n"));
  EXPECT_THAT(text, HasSubstr("workers = 4\n"));
  EXPECT_THAT(text, HasSubstr("max_batch = 7\n"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
  EXPECT_THAT(check({}, {"INLIER_WORKERS=many"}), HasSubstr("INLIER_WORKERS"));
  EXPECT_THAT(check({"--workers", "5000"}, {}), HasSubstr("outside"));
  EXPECT_THAT(check({"--listen", "0.0.0.0:80"}, {}), HasSubstr("keys_file is needed"));
  EXPECT_THAT(check({"--listen", "0.0.0.0:80", "--allow-without-keys"}, {}),
              HasSubstr("nobody needs a key"));
  WriteBytes(folder_ / "conf", "wrokers = 3\n");
  EXPECT_THAT(check({}, {}), HasSubstr("there is no option 'wrokers'"));
}

}  // namespace
}  // namespace inlier::test
