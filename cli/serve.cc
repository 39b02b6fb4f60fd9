#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/console.h"
#include "server/options.h"
#include "server/server.h"

namespace inlier::cli {
namespace {

using server::ServerOptions;

constexpr std::string_view kDescription = R"(
Answers photos over HTTP and keeps the catalogue up to date, until it is told to stop by SIGTERM or
Ctrl-C. The interface is described by /openapi.json and, with an example of everything, by
docs/SERVER.md. The database is created if it does not exist.

Each option can be given in three places: as a flag, as a variable of the environment
(INLIER_MAX_BODY_KB for --max-body-kb), and as a line of the file of --config (max_body_kb = 8000). A
flag counts before a variable, and a variable before the file.

Without a file of keys everybody who reaches the server may do everything, so it then listens at an
address of this machine alone. TLS is left to a proxy in front.
)";

constexpr std::string_view kExamples = R"(
inlier serve --db shop.db
inlier serve --db shop.db --listen 0.0.0.0:8080 --keys-file keys --log access.jsonl
inlier serve --db shop.db --read-only --listen 127.0.0.1:8081
inlier serve --config serve.conf --check
)";

std::string WithDashes(std::string_view name) {
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  return dashed;
}

std::string Variable(std::string_view name) {
  std::string variable = "INLIER_" + std::string(name);
  std::ranges::transform(variable, variable.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return variable;
}

// Names of flags have to outlive the table of flags.
std::string_view Kept(std::string text) {
  static std::vector<std::unique_ptr<std::string>> kept;
  kept.push_back(std::make_unique<std::string>(std::move(text)));
  return *kept.back();
}

std::vector<Flag> Flags() {
  std::vector<Flag> flags{
      {.name = "db", .value = "DIR", .help = "The folder of the database."},
      {.name = "config", .value = "FILE", .help = "A file with lines 'name = value'."},
      {.name = "check", .help = "Say what the options come to, and do nothing."}};
  ServerOptions defaults;
  ServerOptions::Visit(defaults, [&flags](const Field& field, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    Flag flag{.name = Kept(WithDashes(field.name)), .value = "", .help = std::string(field.help)};
    flag.help[0] = static_cast<char>(
        flag.help[0] >= 'a' && flag.help[0] <= 'z' ? flag.help[0] - 'a' + 'A' : flag.help[0]);
    flag.help += '.';
    if constexpr (!std::is_same_v<Value, bool>) {
      flag.value = std::is_same_v<Value, int> ? "N" : "TEXT";
      if (field.name.ends_with("_file") || field.name == "cluster") flag.value = "FILE";
      if (const std::string text = fmt::format("{}", value); !text.empty())
        flag.help += fmt::format(" Default: {}.", text);
    }
    flags.push_back(std::move(flag));
  });
  return flags;
}

struct Settings {
  std::string database;
  ServerOptions options;
};

Status Set(Settings& settings, const std::string& name, const std::string& value,
           const std::string& where) {
  if (name == "db") {
    settings.database = value;
    return {};
  }
  const Status set = SetOption(settings.options, name, value);
  return set ? set : Within(where, set.error());
}

std::vector<std::string> Names() {
  std::vector<std::string> names{"db"};
  ServerOptions any;
  ServerOptions::Visit(any,
                       [&names](const Field& field, auto&) { names.emplace_back(field.name); });
  return names;
}

Result<Settings> ReadSettings(const Arguments& arguments) {
  Settings settings;
  const char* config = std::getenv("INLIER_CONFIG");
  const std::string file = arguments.Text("config", config == nullptr ? "" : config);
  if (!file.empty()) {
    INLIER_ASSIGN_OR_RETURN(const auto lines, ReadConfigFile(file));
    for (const auto& [name, value] : lines)
      INLIER_RETURN_IF_ERROR(Set(settings, name, value, file));
  }
  for (const std::string& name : Names()) {
    if (const char* value = std::getenv(Variable(name).c_str()))
      INLIER_RETURN_IF_ERROR(Set(settings, name, value, Variable(name)));
    const std::string flag = WithDashes(name);
    if (!arguments.Has(flag)) continue;
    // A switch has no value.
    const auto& values = arguments.All(flag);
    INLIER_RETURN_IF_ERROR(
        Set(settings, name, values.empty() ? "true" : values.back(), "--" + flag));
  }
  const bool is_gateway = !settings.options.cluster.empty();
  if (settings.database.empty() != is_gateway)
    return Fail(ErrorCode::kInvalidArgument,
                is_gateway ? "a gateway (--cluster) has no --db" : "--db DIR is missing");
  return settings;
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const Settings settings, ReadSettings(arguments));
  if (arguments.Has("check")) {
    INLIER_ASSIGN_OR_RETURN(const std::string text,
                            server::Describe(settings.options, settings.database));
    Print(text);
    return ExitCode::kDone;
  }
  const auto listening = [](const std::string& address) {
    Print("listening on http://" + address + "\n");
    FlushOutput();
  };
  INLIER_RETURN_IF_ERROR(server::Serve(settings.options, settings.database, listening));
  return ExitCode::kDone;
}

}  // namespace

Command ServeCommand() {
  return {.name = "serve",
          .group = "Serving",
          .summary = "Answer photos over HTTP",
          .description = kDescription,
          .flags = Flags(),
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
