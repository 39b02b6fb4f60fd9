#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/image.h"
#include "tests/server/client.h"
#include "tests/support/drawn.h"

namespace inlier::test {

/// A running server with a database of its own, which is empty at first.
class ShopServer : public testing::Test {
 protected:
  using Json = nlohmann::json;

  /// Starts it, also again on the same database.
  void Start(const std::vector<std::string>& flags = {});
  const ServerProcess& server() const { return *server_; }

  /// PUTs an item with a drawn picture, which has to succeed.
  HttpAnswer Put(const std::string& path_id, unsigned seed, const std::string& metadata = "{}");
  /// The bytes of a picture that is drawn from a seed, and of a photo that shows it.
  static std::string PictureBytes(unsigned seed, int width_px = 200, int height_px = 160);
  static std::string PhotoBytes(unsigned seed);
  HttpAnswer Query(const std::string& bytes, const std::string& parameters = "") const;
  static Json Parsed(const HttpAnswer& answer);
  /// Checks that it is a problem (RFC 9457) of this status and type.
  static void ExpectProblem(const HttpAnswer& answer, int status, const std::string& type);
  /// The job once it is done or has failed.
  Json WaitForJob(const HttpAnswer& accepted) const;

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "db";
  std::unique_ptr<ServerProcess> server_;
};

}  // namespace inlier::test
