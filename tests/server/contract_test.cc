// openapi.json says what the service does: every route is in it, and nothing else.
#include <set>

#include "server/routes.h"
#include "tests/server/shop_server.h"
#include "wire/openapi.h"

namespace inlier::test {
namespace {

TEST(Contract, HasEveryRouteAndNoOther) {
  const auto contract = nlohmann::json::parse(wire::OpenApiText());
  std::set<std::string> described, served;
  for (const auto& [path, methods] : contract["paths"].items())
    for (const auto& [method, unused] : methods.items())
      if (method != "parameters") described.insert(method + " " + path);
  for (const server::Route& route : server::Routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    served.insert(method + " " + std::string(route.pattern));
  }
  EXPECT_EQ(described, served);
}

TEST(Contract, SaysWhatAGatewayDoesNotOffer) {
  const auto contract = nlohmann::json::parse(wire::OpenApiText());
  for (const server::Route& route : server::Routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const auto& operation = contract["paths"][std::string(route.pattern)][method];
    EXPECT_EQ(operation["responses"].contains("501"),
              route.in_cluster == server::InCluster::kNotOffered)
        << route.method << ' ' << route.pattern;
  }
}

}  // namespace
}  // namespace inlier::test
