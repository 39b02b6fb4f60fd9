#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.h"
#include "server/service.h"

namespace inlier::server {

/// Where the work of a route is done.
enum class Lane {
  kHere,     // on the thread that read the request, since it takes no time
  kReads,    // it waits for the disk
  kQueries,  // it computes
};

/// Where the body of a request goes.
enum class Body { kNone, kMemory, kFile };

/// What a gateway does with a request, which has no database of its own.
enum class InCluster {
  kNotOffered,
  kHere,    // it answers as any server does
  kShards,  // the shard that has the item answers
  kWriter,  // the server that takes the changes answers
};

/// One row of the table of routes. A handler answers at once, or takes the call and answers later.
struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/items/{id}"
  Role role = Role::kNobody;
  Lane lane = Lane::kHere;
  Body body = Body::kNone;
  Response (*answer)(Service&, Call&) = nullptr;
  void (*start)(Service&, const std::shared_ptr<Call>&) = nullptr;
  InCluster in_cluster = InCluster::kNotOffered;
};

const std::vector<Route>& Routes();

/// What a method and a path lead to.
struct Found {
  const Route* route = nullptr;       // null: there is no such path, or it has no such method
  std::vector<std::string> captured;  // what stands in place of each {…}
  std::string allow;                  // the methods of the path, for Allow; empty: no such path
};
Found FindRoute(std::string_view method, const Target& target);

/// Answers a request whose route, key and body are there: does its work in its lane.
void Dispatch(Service& service, const Route& route, const std::shared_ptr<Call>& call);

// The handlers, each family in a file of its own.
Response AnswerPage(Service& service, Call& call);
Response AnswerPageFile(Service& service, Call& call);
Response AnswerLive(Service& service, Call& call);
Response AnswerReady(Service& service, Call& call);
Response AnswerMetrics(Service& service, Call& call);
Response AnswerOpenApi(Service& service, Call& call);
Response AnswerQuery(Service& service, Call& call);
void StartBatch(Service& service, const std::shared_ptr<Call>& call);
Response AnswerMatch(Service& service, Call& call);
Response AnswerItemMatch(Service& service, Call& call);
Response AnswerItems(Service& service, Call& call);
Response AnswerItem(Service& service, Call& call);
Response AnswerPicture(Service& service, Call& call);
Response AnswerPreview(Service& service, Call& call);
Response AnswerFeatures(Service& service, Call& call);
Response AnswerTwins(Service& service, Call& call);
Response AnswerStats(Service& service, Call& call);
Response AnswerStatus(Service& service, Call& call);
void StartPut(Service& service, const std::shared_ptr<Call>& call);
void StartPatch(Service& service, const std::shared_ptr<Call>& call);
void StartRemove(Service& service, const std::shared_ptr<Call>& call);
void StartPutPicture(Service& service, const std::shared_ptr<Call>& call);
void StartRemovePicture(Service& service, const std::shared_ptr<Call>& call);
Response AnswerImport(Service& service, Call& call);
Response AnswerNewSnapshot(Service& service, Call& call);
Response AnswerSnapshots(Service& service, Call& call);
Response AnswerSnapshot(Service& service, Call& call);
Response AnswerJobs(Service& service, Call& call);
Response AnswerJob(Service& service, Call& call);
Response AnswerShard(Service& service, Call& call);
Response AnswerCluster(Service& service, Call& call);
Response AnswerClusterTwins(Service& service, Call& call);
// Of a gateway, in place of the handlers above.
Response AnswerFromShards(Service& service, Call& call);
Response AnswerFromWriter(Service& service, Call& call);
Response AnswerNotOffered(Service& service, Call& call);

}  // namespace inlier::server
