#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/answers.h"
#include "bench/bench.h"
#include "bench/gallery.h"
#include "core/result.h"
#include "inlier/engine.h"

namespace inlier {

/// Most items of an answer that are kept and judged.
constexpr int kBenchDepth = 60;

/// One way to find the items of a gallery that a photo shows. Ask may be called from many threads.
class BenchMethod {
 public:
  virtual ~BenchMethod() = default;

  /// Up to kBenchDepth items, accepted or not. Errors: as Engine::Query.
  virtual Result<Answer> Ask(const BenchPhoto& photo, Asked how) const = 0;
  /// The same of a picture that is no file, in the joint gallery less some items.
  virtual Result<Answer> Ask(const Image& photo, const std::vector<std::string>& without) const = 0;
  /// False for what would take this method days.
  virtual bool Answers(Asked how) const = 0;
  /// Hit with its matched points, for drawing; nothing when the method has none or does not list
  /// the item.
  virtual std::optional<Hit> Explain(const BenchPhoto& photo, const std::string& id) const = 0;

  const std::string& options() const { return options_; }  // JSON
  const std::string& costs() const { return costs_; }      // JSON: building, opening, sizes

 protected:
  std::string options_ = "{}";
  std::string costs_ = "{}";
};

/// The methods that `--methods` takes besides "hybrid": ours, "deep" with a projection learned on
/// the gallery, "deep-raw" as the network comes; "opencv-sift", "opencv-rootsift" and "opencv-orb",
/// our pipeline with another's features; and two references that are too slow to ask every photo,
/// "exact" (Engine with QueryOptions::exact) and "opencv-tutorial".
bool IsReferenceMethod(std::string_view name);
/// Errors: kInvalidArgument for one that there is none of, with what there is; kNotFound when the
/// network is missing.
Status CheckMethod(const BenchOptions& options, const std::string& name);

/// Builds or brings up to date what the method needs of the gallery, in options.out. Errors: as
/// Engine's.
Result<std::unique_ptr<BenchMethod>> OpenMethod(const BenchOptions& options, const Gallery& gallery,
                                                const std::string& name);

/// The options that a method asks with. Errors: as SetOption.
Result<EngineOptions> OptionsOfMethod(const BenchOptions& options, const std::string& name);

}  // namespace inlier
