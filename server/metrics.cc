#include "server/metrics.h"

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "wire/service.h"

namespace inlier::server {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

const Histogram::BucketBoundaries& Buckets_s() {
  static const Histogram::BucketBoundaries buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                   0.1,   0.25,   0.5,   1,    2.5,   10};
  return buckets;
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = BuildCounter()
                                                          .Name("inlier_requests_total")
                                                          .Help("Requests that were answered")
                                                          .Register(registry);
  prometheus::Family<Histogram>& request_s =
      BuildHistogram()
          .Name("inlier_request_seconds")
          .Help("From the whole header of a request to the end of its answer")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& rejected =
      BuildCounter()
          .Name("inlier_rejected_total")
          .Help("Requests and connections that were refused before they were tried")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& answers = BuildCounter()
                                                         .Name("inlier_answers_total")
                                                         .Help("Photos by what they showed")
                                                         .Register(registry);
  prometheus::Family<Histogram>& stage_s = BuildHistogram()
                                               .Name("inlier_query_stage_seconds")
                                               .Help("What a query spent in each stage")
                                               .Register(registry);
  Histogram& queue_s = BuildHistogram()
                           .Name("inlier_queue_seconds")
                           .Help("What a query waited for a worker")
                           .Register(registry)
                           .Add({}, Buckets_s());
  prometheus::Counter& abandoned =
      BuildCounter()
          .Name("inlier_abandoned_total")
          .Help("Requests whose client had gone, or whose deadline had passed, before the answer")
          .Register(registry)
          .Add({});
  prometheus::Family<prometheus::Gauge>& level =
      BuildGauge().Name("inlier_level").Help("What there is now, by name").Register(registry);

  // To find the metric of some labels, the library makes a map of them and hashes it, which costs
  // more than to count.
  struct OfRoute {
    prometheus::Counter* requests = nullptr;
    Histogram* seconds = nullptr;
  };
  std::mutex mutex;
  std::map<int, std::map<std::string, OfRoute, std::less<>>> routes;  // by status
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  for (const char* word : {"found", "not_in_catalogue", "no_features"})
    state_->answers.Add({{"status", word}});
}
Metrics::~Metrics() = default;

void Metrics::CountRequest(std::string_view route, int status, double seconds) {
  State::OfRoute found;
  {
    std::lock_guard lock(state_->mutex);
    auto& of_status = state_->routes[status];
    auto place = of_status.find(route);
    if (place == of_status.end()) {
      const std::string name(route);
      auto& requests = state_->requests.Add({{"route", name}, {"status", std::to_string(status)}});
      auto& times = state_->request_s.Add({{"route", name}}, Buckets_s());
      place = of_status.emplace(name, State::OfRoute{&requests, &times}).first;
    }
    found = place->second;
  }
  found.requests->Increment();
  found.seconds->Observe(seconds);
}

void Metrics::CountRejected(std::string_view cause) {
  state_->rejected.Add({{"cause", std::string(cause)}}).Increment();
}

void Metrics::ObserveAnswer(const Answer& answer) {
  state_->answers.Add({{"status", std::string(wire::StatusWord(answer))}}).Increment();
  const auto stage = [this](const char* name, double ms) {
    state_->stage_s.Add({{"stage", name}}, Buckets_s()).Observe(ms / 1000);
  };
  stage("decode", answer.timings.decode_ms);
  stage("extract", answer.timings.extract_ms);
  stage("shortlist", answer.timings.shortlist_ms);
  stage("verify", answer.timings.verify_ms);
  stage("second_look", answer.timings.second_look_ms);
}

void Metrics::ObserveQueue(double waited_ms) { state_->queue_s.Observe(waited_ms / 1000); }
void Metrics::CountAbandoned() { state_->abandoned.Increment(); }

std::string Metrics::Text(const Levels& levels) {
  Visit(levels, [this](const char* name, double value) {
    state_->level.Add({{"of", name}}).Set(value);
  });
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

Metrics::Counts Metrics::Counted() const {
  Counts counts;
  for (const auto& [family, into] : {std::pair(&state_->rejected, &counts.rejected),
                                     std::pair(&state_->answers, &counts.answers)})
    for (const auto& collected : family->Collect())
      for (const auto& metric : collected.metric)
        (*into)[metric.label.front().value] = static_cast<std::uint64_t>(metric.counter.value);
  return counts;
}

}  // namespace inlier::server
