#include "bench/index_loss.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "bench/methods.h"
#include "core/parallel.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

constexpr int kShortlistDepth = 100;

// The three answers to one photo that are compared.
struct Answers {
  const BenchPhoto* photo = nullptr;
  Answer exact;
  Answer index;
  Answer shortlist;  // the index again, with kShortlistDepth candidates
  Status status;
};

bool IsWithin(const Answer& answer, const std::string& id, std::size_t depth) {
  const auto end =
      answer.hits.begin() + static_cast<std::ptrdiff_t>(std::min(depth, answer.hits.size()));
  return std::any_of(answer.hits.begin(), end, [&](const Hit& hit) { return hit.id == id; });
}

struct Sums {
  int photos = 0;
  int voted_first_in_100 = 0;
  int voted_first_is_right = 0;
  int right_not_in_100 = 0;
  int first_hit_exact = 0;
  int first_hit_index = 0;
  std::vector<double> cpu_ms;

  void Add(const Answers& a) {
    const std::string own = a.photo->own();
    const auto voted_first = std::find_if(a.exact.hits.begin(), a.exact.hits.end(),
                                          [](const Hit& hit) { return hit.evidence.votes == 1; });
    const bool any = voted_first != a.exact.hits.end();
    const bool in_100 = any && IsWithin(a.shortlist, voted_first->id, kShortlistDepth);
    const bool is_right = any && voted_first->id == own;
    photos += 1;
    voted_first_in_100 += in_100;
    voted_first_is_right += is_right;
    right_not_in_100 += is_right && !in_100;
    first_hit_exact += IsWithin(a.exact, own, 1);
    first_hit_index += IsWithin(a.index, own, 1);
    cpu_ms.push_back(a.exact.cpu.shortlist_ms);
  }

  IndexLoss Loss() const {
    const double n = photos;
    return {.photos = photos,
            .voted_first_in_100 = voted_first_in_100 / n,
            .voted_first_is_right = voted_first_is_right / n,
            .right_not_in_100 = right_not_in_100,
            .first_hit_exact = first_hit_exact / n,
            .first_hit_index = first_hit_index / n,
            .cpu_ms = Median(cpu_ms)};
  }
};

}  // namespace

Result<std::map<std::string, IndexLoss>> MeasureIndexLoss(BenchSession& session,
                                                          const std::string& method) {
  const BenchOptions& options = session.options;
  INLIER_RETURN_IF_ERROR(session.Open(method));  // so that the database is up to date
  INLIER_ASSIGN_OR_RETURN(const EngineOptions engine_options, OptionsOfMethod(options, method));
  EngineOptions deeper = engine_options;
  deeper.decide.candidates = kShortlistDepth;
  const auto folder = options.out / ("db-" + method);
  INLIER_ASSIGN_OR_RETURN(const auto engine,
                          Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
  INLIER_ASSIGN_OR_RETURN(const auto deep_engine,
                          Engine::Open(folder, OpenMode::kRead, {.options = deeper}));
  std::vector<Answers> asked;
  const auto count = static_cast<std::size_t>(options.exact_photos);
  for (const std::size_t photo : SamplePhotos(session.gallery, count))
    asked.push_back({.photo = &session.gallery.photos[photo]});
  std::mutex mutex;
  std::size_t done = 0;
  const std::string stage = method + ": exact";
  ParallelFor(asked.size(), options.threads, [&](std::size_t i) {
    Answers& a = asked[i];
    const auto ask = [&a](const Engine& from, Answer& into, int top, bool exact) {
      auto answer = from.Query(a.photo->image,
                               {.top = top, .all = true, .exact = exact, .shortlisted = true});
      if (!answer)
        a.status = tl::unexpected(answer.error());
      else
        into = std::move(*answer);
    };
    ask(*engine, a.exact, kBenchDepth, true);
    ask(*engine, a.index, kBenchDepth, false);
    ask(*deep_engine, a.shortlist, kShortlistDepth, false);
    std::lock_guard lock(mutex);
    if (options.progress) options.progress({stage, ++done, asked.size()});
  });
  std::map<std::string, Sums> sums;
  for (const Answers& a : asked) {
    INLIER_RETURN_IF_ERROR(a.status);
    sums[a.photo->dataset].Add(a);
  }
  std::map<std::string, IndexLoss> losses;
  for (const auto& [dataset, sum] : sums) losses[dataset] = sum.Loss();
  return losses;
}

}  // namespace inlier
