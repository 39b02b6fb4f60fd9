// Who may do what: keys, their roles, pages of other origins, and how often one may ask.
#include <csignal>

#include "server/gate.h"
#include "server/keys.h"
#include "server/rate_limit.h"
#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

constexpr const char* kReader = "Authorization: Bearer read-key-0123456789";
constexpr const char* kWriter = "X-API-Key: write-key-0123456789";
constexpr const char* kKeys =
    "# who\n\nread page read-key-0123456789\nwrite shop write-key-0123456789\n"
    "admin boss admin-key-0123456789\n";

class KeysTest : public ShopServer {
 protected:
  KeysTest() { WriteBytes(folder_ / "keys", kKeys); }
  std::string KeysFile() const { return (folder_ / "keys").string(); }
};

TEST_F(KeysTest, DecideWhoMayDoWhat) {
  Start({"--keys-file", KeysFile()});
  for (const char* path : {"/livez", "/readyz", "/metrics", "/openapi.json"})
    EXPECT_EQ(server().Ask("GET", path).status, 200) << path;
  const HttpAnswer without = server().Ask("GET", "/v1/stats");
  ExpectProblem(without, 401, "key_needed");
  EXPECT_EQ(without.Header("www-authenticate"), "Bearer");
  ExpectProblem(server().Ask("GET", "/v1/stats", "", {"Authorization: Bearer read-key-012345678"}),
                401, "key_needed");
  EXPECT_EQ(server().Ask("GET", "/v1/stats", "", {kReader}).status, 200);
  ExpectProblem(server().Ask("DELETE", "/v1/items/x", "", {kReader}), 403, "key_may_not");
  ExpectProblem(server().Ask("DELETE", "/v1/items/x", "", {kWriter}), 404, "not_found");
  ExpectProblem(server().Ask("POST", "/v1/snapshots", "", {kWriter}), 403, "key_may_not");
  EXPECT_THAT(server().Log(), testing::HasSubstr("\"key\":\"shop\""));
  EXPECT_THAT(server().Log(), testing::Not(testing::HasSubstr("write-key-0123456789")));
}

TEST_F(KeysTest, AreReadAgainOnSighup) {
  Start({"--keys-file", KeysFile()});
  WriteBytes(folder_ / "keys", "read other another-key-0123456789\n");
  server().Signal(SIGHUP);
  const std::string fresh = "X-API-Key: another-key-0123456789";
  int status = 401;
  for (int i = 0; i < 2000 && status == 401; ++i)
    status = server().Ask("GET", "/v1/stats", "", {fresh}).status;
  EXPECT_EQ(status, 200);
  EXPECT_EQ(server().Ask("GET", "/v1/stats", "", {kReader}).status, 401);
}

TEST_F(KeysTest, AFileOfKeysHasToMakeSense) {
  server::Keys keys;
  for (const char* bad : {"", "read page short\n", "root page read-key-0123456789\n",
                          "read read-key-0123456789\n", "read a read-key-0123456789 rest\n"}) {
    WriteBytes(folder_ / "bad", bad);
    EXPECT_EQ(keys.Load(folder_ / "bad").error().code, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(keys.Load(folder_ / "absent").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(keys.any());
  ASSERT_TRUE(keys.Load(KeysFile()));
  EXPECT_EQ(keys.Find("admin-key-0123456789")->name, "boss");
  EXPECT_FALSE(keys.Find("admin-key-0123456789x"));
  EXPECT_FALSE(keys.Find("admin-key-0123456789admin-key-0123456789"));
  EXPECT_FALSE(keys.Find(""));
}

TEST_F(KeysTest, PagesOfOtherOriginsMayNotAsk) {
  Start({"--cors-origins", "https://shop.example"});
  const auto ask = [&](const std::string& header) {
    return server().Ask("GET", "/v1/stats", "", {header});
  };
  ExpectProblem(ask("Origin: https://evil.example"), 403, "foreign_origin");
  const HttpAnswer allowed = ask("Origin: https://shop.example");
  EXPECT_EQ(allowed.status, 200);
  EXPECT_EQ(allowed.Header("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(ask("Origin: http://127.0.0.1").status, 200);  // our own page
  const HttpAnswer preflight =
      server().Ask("OPTIONS", "/v1/items/x", "",
                   {"Origin: https://shop.example", "Access-Control-Request-Method: PUT"});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_THAT(preflight.Header("access-control-allow-headers"), testing::HasSubstr("X-API-Key"));
  EXPECT_THAT(preflight.Header("access-control-allow-methods"), testing::HasSubstr("PUT"));
  EXPECT_EQ(server()
                .Ask("OPTIONS", "/v1/items/x", "",
                     {"Origin: https://evil.example", "Access-Control-Request-Method: PUT"})
                .Header("access-control-allow-methods"),
            "");
  // A foreign name that leads to this machine (DNS rebinding).
  RawConnection rebound(server().port());
  rebound.Send("GET /v1/stats HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  ExpectProblem(rebound.Receive(), 403, "foreign_origin");
}

TEST_F(KeysTest, NobodyAsksMoreOftenThanHeMay) {
  Start({"--requests-per-minute", "30"});
  std::vector<int> statuses;
  HttpAnswer last;
  for (int i = 0; i < 6; ++i) {
    last = server().Ask("GET", "/v1/stats");
    statuses.push_back(last.status);
  }
  EXPECT_EQ(statuses.front(), 200);
  ExpectProblem(last, 429, "too_many_requests");
  EXPECT_EQ(last.Header("retry-after"), "1");
  EXPECT_EQ(server().Ask("GET", "/livez").status, 200);

  server::RateLimit rate(600);
  const auto now = server::RateLimit::Clock::now();
  int taken = 0;
  while (rate.Take("a", now)) ++taken;
  EXPECT_EQ(taken, 60);
  EXPECT_TRUE(rate.Take("b", now));
  EXPECT_TRUE(rate.Take("a", now + std::chrono::seconds(1)));
}

TEST(Gate, TrustsForwardedAddressesOfItsProxiesAlone) {
  server::ServerOptions options;
  options.trusted_proxies = "10.0.0.1, 10.0.0.2";
  EXPECT_EQ(server::ClientOf(options, "10.0.0.2", "6.6.6.6, 1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(server::ClientOf(options, "10.0.0.3", "1.2.3.4"), "10.0.0.3");
  EXPECT_EQ(server::ClientOf(options, "10.0.0.1", ""), "10.0.0.1");
}

TEST(Gate, ReadsTraceparent) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_EQ(server::TraceIdOf("00-" + trace + "-b7ad6b7169203331-01"), trace);
  for (const std::string& bad :
       {std::string(), "00-" + std::string(32, '0') + "-b7ad6b7169203331-01",
        "00-" + trace + "-xyz", "ff-" + trace + "-b7ad6b7169203331-01"})
    EXPECT_EQ(server::TraceIdOf(bad), "") << bad;
}

}  // namespace
}  // namespace inlier::test
