#include "server/access_log.h"

#include <chrono>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "wire/log_line.h"

namespace inlier::server {

struct AccessLog::State {
  std::shared_ptr<spdlog::logger> logger;
};

AccessLog::AccessLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
AccessLog::~AccessLog() { Flush(); }

Result<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& where) {
  try {
    spdlog::sink_ptr sink;
    if (where == "none")
      sink = std::make_shared<spdlog::sinks::null_sink_mt>();
    else if (where == "stderr")
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else if (where == "stdout")
      sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(where);
    auto state = std::make_unique<State>();
    state->logger = std::make_shared<spdlog::logger>("inlier", std::move(sink));
    // The message is the rest of the object, and the time goes in front of it.
    state->logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)", spdlog::pattern_time_type::utc));
    state->logger->flush_on(spdlog::level::info);
    if (where == "none") state->logger->set_level(spdlog::level::off);
    return std::unique_ptr<AccessLog>(new AccessLog(std::move(state)));
  } catch (const spdlog::spdlog_ex& e) {
    return Fail(ErrorCode::kIo, where + ": " + e.what());
  }
}

void AccessLog::Write(const AccessRecord& r) {
  if (!state_->logger->should_log(spdlog::level::info)) return;
  state_->logger->info(wire::RestOfObject({{"level", "info"},
                                           {"request_id", r.request_id},
                                           {"trace_id", r.trace_id},
                                           {"client", r.client},
                                           {"key", r.key_name},
                                           {"method", r.method},
                                           {"path", r.path},
                                           {"route", r.route},
                                           {"cause", r.cause}},
                                          {{"status", r.status},
                                           {"bytes_in", static_cast<double>(r.bytes_in)},
                                           {"bytes_out", static_cast<double>(r.bytes_out)},
                                           {"round", r.round},
                                           {"total_ms", r.total_ms},
                                           {"queue_ms", r.queue_ms},
                                           {"decode_ms", r.timings.decode_ms},
                                           {"extract_ms", r.timings.extract_ms},
                                           {"shortlist_ms", r.timings.shortlist_ms},
                                           {"verify_ms", r.timings.verify_ms},
                                           {"second_look_ms", r.timings.second_look_ms}}));
}

void AccessLog::Note(const std::string& level, const std::string& message) {
  state_->logger->info(wire::RestOfObject({{"level", level}, {"message", message}}, {}));
}

void AccessLog::Flush() { state_->logger->flush(); }

}  // namespace inlier::server
