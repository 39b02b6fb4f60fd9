#include "server/options.h"

#include <charconv>
#include <thread>
#include <type_traits>

#include <arpa/inet.h>

#include <fmt/format.h>

namespace inlier::server {
namespace {

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

template <class Number>
bool ParseNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Status SetValue(std::string_view name, std::string_view text, std::string& value) {
  if (text.find('\0') != std::string_view::npos)
    return Wrong(fmt::format("{} has a zero byte", name));
  value = text;
  return {};
}

Status SetValue(std::string_view name, std::string_view text, int& value) {
  if (ParseNumber(text, value)) return {};
  return Wrong(fmt::format("{} is '{}', not a whole number", name, text));
}

Status SetValue(std::string_view name, std::string_view text, bool& value) {
  for (const std::string_view yes : {"true", "1", "yes", "on"})
    if (text == yes) return value = true, Status();
  for (const std::string_view no : {"false", "0", "no", "off"})
    if (text == no) return value = false, Status();
  return Wrong(fmt::format("{} is '{}', neither true nor false", name, text));
}

}  // namespace

int ServerOptions::worker_count() const {
  if (workers > 0) return workers;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

Status SetOption(ServerOptions& options, std::string_view name, std::string_view text) {
  Status status = Wrong(fmt::format("there is no option '{}'", name));
  ServerOptions::Visit(options, [&](const Field& field, auto& value) {
    if (field.name == name) status = SetValue(name, text, value);
  });
  return status;
}

Status Validate(const ServerOptions& options) {
  Status status;
  ServerOptions::Visit(options, [&](const Field& field, const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, int>) {
      if (status && (value < field.least || value > field.most)) {
        status = Wrong(fmt::format("{} is {}, outside {:.0f} to {:.0f}", field.name, value,
                                   field.least, field.most));
      }
    }
  });
  if (!status) return status;
  const auto endpoint = ParseEndpoint(options.listen);
  if (!endpoint) return tl::unexpected(endpoint.error());
  if (options.keys_file.empty() && !options.allow_without_keys && !IsLoopback(endpoint->address)) {
    return Wrong(
        fmt::format("{} can be reached from other machines, so keys_file is needed "
                    "(allow_without_keys lets everybody do everything)",
                    endpoint->address));
  }
  return {};
}

Result<Endpoint> ParseEndpoint(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  Endpoint endpoint;
  std::string_view host = listen.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    host = {};
  if (host.empty() || !ParseNumber(listen.substr(colon + 1), endpoint.port)) {
    return Wrong(
        fmt::format("listen is '{}', not of the form 127.0.0.1:8080 or [::1]:8080", listen));
  }
  endpoint.address = host == "localhost" ? "127.0.0.1" : host;
  return endpoint;
}

bool IsLoopback(std::string_view address) {
  // How the text begins does not decide this: 127.example.com is a name that anybody may point
  // anywhere.
  in_addr v4{};
  if (inet_pton(AF_INET, std::string(address).c_str(), &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return address == "::1" || address == "localhost";
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t first = part.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    part = part.substr(first, part.find_last_not_of(" \t") - first + 1);
    parts.emplace_back(part);
  }
  return parts;
}

}  // namespace inlier::server
