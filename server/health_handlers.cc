// Whether the server lives, whether it is ready, its metrics and its state, and the description of
// its interface.
#include <utility>

#include "server/routes.h"
#include "server/shard_metrics.h"
#include "wire/openapi.h"

namespace inlier::server {

Response AnswerLive(Service&, Call&) {
  return {.content_type = "text/plain; charset=utf-8", .body = "alive\n"};
}

Response AnswerReady(Service& service, Call&) {
  const std::string reason = service.NotReady();
  if (!reason.empty()) return BusyResponse("not_ready", "The server is not ready: " + reason + ".");
  return {.content_type = "text/plain; charset=utf-8", .body = "ready\n"};
}

Response AnswerMetrics(Service& service, Call&) {
  // Read first: once there is a cluster here, the levels know about its shards too.
  const Cluster* const cluster = service.cluster();
  std::string text = service.metrics.Text(service.LevelsNow());
  if (cluster != nullptr) text += ShardMetricsText(*cluster->placement());
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(text)};
}

Response AnswerOpenApi(Service&, Call&) { return {.body = std::string(wire::OpenApiText())}; }

namespace {

std::string RoleWord(Role role) {
  if (role == Role::kAdmin) return "admin";
  return role == Role::kWrite ? "write" : "read";
}

}  // namespace

Response AnswerStatus(Service& service, Call& call) {
  const Metrics::Counts counts = service.metrics.Counted();
  wire::ServerStatus status{
      .version = INLIER_VERSION,
      .method = service.engine_options().extract.method,
      .started = service.started,
      .not_ready = service.NotReady(),
      .read_only = service.writer() == nullptr && service.cluster() == nullptr,
      .keys = service.keys.any(),
      .key_name = call.request().key_name,
      .key_role = RoleWord(call.request().role),
      .levels = {},
      .rejected = {counts.rejected.begin(), counts.rejected.end()},
      .answers = {counts.answers.begin(), counts.answers.end()},
      .limits = {{"workers", service.options.worker_count()},
                 {"queue", service.options.queue_length()},
                 {"max_body_bytes", std::uint64_t{1'000} * service.options.max_body_kb},
                 {"max_import_bytes", std::uint64_t{1'000'000} * service.options.max_import_mb},
                 {"max_batch", service.options.max_batch}}};
  Metrics::Visit(service.LevelsNow(), [&status](const char* name, double value) {
    status.levels.emplace_back(name, static_cast<std::uint64_t>(value));
  });
  return {.body = wire::StatusText(status)};
}

}  // namespace inlier::server
