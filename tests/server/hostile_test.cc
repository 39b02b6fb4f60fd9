// What clients send who are careless or mean. After each of these the server still answers.
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

std::string BigEndian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(static_cast<std::uint32_t>(data.size())) + body +
         BigEndian(static_cast<std::uint32_t>(crc));
}

// A PNG of a few bytes that says it has 30000 × 30000 pixels.
std::string HugePng() {
  const std::string header =
      BigEndian(30'000) + BigEndian(30'000) + std::string("\x08\x02\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + Chunk("IHDR", header) + Chunk("IDAT", std::string(2000, 'x')) +
         Chunk("IEND", "");
}

class HostileTest : public ShopServer {
 protected:
  void ExpectAlive() { EXPECT_EQ(server().Ask("GET", "/livez").body, "alive\n"); }
  HttpAnswer Raw(const std::string& bytes) const {
    RawConnection connection(server().port());
    connection.Send(bytes);
    return connection.Receive();
  }
};

TEST_F(HostileTest, BodiesThatAreNoPhotos) {
  Start({"--max-body-kb", "200"});
  ExpectProblem(Query(""), 400, "invalid_argument");
  ExpectProblem(server().Ask("POST", "/v1/query", "hello", {"Content-Type: text/plain"}), 415,
                "wrong_content_type");
  ExpectProblem(server().Ask("POST", "/v1/query", "hello"), 415, "wrong_content_type");
  ExpectProblem(Query("hello"), 415, "not_a_picture");
  ExpectProblem(Query(HugePng()), 413, "picture_too_large");
  ExpectProblem(Query(PictureBytes(1).substr(0, 900)), 422, "damaged_picture");
  ExpectProblem(Query(std::string(200'001, 'x')), 413, "body_too_large");
  const std::string part = "--edge\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n";
  for (const std::string& body :
       {std::string(), std::string("--edge"), part, part + "bytes", part + "bytes\r\n--edge",
        std::string("--edge\r\n\r\nx\r\n--edge--")}) {
    ExpectProblem(server().Ask("POST", "/v1/query", body, {kMultipartHeader}), 400,
                  "invalid_argument");
  }
  ExpectProblem(server().Ask("POST", "/v1/query", part, {"Content-Type: multipart/form-data"}), 400,
                "invalid_argument");
  ExpectAlive();
}

TEST_F(HostileTest, RequestsThatAreNoHttp) {
  Start({"--max-body-kb", "200"});
  const std::string post = "POST /v1/query HTTP/1.1\r\nHost: localhost\r\n";
  for (const char* encoding : {"gzip", "xchunked", "chunked, gzip"}) {
    ExpectProblem(Raw(post + "Transfer-Encoding: " + encoding + "\r\n\r\n0\r\n\r\n"), 501,
                  "transfer_encoding");
  }
  ExpectProblem(Raw("GET /livez HTTP/1.1\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw("hello\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw("GET /livez HTTP/1.1\r\nno colon\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw("GET /livez HTTP/7.7\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw(post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), 400,
                "malformed_request");
  ExpectProblem(Raw(post + "Content-Length: five\r\n\r\nhello"), 400, "malformed_request");
  ExpectProblem(Raw(post + "Content-Length: -1\r\n\r\n"), 400, "malformed_request");
  ExpectProblem(Raw(post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"), 400,
                "malformed_request");
  ExpectProblem(Raw(post + "Transfer-Encoding: chunked\r\nContent-Type: image/jpeg\r\n\r\nzz\r\n"),
                400, "malformed_request");
  ExpectProblem(Raw("GET /" + std::string(1 << 20, 'a') + " HTTP/1.1\r\n\r\n"), 431,
                "header_too_large");
  ExpectProblem(Raw("GET /livez HTTP/1.1\r\nX: " + std::string(1 << 20, 'a') + "\r\n\r\n"), 431,
                "header_too_large");
  ExpectProblem(Raw("GET livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400, "bad_target");
  ExpectProblem(Raw("GET http://elsewhere/livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400,
                "bad_target");
  ExpectAlive();
}

TEST_F(HostileTest, BodiesThatDoNotCome) {
  Start({"--max-body-kb", "200", "--body-timeout-ms", "150", "--header-timeout-ms", "150"});
  const std::string post =
      "POST /v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n";
  // A gigabyte that is declared and not sent is refused at once.
  ExpectProblem(Raw(post + "Content-Length: 1000000000\r\n\r\n"), 413, "body_too_large");
  ExpectProblem(Raw(post + "Content-Length: 1000\r\n\r\nhello"), 408, "body_timeout");
  ExpectProblem(Raw(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), 408,
                "body_timeout");
  std::string endless = post + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 300; ++i) endless += "400\r\n" + std::string(0x400, 'x') + "\r\n";
  ExpectProblem(Raw(endless), 413, "body_too_large");
  ExpectProblem(Raw("GET /livez HTTP/1.1\r\nHost:"), 408, "header_timeout");
  RawConnection silent(server().port());
  EXPECT_TRUE(silent.IsClosed());  // it has not begun a request, so there is nothing to answer
  ExpectAlive();
}

TEST_F(HostileTest, AConnectionGoesOnAfterAnError) {
  Start();
  RawConnection connection(server().port());
  connection.Send(RequestText("GET", "/nothing"));
  ExpectProblem(connection.Receive(), 404, "no_such_path");
  connection.Send(RequestText("POST", "/v1/query", "hello", {"Content-Type: image/jpeg"}));
  ExpectProblem(connection.Receive(), 415, "not_a_picture");
  // This body is not wanted, and yet the next request is found behind it.
  connection.Send(RequestText("POST", "/livez", std::string(300'000, 'x')));
  const HttpAnswer refused = connection.Receive();
  ExpectProblem(refused, 405, "method_not_allowed");
  EXPECT_EQ(refused.Header("allow"), "GET, HEAD, OPTIONS");
  connection.Send(RequestText("GET", "/livez"));
  EXPECT_EQ(connection.Receive().status, 200);
}

TEST_F(HostileTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  Start();
  RawConnection connection(server().port());
  connection.Send(RequestText("GET", "/v1/stats") + RequestText("GET", "/nothing") +
                  RequestText("HEAD", "/livez") + RequestText("GET", "/livez"));
  EXPECT_EQ(Parsed(connection.Receive())["items"], 0);
  EXPECT_EQ(connection.Receive().status, 404);
  const HttpAnswer head = connection.Receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), "6");
  EXPECT_EQ(connection.Receive().body, "alive\n");
}

TEST_F(HostileTest, AClientThatGoesAwayStopsItsQuery) {
  Start({"--workers", "1"});
  {
    RawConnection gone(server().port());
    gone.Send(
        RequestText("POST", "/v1/query", PictureBytes(3, 1200, 900), {"Content-Type: image/jpeg"}));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool seen = false;
  while (!seen && std::chrono::steady_clock::now() < until)
    seen =
        server().Ask("GET", "/metrics").body.find("inlier_abandoned_total 1") != std::string::npos;
  EXPECT_TRUE(seen);
  EXPECT_THAT(server().Log(), testing::HasSubstr("client_gone"));
}

TEST_F(HostileTest, BeyondItsLimitsItSaysSoAtOnce) {
  Start({"--max-connections", "3", "--workers", "1", "--queue", "1"});
  // The connections of before may still be counted for a moment.
  std::vector<std::unique_ptr<RawConnection>> three;
  for (int tries = 0; three.size() < 3 && tries < 1000; ++tries) {
    auto connection = std::make_unique<RawConnection>(server().port());
    connection->Send(RequestText("GET", "/livez"));
    if (connection->Receive().status == 200) three.push_back(std::move(connection));
  }
  ASSERT_EQ(three.size(), 3u);
  RawConnection fourth(server().port());
  fourth.Send(RequestText("GET", "/livez"));
  EXPECT_EQ(fourth.Receive().status, 503);
  // One query runs and one waits; the next is refused.
  const std::string query =
      RequestText("POST", "/v1/query", PictureBytes(3, 1600, 1200), {"Content-Type: image/jpeg"});
  for (const auto& connection : three) connection->Send(query);
  std::vector<int> statuses;
  for (const auto& connection : three) statuses.push_back(connection->Receive().status);
  EXPECT_EQ(std::ranges::count(statuses, 200), 2);
  EXPECT_EQ(std::ranges::count(statuses, 503), 1);
}

TEST_F(HostileTest, AFullDiskRefusesChangesAndNothingElse) {
  Start();
  Put("tea", 1);
  server_ = nullptr;
  server_ = std::make_unique<ServerProcess>(
      database_, std::vector<std::string>{"--min-free-disk-mb", "1000000000"});
  ASSERT_GT(server_->port(), 0);
  const HttpAnswer ready = server().AskUntil("/readyz", [](const HttpAnswer& answer) {
    return answer.body.find("loading") == std::string::npos;
  });
  ExpectProblem(ready, 503, "not_ready");
  EXPECT_THAT(ready.body, testing::HasSubstr("disk_full"));
  ExpectProblem(server().Ask("PUT", "/v1/items/cup", PictureBytes(2), {"Content-Type: image/jpeg"}),
                507, "disk_full");
  EXPECT_EQ(Parsed(Query(PhotoBytes(1)))["hits"][0]["id"], "tea");
  ExpectProblem(server().Ask("GET", "/v1/items/cup"), 404, "not_found");
}

TEST_F(HostileTest, ADatabaseThatIsRemovedMakesItNotReady) {
  Start();
  Put("tea", 1);
  std::filesystem::remove_all(database_);
  const HttpAnswer ready = server().Ask("GET", "/readyz");
  ExpectProblem(ready, 503, "not_ready");
  EXPECT_THAT(ready.body, testing::HasSubstr("database_gone"));
  ExpectAlive();
}

TEST_F(HostileTest, NothingIsSaidOfPathsOrLibraries) {
  Start();
  for (const HttpAnswer& answer :
       {Query("hello"), server().Ask("GET", "/v1/items/x"), server().Ask("GET", "/v1/snapshots/ab"),
        server().Ask("GET", "/v1/snapshots/..%2F..%2Fetc%2Fpasswd"),
        server().Ask("PUT", "/v1/items/x", "x", {"Content-Type: image/jpeg"})}) {
    EXPECT_GE(answer.status, 400);
    EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr(folder_.path().string())));
    EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("rocksdb")));
  }
}

}  // namespace
}  // namespace inlier::test
