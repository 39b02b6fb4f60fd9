// Photos over HTTP: what is found, what a query can say, and that it is what the command line says.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class QueryTest : public ShopServer {
 protected:
  QueryTest() {
    Start();
    Put("tea", 1, R"({"kind":"drink"})");
    Put("cup", 2, R"({"kind":"ware"})");
  }
};

TEST_F(QueryTest, SaysWhatItFoundAndWhichStateAnswered) {
  const HttpAnswer answer = Query(PhotoBytes(1));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Parsed(answer);
  EXPECT_EQ(json["status"], "found");
  EXPECT_EQ(json["accepted_count"], 1);
  EXPECT_EQ(json["hits"][0]["id"], "tea");
  EXPECT_EQ(json["hits"][0]["polygon"].size(), 4u);
  EXPECT_EQ(json["last_change"], 2);
  EXPECT_TRUE(json["generation"].is_number());

  const Json other = Parsed(Query(PictureBytes(77, 300, 240)));
  EXPECT_EQ(other["status"], "not_in_catalogue");
  EXPECT_EQ(other["accepted_count"], 0);
  EXPECT_TRUE(other["hits"].empty());

  const auto grey = EncodeJpeg(Image{64, 64, 3, std::vector<std::uint8_t>(64 * 64 * 3, 128)}, 90);
  EXPECT_EQ(Parsed(Query({grey.begin(), grey.end()}))["status"], "no_features");
}

TEST_F(QueryTest, TakesConditionsAndSwitches) {
  const std::string photo = PhotoBytes(1);
  const Json held_back = Parsed(Query(photo, "?where=kind%3Dware"));
  EXPECT_EQ(held_back["status"], "not_in_catalogue");
  EXPECT_EQ(held_back["where_matched"], 1);
  EXPECT_GE(Parsed(Query(photo, "?all"))["hits"].size(), 1u);
  EXPECT_EQ(Parsed(Query(photo, "?exact=true&top=1"))["hits"][0]["id"], "tea");

  const Json explained = Parsed(Query(photo, "?explain=1"))["hits"][0];
  ASSERT_EQ(explained["homography"].size(), 9u);
  EXPECT_EQ(explained["matches"].size(), explained["inliers"]);
  EXPECT_GT(explained["evidence"]["agreement"], 0.5);
  // The homography takes the picture's outer corner to the polygon's.
  const auto& h = explained["homography"];
  const auto at = [&h](int i) { return h[static_cast<std::size_t>(i)].get<double>(); };
  const double w = at(6) * -0.5 + at(7) * -0.5 + at(8);
  EXPECT_NEAR((at(0) * -0.5 + at(1) * -0.5 + at(2)) / w, explained["polygon"][0][0], 0.1);
  EXPECT_NEAR((at(3) * -0.5 + at(4) * -0.5 + at(5)) / w, explained["polygon"][0][1], 0.1);
}

TEST_F(QueryTest, RefusesWhatItDoesNotUnderstand) {
  const std::string photo = PhotoBytes(1);
  for (const char* bad : {"?top=0", "?top=x", "?where=kind", "?where==x", "?exact=maybe", "?tpo=3",
                          "?where=knid%3Dx"}) {
    const HttpAnswer answer = Query(photo, bad);
    ExpectProblem(answer, 400, "invalid_argument");
    EXPECT_FALSE(Parsed(answer).value("field", "").empty()) << bad;
  }
  ExpectProblem(Query(photo, "?where=%zz"), 400, "bad_target");
}

TEST_F(QueryTest, TakesMultipartAsWell) {
  const HttpAnswer answer = server().Ask(
      "POST", "/v1/query", MultipartBody({FilePart("photo", "shelf.jpg", PhotoBytes(2))}),
      {kMultipartHeader});
  EXPECT_EQ(Parsed(answer)["photo"], "shelf.jpg");
  EXPECT_EQ(Parsed(answer)["hits"][0]["id"], "cup");
  ExpectProblem(
      server().Ask("POST", "/v1/query", MultipartBody({FilePart("picture", "", PhotoBytes(2))}),
                   {kMultipartHeader}),
      400, "invalid_argument");
}

TEST_F(QueryTest, ABatchAnswersInOrderWithErrorsInTheirLines) {
  const HttpAnswer answer = server().Ask(
      "POST", "/v1/query/batch?top=1",
      MultipartBody({FilePart("photo", "1.jpg", PhotoBytes(2)), FilePart("photo", "2.jpg", "x"),
                     FilePart("photo", "3.jpg", ""), FilePart("photo", "4.jpg", PhotoBytes(1))}),
      {kMultipartHeader});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.Header("content-type"), "application/x-ndjson");
  std::vector<Json> lines;
  std::istringstream text(answer.body);
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["hits"][0]["id"], "cup");
  EXPECT_EQ(lines[1]["photo"], "2.jpg");
  EXPECT_EQ(lines[1]["status"], 415);
  EXPECT_EQ(lines[2]["status"], 400);
  EXPECT_EQ(lines[3]["hits"][0]["id"], "tea");

  ExpectProblem(server().Ask("POST", "/v1/query/batch", "x", {"Content-Type: image/jpeg"}), 415,
                "wrong_content_type");
  ExpectProblem(server().Ask("POST", "/v1/query/batch", "--edge--\r\n", {kMultipartHeader}), 400,
                "invalid_argument");
}

TEST_F(QueryTest, ComparesTwoPicturesWithoutTheDatabase) {
  const HttpAnswer answer =
      server().Ask("POST", "/v1/match",
                   MultipartBody({FilePart("photo", "a.jpg", PhotoBytes(5)),
                                  FilePart("item", "b.jpg", PictureBytes(5))}),
                   {kMultipartHeader});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Parsed(answer);
  EXPECT_GT(json["inliers"], 20);
  EXPECT_EQ(json["matches"].size(), json["inliers"]);
  EXPECT_EQ(json["homography"].size(), 9u);
  ExpectProblem(
      server().Ask("POST", "/v1/match", MultipartBody({FilePart("photo", "a.jpg", PhotoBytes(5))}),
                   {kMultipartHeader}),
      400, "invalid_argument");
}

// The hits of the two doors are equal byte for byte.
TEST_F(QueryTest, SaysTheSameAsTheCommandLine) {
  // Both see what the checkpoint at the end of the first server has made.
  server_->Signal(SIGTERM);
  ASSERT_EQ(server_->Wait(), 0);
  Start();
  const std::string photo = PhotoBytes(1);
  WriteBytes(folder_ / "photo.jpg", photo);
  const std::string served = Query(photo, "?all").body;
  const std::string command = std::string(INLIER_BINARY) + " query " +
                              (folder_ / "photo.jpg").string() + " --db " + database_.string() +
                              " --all --quiet --format jsonl";
  std::string printed;
  FILE* const pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> block{};
  for (std::size_t got = 0; (got = fread(block.data(), 1, block.size(), pipe)) > 0;)
    printed.append(block.data(), got);
  ASSERT_EQ(pclose(pipe), 0);
  const auto common = [](const std::string& line) {
    const std::size_t begin = line.find("\"features\""), end = line.find(",\"timings_ms\"");
    return line.substr(begin, end - begin);
  };
  EXPECT_THAT(common(served), HasSubstr("\"id\":\"tea\""));
  EXPECT_EQ(common(served), common(printed));
}

TEST_F(QueryTest, WaitsForAChangeThatItHasToKnow) {
  const int now = Parsed(Query(PhotoBytes(1)))["last_change"].get<int>();
  EXPECT_EQ(Query(PhotoBytes(1), "?at_least=" + std::to_string(now)).status, 200);
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    Put("pot", 3);
  });
  const auto waited = Query(PhotoBytes(3), "?at_least=" + std::to_string(now + 1));
  later.join();
  EXPECT_EQ(waited.status, 200) << waited.body;
  EXPECT_EQ(Parsed(waited)["hits"][0]["id"], "pot");
  ExpectProblem(Query(PhotoBytes(1), "?at_least=1000000"), 503, "not_yet");
}

// Each photo takes longer than anybody may wait, and nobody has to.
TEST_F(QueryTest, OneWorkerIsEnoughForWhoAsksOneAfterAnother) {
  server_ = nullptr;
  Start({"--workers", "1", "--queue-wait-ms", "1", "--refusal-pause-ms", "0"});
  RawConnection connection(server().port());
  const std::string single = RequestText("POST", "/v1/query", PhotoBytes(1),
                                         {"Content-Type: image/jpeg"}),
                    batch = RequestText("POST", "/v1/query/batch",
                                        MultipartBody({FilePart("photo", "1.jpg", PhotoBytes(1)),
                                                       FilePart("photo", "2.jpg", PhotoBytes(2))}),
                                        {kMultipartHeader});
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(connection.Send(i % 5 == 0 ? batch : single));
    connection.Receive();
  }
  // On a machine with much to do, the worker may have slept a while before it began (queue_wait).
  EXPECT_THAT(server().Ask("GET", "/metrics").body, Not(HasSubstr("cause=\"queue_full\"")));
}

TEST_F(QueryTest, WhoeverWaitsForAChangeKeepsNobodyElseWaiting) {
  server_ = nullptr;
  Start({"--workers", "2"});
  const auto begin = std::chrono::steady_clock::now();
  const auto since = [&] { return std::chrono::steady_clock::now() - begin; };
  std::vector<std::thread> waiting;
  std::atomic<int> waited = 0;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&] {
      ExpectProblem(Query(PhotoBytes(1), "?at_least=1000000"), 503, "not_yet");
      if (since() > std::chrono::seconds(4)) ++waited;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(Query(PhotoBytes(1)).status, 200);
  EXPECT_LT(since(), std::chrono::seconds(4));
  for (std::thread& client : waiting) client.join();
  EXPECT_EQ(waited, 1);  // half of the workers
}

}  // namespace
}  // namespace inlier::test
