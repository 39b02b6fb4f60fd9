#include "server/routes.h"

#include <optional>
#include <utility>

namespace inlier::server {
namespace {

using Segments = std::vector<std::string>;

// What the path has in place of each {…}; nothing when it does not fit.
std::optional<Segments> Match(std::string_view pattern, const Segments& segments) {
  Segments captured;
  std::string_view rest = pattern.substr(1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (part.starts_with('{')) {
      if (segments[i].empty()) return std::nullopt;
      captured.push_back(segments[i]);
    } else if (part != segments[i]) {
      return std::nullopt;
    }
    if (end == rest.size())
      return i + 1 == segments.size() ? std::optional(captured) : std::nullopt;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

const std::vector<Route>& Routes() {
  constexpr auto kHere = InCluster::kHere;
  constexpr auto kShards = InCluster::kShards;
  constexpr auto kWriter = InCluster::kWriter;
  static const std::vector<Route> routes = {
      {.method = "GET", .pattern = "/", .answer = AnswerPage, .in_cluster = kHere},
      {.method = "GET", .pattern = "/page/{file}", .answer = AnswerPageFile, .in_cluster = kHere},
      {.method = "GET", .pattern = "/livez", .answer = AnswerLive, .in_cluster = kHere},
      {.method = "GET", .pattern = "/readyz", .answer = AnswerReady, .in_cluster = kHere},
      {.method = "GET",
       .pattern = "/metrics",
       .lane = Lane::kReads,
       .answer = AnswerMetrics,
       .in_cluster = kHere},
      {.method = "GET", .pattern = "/openapi.json", .answer = AnswerOpenApi, .in_cluster = kHere},
      {"POST", "/v1/query", Role::kRead, Lane::kQueries, Body::kMemory, AnswerQuery, nullptr,
       kHere},
      {"POST", "/v1/query/batch", Role::kRead, Lane::kHere, Body::kMemory, nullptr, StartBatch,
       kHere},
      {"POST", "/v1/match", Role::kRead, Lane::kQueries, Body::kMemory, AnswerMatch, nullptr,
       kHere},
      {"GET", "/v1/items", Role::kRead, Lane::kReads, Body::kNone, AnswerItems, nullptr, kHere},
      {"GET", "/v1/items/{id}", Role::kRead, Lane::kReads, Body::kNone, AnswerItem, nullptr,
       kShards},
      {"PUT", "/v1/items/{id}", Role::kWrite, Lane::kHere, Body::kMemory, nullptr, StartPut,
       kWriter},
      {"PATCH", "/v1/items/{id}", Role::kWrite, Lane::kHere, Body::kMemory, nullptr, StartPatch,
       kWriter},
      {"DELETE", "/v1/items/{id}", Role::kWrite, Lane::kHere, Body::kNone, nullptr, StartRemove,
       kWriter},
      {"POST", "/v1/items/{id}/pictures", Role::kWrite, Lane::kHere, Body::kMemory, nullptr,
       StartPutPicture, kWriter},
      {"GET", "/v1/items/{id}/pictures/{n}", Role::kRead, Lane::kReads, Body::kNone, AnswerPicture,
       nullptr, kShards},
      {"DELETE", "/v1/items/{id}/pictures/{n}", Role::kWrite, Lane::kHere, Body::kNone, nullptr,
       StartRemovePicture, kWriter},
      {"GET", "/v1/items/{id}/pictures/{n}/preview", Role::kRead, Lane::kReads, Body::kNone,
       AnswerPreview, nullptr, kShards},
      {"GET", "/v1/items/{id}/pictures/{n}/features", Role::kRead, Lane::kReads, Body::kNone,
       AnswerFeatures, nullptr, kShards},
      {"POST", "/v1/items/{id}/pictures/{n}/match", Role::kRead, Lane::kQueries, Body::kMemory,
       AnswerItemMatch, nullptr, kShards},
      {"GET", "/v1/twins", Role::kRead, Lane::kReads, Body::kNone, AnswerTwins, nullptr, kHere},
      {"GET", "/v1/stats", Role::kRead, Lane::kReads, Body::kNone, AnswerStats, nullptr, kHere},
      {"GET", "/v1/status", Role::kRead, Lane::kReads, Body::kNone, AnswerStatus, nullptr, kHere},
      {"POST", "/v1/import", Role::kWrite, Lane::kHere, Body::kFile, AnswerImport, nullptr, kHere},
      {"POST", "/v1/snapshots", Role::kAdmin, Lane::kHere, Body::kNone, AnswerNewSnapshot},
      {"GET", "/v1/snapshots", Role::kAdmin, Lane::kReads, Body::kNone, AnswerSnapshots},
      {"GET", "/v1/snapshots/{id}", Role::kAdmin, Lane::kReads, Body::kNone, AnswerSnapshot},
      {"GET", "/v1/jobs", Role::kRead, Lane::kHere, Body::kNone, AnswerJobs, nullptr, kHere},
      {"GET", "/v1/jobs/{id}", Role::kRead, Lane::kHere, Body::kNone, AnswerJob, nullptr, kHere},
      {"POST", "/v1/shard", Role::kRead, Lane::kQueries, Body::kMemory, AnswerShard, nullptr,
       kHere},
      {"GET", "/v1/cluster", Role::kRead, Lane::kHere, Body::kNone, AnswerCluster, nullptr, kHere},
      {"GET", "/v1/cluster/twins", Role::kRead, Lane::kQueries, Body::kNone, AnswerClusterTwins,
       nullptr, kHere},
  };
  return routes;
}

Found FindRoute(std::string_view method, const Target& target) {
  if (method == "HEAD") method = "GET";
  Found found;
  for (const Route& route : Routes()) {
    auto captured = Match(route.pattern, target.segments);
    if (!captured) continue;
    for (const std::string_view word : {std::string_view(route.method), std::string_view("HEAD")}) {
      if (word == "HEAD" && route.method != "GET") continue;
      found.allow += (found.allow.empty() ? "" : ", ") + std::string(word);
    }
    if (route.method == method) {
      found.route = &route;
      found.captured = std::move(*captured);
    }
  }
  if (!found.allow.empty()) found.allow += ", OPTIONS";
  return found;
}

namespace {

// Does the work of a handler in a lane, when its turn comes.
void Submit(Service& service, Lane lane, Response (*answer)(Service&, Call&),
            const std::shared_ptr<Call>& call) {
  WorkPool& pool = lane == Lane::kQueries ? service.queries : service.reads;
  const bool taken = pool.Submit(
      [&service, lane, answer, call](double waited_ms) -> WorkPool::Completion {
        if (lane == Lane::kQueries) service.metrics.ObserveQueue(waited_ms);
        if (call->given_up()) return nullptr;
        const auto response = std::make_shared<Response>(answer(service, *call));
        response->queue_ms = waited_ms;
        return [call, response] { call->Reply(std::move(*response)); };
      },
      [&service, call] {
        service.metrics.CountRejected("queue_wait");
        call->Reply(BusyResponse("queue_full", "The server has more to do than it can."));
      },
      [call] {
        call->Reply(ProblemResponse(ProblemOf({ErrorCode::kIo, "", {}})));
      });
  if (taken) return;
  service.metrics.CountRejected("queue_full");
  call->Reply(BusyResponse("queue_full", "The server has more to do than it can."));
}

}  // namespace

void Dispatch(Service& service, const Route& route, const std::shared_ptr<Call>& call) {
  if (route.role != Role::kNobody && !service.loaded()) {
    call->Reply(BusyResponse("loading", "The database is being opened."));
    return;
  }
  if (service.cluster() != nullptr && route.in_cluster != InCluster::kHere) {
    if (route.in_cluster == InCluster::kNotOffered)
      return call->Reply(AnswerNotOffered(service, *call));
    return Submit(service, Lane::kReads,
                  route.in_cluster == InCluster::kWriter ? AnswerFromWriter : AnswerFromShards,
                  call);
  }
  if (route.start != nullptr) return route.start(service, call);
  if (route.lane == Lane::kHere) return call->Reply(route.answer(service, *call));
  Submit(service, route.lane, route.answer, call);
}

}  // namespace inlier::server
