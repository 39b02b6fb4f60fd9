// A database that Python has opened. Its methods return text: the JSON of wire/, or the text that
// the engine itself gives.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>  // its callbacks are given texts

#include "python/src/errors.h"
#include "python/src/opened.h"
#include "python/src/picture.h"
#include "python/src/stages.h"

namespace inlier::python {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Lets another thread end calls that were given it.
struct CancelToken {
  std::shared_ptr<std::atomic<bool>> flag = std::make_shared<std::atomic<bool>>(false);
};

// A Python callable that work on any thread may ask. It is let go under the GIL.
using Callback = std::shared_ptr<nanobind::object>;
Callback Keep(const nanobind::object& callable);
ProgressFunction ProgressFor(Call& call, const Callback& callback);

std::filesystem::path PathOf(const nanobind::bytes& path);

class Database {
 public:
  explicit Database(std::unique_ptr<Engine> engine)
      : opened_(std::make_shared<Opened>(std::move(engine))) {}

  // Does `work(engine, call)` as call.h says.
  template <class Work>
  auto With(Work work, std::shared_ptr<std::atomic<bool>> cancel = nullptr) const {
    opened_->Check();
    return Run(
        [opened = opened_, work = std::move(work)](Call& call) mutable {
          const Opened::Use engine(opened);
          return work(*engine, call);
        },
        std::move(cancel));
  }
  // The same, where work gives a Result.
  template <class Work>
  auto Ask(Work work, std::shared_ptr<std::atomic<bool>> cancel = nullptr) const {
    return With(
        [work = std::move(work)](Engine& engine, Call& call) mutable {
          return ValueOrThrow(work(engine, call));
        },
        std::move(cancel));
  }

  void Close() const {
    if (!opened_->closed()) Run([opened = opened_](Call&) { opened->Close(); });
  }
  bool closed() const { return opened_->closed(); }

  std::string Query(const PictureArgument& photo, QueryOptions options, bool explain,
                    const CancelToken* token) const;
  // Id, name of the picture, votes.
  std::vector<std::tuple<std::string, std::string, float>> Shortlist(
      const FeaturesObject& photo, int top, Pairs where, std::vector<std::string> without) const;
  std::string Index(const std::shared_ptr<Catalogue>& catalogue, int threads, bool prune,
                    const nanobind::object& progress, const nanobind::object& outcome) const;

 private:
  std::shared_ptr<Opened> opened_;
};

std::shared_ptr<Database> Open(const nanobind::bytes& folder, const std::string& mode,
                               const Pairs& options, const nanobind::bytes& vocabulary, int threads,
                               const nanobind::object& notice);

}  // namespace inlier::python
