#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/routes.h"

namespace inlier::server {

/// Why a request whose header is there is refused before its body is read; nothing when it may go
/// on. Sets `key_name` of the request.
std::optional<Response> Refusal(Service& service, const Found& found, Request& request);

/// Why nothing can be changed now: the server is read-only, which `detail` tells people, or the
/// disk is full. Nothing when it can.
std::optional<Response> ChangeRefusal(
    const Service& service, std::string_view detail = "This server does not change its database.");

/// The largest body that a route takes, and how long it may take to arrive.
std::uint64_t MostBodyBytes(const ServerOptions& options, const Route& route);
int BodyTimeout_ms(const ServerOptions& options, const Route& route);

/// The answer to a request with the method OPTIONS: what the path allows and, to a page of an
/// origin that may ask, that it may (the preflight of CORS).
Response AnswerOptions(const Service& service, const Found& found, const Request& request);
/// Lets the page of an origin that may ask read the answer.
void AddCorsHeaders(const Service& service, const Request& request, Response& response);

/// The address that counts as the client's: the peer's or, when the peer is a trusted proxy, the
/// last of X-Forwarded-For, which is what that proxy has seen.
std::string ClientOf(const ServerOptions& options, const std::string& peer,
                     std::string_view forwarded_for);
bool IsTrustedProxy(const ServerOptions& options, const std::string& address);

/// The trace of a traceparent header (W3C Trace Context); empty when it is not one.
std::string TraceIdOf(std::string_view traceparent);

}  // namespace inlier::server
