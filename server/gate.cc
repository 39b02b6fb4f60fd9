#include "server/gate.h"

#include <algorithm>

#include "server/bodies.h"

namespace inlier::server {
namespace {

// Which key a request shows: "Authorization: Bearer KEY" or "X-API-Key: KEY".
std::string_view KeyOf(const Request& request) {
  const std::string_view authorization = request.Header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() > kScheme.size() &&
      std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme,
                         [](char a, char b) { return (a | 0x20) == (b | 0x20); })) {
    return authorization.substr(kScheme.size());
  }
  return request.Header("x-api-key");
}

bool OriginMayAsk(const ServerOptions& options, std::string_view origin) {
  return std::ranges::any_of(SplitList(options.cors_origins), [&](const std::string& allowed) {
    return allowed == origin || allowed == "*";
  });
}

// The host without its port.
std::string_view HostName(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// A browser also sends requests that a foreign page has made, and a foreign name may lead to this
// machine. Without keys nothing else would stop such pages.
std::optional<Response> ForeignPage(const Service& service, const Request& request) {
  const std::string_view origin = request.Header("origin"), host = request.Header("host");
  const auto refuse = [](std::string detail, std::string field) {
    return ProblemResponse({.status = 403,
                            .type = "foreign_origin",
                            .detail = std::move(detail),
                            .field = std::move(field)});
  };
  if (!origin.empty() && !OriginMayAsk(service.options, origin)) {
    const std::size_t scheme = origin.find("://");
    const bool own = scheme != std::string_view::npos && origin.substr(scheme + 3) == host;
    if (!own) return refuse("Pages of this origin may not ask (see cors_origins).", "Origin");
  }
  if (!service.keys.any() && !service.options.allow_without_keys) {
    const std::string_view name = HostName(host);
    if (!name.empty() && !IsLoopback(name) && name != "[::1]")
      return refuse("Without keys the server answers to this machine's own names alone.", "Host");
  }
  return std::nullopt;
}

std::optional<Response> WithoutKey(Service& service, const Route& route, Request& request) {
  if (!service.keys.any() || route.role == Role::kNobody) return std::nullopt;
  const auto holder = service.keys.Find(KeyOf(request));
  if (!holder) {
    service.metrics.CountRejected("key");
    Response response = ProblemResponse({.status = 401,
                                         .type = "key_needed",
                                         .detail = "A key is needed: Authorization: Bearer KEY.",
                                         .field = "Authorization"});
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  request.key_name = holder->name;
  request.role = holder->role;
  if (holder->role >= route.role) return std::nullopt;
  return ProblemResponse({.status = 403,
                          .type = "key_may_not",
                          .detail = "This key may not do that.",
                          .field = "Authorization"});
}

Response NoSuchRoute(const Found& found) {
  if (found.allow.empty())
    return ProblemResponse(
        {.status = 404, .type = "no_such_path", .detail = "There is nothing at this path."});
  Response response = ProblemResponse({.status = 405,
                                       .type = "method_not_allowed",
                                       .detail = "This path does not have this method."});
  response.headers.emplace_back("Allow", found.allow);
  return response;
}

}  // namespace

std::uint64_t MostBodyBytes(const ServerOptions& options, const Route& route) {
  switch (route.body) {
    case Body::kNone:
      return 0;
    case Body::kMemory:
      return static_cast<std::uint64_t>(options.max_body_kb) * 1'000;
    case Body::kFile:
      break;
  }
  return static_cast<std::uint64_t>(options.max_import_mb) * 1'000'000;
}

int BodyTimeout_ms(const ServerOptions& options, const Route& route) {
  return route.body == Body::kFile ? options.import_timeout_ms : options.body_timeout_ms;
}

std::optional<Response> ChangeRefusal(const Service& service, std::string_view detail) {
  if (service.cluster() != nullptr) {
    if (!service.cluster()->placement()->writer)
      return ProblemResponse(ProblemOf({ErrorCode::kUnavailable, "", {}}));
  } else if (service.writer() == nullptr) {
    return ProblemResponse({.status = 403, .type = "read_only", .detail = std::string(detail)});
  }
  if (service.DiskIsFull()) return ProblemResponse(ProblemOf({ErrorCode::kDiskFull, "", {}}));
  return std::nullopt;
}

std::optional<Response> Refusal(Service& service, const Found& found, Request& request) {
  if (found.route == nullptr) return NoSuchRoute(found);
  const Route& route = *found.route;
  if (auto foreign = ForeignPage(service, request); foreign && route.role != Role::kNobody)
    return foreign;
  if (auto refused = WithoutKey(service, route, request)) return refused;
  if (route.role == Role::kNobody) return std::nullopt;
  const std::string& name = request.key_name.empty() ? request.client : request.key_name;
  if (!service.rate.Take(name, RateLimit::Clock::now())) {
    service.metrics.CountRejected("rate");
    return ProblemResponse({.status = 429,
                            .type = "too_many_requests",
                            .detail = "This key has asked too often. Ask again in a moment."});
  }
  if (service.stopping()) return BusyResponse("stopping", "The server is being stopped.");
  if (!service.loaded()) return BusyResponse("loading", "The database is being opened.");
  // An upload takes room on the disk before its handler sees it.
  if (route.body == Body::kFile)
    if (auto refused = ChangeRefusal(service)) return refused;
  if (route.lane == Lane::kQueries && service.queries.Full()) {
    service.metrics.CountRejected("queue_full");
    return BusyResponse("queue_full", "The server has more to do than it can.");
  }
  return std::nullopt;
}

Response AnswerOptions(const Service& service, const Found& found, const Request& request) {
  if (found.allow.empty()) return NoSuchRoute(found);
  Response response{.status = 204, .content_type = "", .headers = {{"Allow", found.allow}}};
  if (!request.Header("access-control-request-method").empty() &&
      OriginMayAsk(service.options, request.Header("origin"))) {
    response.headers.emplace_back("Access-Control-Allow-Methods", found.allow);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Authorization, X-API-Key, Content-Type, If-Match, traceparent");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return response;
}

void AddCorsHeaders(const Service& service, const Request& request, Response& response) {
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || !OriginMayAsk(service.options, origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
  response.headers.emplace_back("Vary", "Origin");
  response.headers.emplace_back("Access-Control-Expose-Headers",
                                "ETag, Location, Retry-After, X-Request-Id, Content-Range");
}

bool IsTrustedProxy(const ServerOptions& options, const std::string& address) {
  const auto proxies = SplitList(options.trusted_proxies);
  return std::ranges::find(proxies, address) != proxies.end();
}

std::string ClientOf(const ServerOptions& options, const std::string& peer,
                     std::string_view forwarded_for) {
  if (forwarded_for.empty() || !IsTrustedProxy(options, peer)) return peer;
  const auto addresses = SplitList(forwarded_for);
  return addresses.empty() ? peer : addresses.back();
}

std::string TraceIdOf(std::string_view traceparent) {
  // 00-<32 hexadecimal digits>-<16>-<2>
  const auto digits = [&](std::size_t begin, std::size_t count) {
    const std::string_view part = traceparent.substr(begin, count);
    return std::ranges::all_of(
               part, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) &&
           part.find_first_not_of('0') != std::string_view::npos;
  };
  if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-' ||
      traceparent[52] != '-' || !digits(3, 32) || !digits(36, 16) || traceparent.starts_with("ff"))
    return {};
  return std::string(traceparent.substr(3, 32));
}

}  // namespace inlier::server
