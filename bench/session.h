#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_method.h"
#include "bench/bench_options.h"
#include "bench/gallery.h"
#include "bench/visible_items.h"

namespace inlier {

/// One run of the bench: its gallery, the methods that are open, and what they have answered.
struct BenchSession {
  BenchOptions options;
  Gallery gallery;
  VisibleItems visible;
  std::string data_hash;                          // see DataHash
  std::map<std::string, MethodAnswers> answers;   // by method
  std::map<std::string, std::string> options_of;  // JSON, by method

  /// The method, which is opened when it is first needed. Errors: as OpenMethod.
  Result<const BenchMethod*> Open(const std::string& method);
  void Close(const std::string& method) { open_.erase(method); }
  /// A hash of everything that the answers of a method depend on. Answers that were kept with
  /// another fingerprint are not used.
  std::string Fingerprint(const std::string& method) const;

 private:
  std::map<std::string, std::unique_ptr<BenchMethod>> open_;
};

}  // namespace inlier
