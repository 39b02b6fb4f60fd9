#include "tests/server/shop_server.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

namespace inlier::test {

void ShopServer::Start(const std::vector<std::string>& flags) {
  server_ = std::make_unique<ServerProcess>(database_, flags);
  ASSERT_GT(server_->port(), 0) << server_->Errors();
  ASSERT_TRUE(server_->WaitUntilReady()) << server_->Log();
}

std::string ShopServer::PictureBytes(unsigned seed, int width_px, int height_px) {
  const auto bytes = EncodeJpeg(DrawTexture(seed, width_px, height_px), 90);
  return {bytes.begin(), bytes.end()};
}

std::string ShopServer::PhotoBytes(unsigned seed) {
  const Image item = DrawTexture(seed, 200, 160);
  const auto bytes = EncodeJpeg(
      Warp(item, Similarity(item.width_px, item.height_px, 0.95, 0.2, {170, 130}), 340, 260, 9),
      90);
  return {bytes.begin(), bytes.end()};
}

HttpAnswer ShopServer::Put(const std::string& path_id, unsigned seed, const std::string& metadata) {
  const std::string body = MultipartBody(
      {FilePart("picture", "p.jpg", PictureBytes(seed)), FilePart("metadata", "", metadata)});
  HttpAnswer answer = server_->Ask("PUT", "/v1/items/" + path_id, body, {kMultipartHeader});
  EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.body;
  return answer;
}

HttpAnswer ShopServer::Query(const std::string& bytes, const std::string& parameters) const {
  return server_->Ask("POST", "/v1/query" + parameters, bytes, {"Content-Type: image/jpeg"});
}

ShopServer::Json ShopServer::Parsed(const HttpAnswer& answer) {
  return Json::parse(answer.body, nullptr, false);
}

void ShopServer::ExpectProblem(const HttpAnswer& answer, int status, const std::string& type) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.Header("content-type"), "application/problem+json");
  const Json problem = Parsed(answer);
  ASSERT_TRUE(problem.is_object()) << answer.body;
  EXPECT_EQ(problem.value("type", ""), "urn:inlier:problem:" + type) << answer.body;
  EXPECT_EQ(problem.value("status", 0), status);
  EXPECT_FALSE(problem.value("title", "").empty());
  EXPECT_FALSE(problem.value("detail", "").empty());
}

ShopServer::Json ShopServer::WaitForJob(const HttpAnswer& accepted) const {
  EXPECT_EQ(accepted.status, 202) << accepted.body;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Json job;
  do {
    job = Parsed(server_->Ask("GET", accepted.Header("location")));
    const std::string state = job.value("state", "");
    if (state == "done" || state == "failed") return job;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  } while (std::chrono::steady_clock::now() < until);
  return job;
}

}  // namespace inlier::test
