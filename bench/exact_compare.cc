#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "bench/session.h"
#include "core/parallel.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kExactDepth = 100;

bool Within(const Answer& answer, const std::string& id, std::size_t depth) {
  const auto end =
      answer.hits.begin() + static_cast<std::ptrdiff_t>(std::min(depth, answer.hits.size()));
  return std::any_of(answer.hits.begin(), end, [&](const Hit& hit) { return hit.id == id; });
}

}  // namespace

Result<Json> CompareWithExact(BenchSession& session, const std::string& method) {
  const BenchOptions& options = session.options;
  INLIER_RETURN_IF_ERROR(session.Open(method));
  INLIER_ASSIGN_OR_RETURN(const EngineOptions engine_options, OptionsOfMethod(options, method));
  EngineOptions deeper = engine_options;
  deeper.decide.candidates = kExactDepth;
  const auto folder = options.out / ("db-" + method);
  INLIER_ASSIGN_OR_RETURN(const auto engine,
                          Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
  INLIER_ASSIGN_OR_RETURN(const auto deep,
                          Engine::Open(folder, OpenMode::kRead, {.options = deeper}));
  struct Compared {
    Answer exact, index, shortlist;
    const BenchPhoto* photo;
    Status status;
  };
  std::vector<Compared> compared;
  for (const Dataset& dataset : session.gallery.datasets) {
    std::vector<const BenchPhoto*> of_set;
    for (const BenchPhoto& photo : dataset.photos) {
      if (!photo.truth.relevant.empty()) of_set.push_back(&photo);
    }
    const std::size_t count =
        std::min(of_set.size(), static_cast<std::size_t>(options.exact_photos));
    for (std::size_t i = 0; i < count; ++i)
      compared.push_back({.photo = of_set[i * of_set.size() / count]});
  }
  std::mutex mutex;
  std::size_t done = 0;
  const std::string stage = method + ": exact";
  ParallelFor(compared.size(), options.threads, [&](std::size_t i) {
    Compared& c = compared[i];
    const auto ask = [&c](const Engine& of, Answer& into, int top, bool exact) {
      auto answer = of.Query(c.photo->image, {.top = top, .all = true, .exact = exact});
      if (!answer)
        c.status = tl::unexpected(answer.error());
      else
        into = std::move(*answer);
    };
    ask(*engine, c.exact, kBenchDepth, true);
    ask(*engine, c.index, kBenchDepth, false);
    ask(*deep, c.shortlist, kExactDepth, false);
    std::lock_guard lock(mutex);
    if (options.progress) options.progress({stage, ++done, compared.size()});
  });
  std::map<std::string, std::array<int, 6>> sums;  // photos, found in 100, first hit of exact, of
                                                   // the index, right by votes, and then not in 100
  std::map<std::string, std::vector<double>> cpu;
  for (const Compared& c : compared) {
    INLIER_RETURN_IF_ERROR(c.status);
    const auto first = std::find_if(c.exact.hits.begin(), c.exact.hits.end(),
                                    [](const Hit& hit) { return hit.evidence.votes == 1; });
    auto& sum = sums[c.photo->dataset];
    sum[0] += 1;
    sum[1] += first != c.exact.hits.end() && Within(c.shortlist, first->id, kExactDepth);
    sum[2] += Within(c.exact, c.photo->own(), 1);
    sum[3] += Within(c.index, c.photo->own(), 1);
    const bool right = first != c.exact.hits.end() && first->id == c.photo->own();
    sum[4] += right;
    sum[5] += right && !Within(c.shortlist, first->id, kExactDepth);
    cpu[c.photo->dataset].push_back(c.exact.cpu.shortlist_ms);
  }
  Json result = Json::object();
  for (const auto& [dataset, sum] : sums) {
    const double n = sum[0];
    result[dataset] = {{"photos", sum[0]},
                       {"voted_first_in_100", sum[1] / n},
                       {"voted_first_is_right", sum[4] / n},
                       {"right_not_in_100", sum[5]},
                       {"first_hit_exact", sum[2] / n},
                       {"first_hit_index", sum[3] / n},
                       {"cpu_ms", Median(cpu[dataset])}};
  }
  return result;
}

}  // namespace inlier
