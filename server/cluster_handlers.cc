// Both sides of a cluster: a server that holds a shard answers the rounds of a gateway, and a
// gateway passes on what it does not answer itself.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "server/bodies.h"
#include "server/routes.h"
#include "wire/shard_twins.h"

namespace inlier::server {
namespace {

// The faces whose twins one request seeks, which should take a second or so.
constexpr int kFacesAtOnce = 256, kMaxFacesAtOnce = 4096;
constexpr int kMaxFaces = 1 << 24;  // of a shard

Response Unavailable(Service& service, const Error& error) {
  service.log.Note("warning", error.message);
  return ProblemResponse(ProblemOf({ErrorCode::kUnavailable, "", {}}));
}

Response NoCluster() {
  return ProblemResponse(
      {.status = 404, .type = "no_cluster", .detail = "This server is no gateway of a cluster."});
}

// The target as it came, with everything encoded again.
std::string TargetText(const Target& target) {
  std::string text = target.path;
  char separator = '?';
  for (const auto& [name, value] : target.parameters) {
    text += separator + PercentEncoded(name) + '=' + PercentEncoded(value);
    separator = '&';
  }
  return text;
}

HttpClient::Request Passed(const Request& request) {
  HttpClient::Request passed{.host = {},
                             .port = {},
                             .method = request.method,
                             .target = TargetText(request.target),
                             .headers = {},
                             .body = request.text()};
  for (const char* name : {"content-type", "if-match", "if-none-match", "idempotency-key"}) {
    if (const auto value = request.Header(name); !value.empty())
      passed.headers.emplace_back(name, std::string(value));
  }
  return passed;
}

Response PassedBack(HttpClient::Reply reply) {
  Response response{.status = reply.status,
                    .content_type = std::move(reply.content_type),
                    .body = std::move(reply.body)};
  for (auto& [name, value] : reply.headers) {
    if (name == "etag" || name == "location" || name == "retry-after" ||
        name == "inlier-collection-version")
      response.headers.emplace_back(name, std::move(value));
  }
  return response;
}

}  // namespace

Response AnswerShard(Service& service, Call& call) {
  const Request& request = call.request();
  if (service.engine() == nullptr)
    return ProblemResponse({.status = 404, .type = "no_shard", .detail = "This is a gateway."});
  const int epoch = service.options.shard_epoch;
  if (epoch != 0 && request.Header("inlier-epoch") != std::to_string(epoch)) {
    return ProblemResponse({.status = 409,
                            .type = "other_epoch",
                            .detail = "Another server has taken over the shard since.",
                            .field = "Inlier-Epoch"});
  }
  const std::string self = std::to_string(service.server_number);
  const std::pair<std::string, std::string> who{"Inlier-Server", self};
  if (const auto wanted = request.Header("inlier-server"); !wanted.empty() && wanted != self) {
    Response refused = ProblemResponse({.status = 409,
                                        .type = "other_server",
                                        .detail = "The numbers are those of another server.",
                                        .field = "Inlier-Server"});
    refused.headers.push_back(who);
    return refused;
  }
  QueryOptions limits;
  limits.cancel = &call.cancelled();
  limits.deadline = call.deadline();
  return {.content_type = "application/octet-stream",
          .body = service.engine()->AnswerRound(request.text(), limits),
          .headers = {who}};
}

Response AnswerClusterTwins(Service& service, Call& call) {
  if (service.cluster() == nullptr) return NoCluster();
  const Target& target = call.request().target;
  if (auto unknown = UnknownParameter(call.request(), {"shard", "begin", "limit"}))
    return ProblemResponse(*unknown);
  const auto most_shards = static_cast<int>(kMaxShards);
  const auto shard = target.Number("shard", 0, 0, most_shards - 1);
  const auto begin = target.Number("begin", 0, 0, kMaxFaces);
  const auto limit = target.Number("limit", kFacesAtOnce, 1, kMaxFacesAtOnce);
  for (const auto& [number, name] :
       {std::pair(&shard, "shard"), {&begin, "begin"}, {&limit, "limit"}})
    if (!*number) return ProblemResponse(BadRequest(number->error().message, name).value());
  QueryOptions limits;
  limits.cancel = &call.cancelled();
  limits.deadline = call.deadline();
  const auto found = service.cluster()->engine()->FindTwins(
      static_cast<std::size_t>(*shard), static_cast<std::uint32_t>(*begin),
      static_cast<std::uint32_t>(*limit), limits);
  if (found) return {.body = wire::FoundTwinsText(*found)};
  if (found.error().code == ErrorCode::kInvalidArgument)
    return ProblemResponse(BadRequest(found.error().message, "shard").value());
  service.log.Note("warning", found.error().message);
  return ProblemResponse(ProblemOf(found.error()));
}

Response AnswerCluster(Service& service, Call&) {
  if (service.cluster() == nullptr) return NoCluster();
  return {.body = wire::PlacementText(*service.cluster()->placement(), service.NotReady())};
}

Response AnswerFromShards(Service& service, Call& call) {
  auto replies = service.cluster()->AskShards(Passed(call.request()));
  const Error* missing = nullptr;
  HttpClient::Reply* other = nullptr;
  for (auto& reply : replies) {
    if (!reply) {
      missing = &reply.error();
    } else if (reply->status < 400) {
      return PassedBack(std::move(*reply));  // an item is in one shard alone
    } else if (other == nullptr || reply->status != 404) {
      other = &*reply;
    }
  }
  if (missing != nullptr) return Unavailable(service, *missing);
  return PassedBack(std::move(*other));
}

Response AnswerFromWriter(Service& service, Call& call) {
  auto reply = service.cluster()->AskWriter(Passed(call.request()));
  return reply ? PassedBack(*std::move(reply)) : Unavailable(service, reply.error());
}

Response AnswerNotOffered(Service&, Call&) {
  return ProblemResponse({.status = 501,
                          .type = "not_offered",
                          .detail = "A gateway of a cluster does not offer this."});
}

}  // namespace inlier::server
