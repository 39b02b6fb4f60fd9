#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench_answer.h"
#include "bench/costs.h"
#include "bench/dataset.h"
#include "core/result.h"
#include "inlier/answer.h"

namespace inlier {

/// The most items of an answer that are kept and evaluated.
constexpr int kBenchDepth = 60;

/// One way to find the items of a gallery that a photo shows. Query may be called from many
/// threads.
class BenchMethod {
 public:
  virtual ~BenchMethod() = default;

  /// Up to kBenchDepth items, accepted or not. Errors: as Engine::Query.
  virtual Result<Answer> Query(const BenchPhoto& photo, Setting setting) const = 0;
  /// Searches the joint gallery for a picture that is not a file. The items `without` are left out.
  virtual Result<Answer> Query(const Image& photo,
                               const std::vector<std::string>& without) const = 0;
  /// False for a setting that would take this method days.
  virtual bool Answers(Setting setting) const = 0;
  /// The hit of an item with the points that were matched, for drawing. Nothing when the method
  /// does not match points, or does not list the item.
  virtual std::optional<Hit> Explain(const BenchPhoto& photo, const std::string& id) const = 0;

  const std::string& options() const { return options_; }  // JSON
  const MethodCosts& costs() const { return costs_; }

 protected:
  std::string options_ = "{}";
  MethodCosts costs_;
};

}  // namespace inlier
