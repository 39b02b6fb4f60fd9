#include "server/server.h"

#include <csignal>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/listener.h"
#include "server/service.h"

namespace inlier::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// The threads that move bytes. They end when there is nothing left to move.
class IoThreads {
 public:
  IoThreads(asio::io_context& context, int count)
      : context_(context), work_(context.get_executor()) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([&context] { context.run(); });
  }
  ~IoThreads() { Stop(); }
  void Stop() {
    work_.reset();
    context_.stop();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  asio::io_context& context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

// Waits for signals on a context of its own, that of the main thread.
class Signals {
 public:
  explicit Signals(Service& service)
      : service_(service), signals_(context_, SIGTERM, SIGINT, SIGHUP) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  /// Returns when the server has to stop; from then on the next signal ends the process.
  void WaitForStop() {
    Wait();
    context_.run();
    error_code ec;
    signals_.clear(ec);
    for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
  }
  /// Has WaitForStop return, from any thread.
  void Stop() { context_.stop(); }

 private:
  void Wait() {
    signals_.async_wait([this](error_code ec, int signal) {
      if (ec || signal != SIGHUP) return;
      const Status loaded = service_.LoadKeys();
      service_.log.Note(loaded ? "info" : "error",
                        loaded ? "the keys have been read again" : loaded.error().message);
      Wait();
    });
  }
  Service& service_;
  asio::io_context context_;
  asio::signal_set signals_;
};

}  // namespace

Status Serve(const ServerOptions& options, const std::filesystem::path& database,
             const std::function<void(const std::string& address)>& listening) {
  Status valid = Validate(options);
  if (!valid) return valid;
  auto log = AccessLog::Open(options.log);
  if (!log) return tl::unexpected(log.error());
  Service service(options, database, **log);
  asio::io_context context;  // goes first, with the connections in it, which know the service
  Status keys = service.LoadKeys();
  if (!keys) return keys;
  const auto listener = std::make_shared<Listener>(context, service);
  Status bound = listener->Bind(*ParseEndpoint(options.listen));
  if (!bound) return bound;
  Signals signals(service);
  IoThreads threads(context, options.io_threads);
  listener->Start();
  listening(listener->address());
  // On a thread of its own, so that a signal is heard meanwhile.
  Status opened;
  std::thread opening([&] {
    opened = service.Open();
    if (!opened) signals.Stop();
  });
  signals.WaitForStop();
  service.BeginStop();
  listener->Stop();
  opening.join();
  service.Stop();
  // What was answered last may still be on its way.
  for (int i = 0; i < 100 && service.connections > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  threads.Stop();
  return opened;
}

Result<std::string> Describe(const ServerOptions& options, const std::filesystem::path& database) {
  const Status valid = Validate(options);
  if (!valid) return tl::unexpected(valid.error());
  Keys keys;
  if (!options.keys_file.empty()) {
    const Status loaded = keys.Load(options.keys_file);
    if (!loaded) return tl::unexpected(loaded.error());
  }
  std::string text = fmt::format("database = {}\n", database.string());
  ServerOptions::Visit(options, [&text](const Field& field, const auto& value) {
    text += fmt::format("{} = {}\n", field.name, value);
  });
  text +=
      fmt::format("# {} workers, {} places in the queue, {}\n", options.worker_count(),
                  options.queue_length(), keys.any() ? "keys are needed" : "nobody needs a key");
  return text;
}

}  // namespace inlier::server
