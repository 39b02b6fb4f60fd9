// One thread moves the bytes of all connections and keeps the clocks.
#include "server/http_client.h"

#include <algorithm>
#include <latch>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/http_exchange.h"

namespace inlier::server {

namespace asio = boost::asio;

struct HttpClient::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  HttpExchange::Idle idle;  // of the thread alone
  std::thread thread{[this] { context.run(); }};

  ~State() {
    work.reset();
    context.stop();
    thread.join();
  }
};

namespace {

using Clock = HttpClient::Clock;

// One request, at one server after the other or at two at once. What it refers to belongs to the
// caller, who waits until `ended` has been called.
class Race : public std::enable_shared_from_this<Race> {
 public:
  Race(asio::io_context& context, HttpExchange::Idle& idle, const HttpClient::Choices& choices,
       const HttpClient::Rules& rules, HttpClient::Outcome& outcome, std::function<void()> ended)
      : context_(context),
        idle_(idle),
        choices_(choices),
        rules_(rules),
        outcome_(outcome),
        ended_(std::move(ended)) {}

  void AskNext() {
    const std::size_t place = outcome_.tries.size();
    const Clock::time_point now = Clock::now();
    outcome_.tries.push_back({.choice = place, .began = now});
    running_.push_back(std::make_shared<HttpExchange>(
        context_, idle_, choices_[place], std::min(now + rules_.at_most, rules_.until),
        [self = shared_from_this(), place](Result<HttpClient::Reply> reply) {
          self->Replied(place, std::move(reply));
        }));
    running_.back()->Start();
  }

  // Asks another server as well, if there is one and it may.
  void Hedge() {
    const std::size_t next = outcome_.tries.size();
    if (!ended_ || next == choices_.size() || !rules_.may_hedge) return;
    if (choices_[next].address() == choices_[next - 1].address() || !rules_.may_hedge()) return;
    AskNext();
  }

 private:
  void Replied(std::size_t place, Result<HttpClient::Reply> reply) {
    const bool is_answer = reply && rules_.is_answer(*reply);
    EndTry(place, is_answer ? HttpClient::Fate::kAnswered : HttpClient::Fate::kFailed);
    outcome_.reply = std::move(reply);
    const bool one_runs = std::ranges::any_of(
        outcome_.tries, [](const auto& one) { return one.fate == HttpClient::Fate::kRuns; });
    if (!is_answer && one_runs) return;
    if (!is_answer && outcome_.tries.size() < choices_.size() && Clock::now() < rules_.until)
      return AskNext();
    for (std::size_t i = 0; i < running_.size(); ++i) {
      if (outcome_.tries[i].fate != HttpClient::Fate::kRuns) continue;
      running_[i]->Cancel();
      EndTry(i, HttpClient::Fate::kOvertaken);
    }
    running_.clear();
    std::exchange(ended_, nullptr)();
  }

  void EndTry(std::size_t place, HttpClient::Fate fate) {
    HttpClient::Try& one = outcome_.tries[place];
    one.fate = fate;
    one.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - one.began);
  }

  asio::io_context& context_;
  HttpExchange::Idle& idle_;
  const HttpClient::Choices& choices_;
  const HttpClient::Rules& rules_;
  HttpClient::Outcome& outcome_;
  std::function<void()> ended_;                         // empty once it has ended
  std::vector<std::shared_ptr<HttpExchange>> running_;  // by try
};

// The requests that are sent at once, with one clock for all hedges.
struct Round {
  explicit Round(asio::io_context& context) : clock(context) {}
  asio::steady_timer clock;
  std::vector<std::shared_ptr<Race>> races;
};

}  // namespace

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}
HttpClient::~HttpClient() = default;

std::vector<HttpClient::Outcome> HttpClient::SendAll(std::span<const Choices> requests,
                                                     const Rules& rules) {
  std::vector<Outcome> outcomes(requests.size());
  if (requests.empty()) return outcomes;
  std::latch done(1);
  asio::post(state_->context, [&] {
    auto round = std::make_shared<Round>(state_->context);
    auto left = std::make_shared<std::size_t>(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      // The clock holds the round, so the round ends with it.
      round->races.push_back(std::make_shared<Race>(state_->context, state_->idle, requests[i],
                                                    rules, outcomes[i],
                                                    [left, clock = std::weak_ptr(round), &done] {
                                                      if (--*left > 0) return;
                                                      if (const auto rung = clock.lock())
                                                        rung->clock.cancel();
                                                      done.count_down();
                                                    }));
    }
    for (const auto& race : round->races) race->AskNext();
    if (rules.hedge_after == std::chrono::microseconds::max()) return;
    round->clock.expires_after(rules.hedge_after);
    round->clock.async_wait([round](boost::system::error_code ec) {
      if (ec) return;
      for (const auto& race : round->races) race->Hedge();
    });
  });
  done.wait();
  return outcomes;
}

Result<HttpClient::Reply> HttpClient::Send(const Request& request,
                                           std::chrono::milliseconds at_most) {
  const Choices choices{request};
  const Rules rules{.at_most = at_most, .is_answer = [](const Reply&) { return true; }};
  return std::move(SendAll({&choices, 1}, rules).front().reply);
}

}  // namespace inlier::server
