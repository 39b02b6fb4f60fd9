// Whether the server lives, whether it is ready, its metrics, and the description of its interface.
#include "server/routes.h"
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
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = service.MetricsText()};
}

Response AnswerOpenApi(Service&, Call&) { return {.body = std::string(wire::OpenApiText())}; }

}  // namespace inlier::server
