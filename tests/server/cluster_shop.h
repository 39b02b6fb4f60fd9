#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inlier/catalogue.h"
#include "tests/server/shop_server.h"

namespace inlier::test {

/// A catalogue in one database and in three shards, and the servers and the gateway that are
/// started for it.
class ClusterShop : public ShopServer {
 protected:
  static constexpr unsigned kItems = 40, kShards = 3;

  void SetUp() override;
  std::unique_ptr<ServerProcess> Serve(const std::string& name,
                                       const std::vector<std::string>& flags = {}) const;
  void ServeShards(const std::vector<std::string>& flags = {});
  static Json Url(int port) { return "http://127.0.0.1:" + std::to_string(port); }
  /// With one server for each shard.
  Json Placement(int epoch = 0) const;
  void Write(const Json& placement) const;
  /// Starts the gateway, which the fixture's `server` then is.
  void StartGateway(const std::vector<std::string>& more = {});
  /// Without what depends on time, and on where the answer was made.
  static Json Told(const HttpAnswer& answer);

  /// A database with the vocabulary of all.
  void Make(const std::string& name, const Catalogue& catalogue) const;

  std::vector<std::unique_ptr<ServerProcess>> shards_;
};

}  // namespace inlier::test
