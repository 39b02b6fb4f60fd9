#pragma once

#include <map>
#include <memory>
#include <string>

#include "bench/answers.h"
#include "bench/bench.h"
#include "bench/fusion.h"
#include "bench/gallery.h"
#include "bench/methods.h"
#include "bench/summary.h"

namespace inlier {

/// What is known of other items in a photo: see BenchOptions::visible.
class Visible {
 public:
  /// Errors: kIo, kInvalidArgument.
  static Result<Visible> Read(const std::filesystem::path& path, const Gallery& gallery);
  bool IsVisible(std::size_t photo, const std::string& id) const {
    return Is(photo, id, /*or_unclear=*/false);
  }
  bool InDoubt(std::size_t photo, const std::string& id) const {
    return Is(photo, id, /*or_unclear=*/true);
  }

 private:
  bool Is(std::size_t photo, const std::string& id, bool or_unclear) const;
  std::map<std::pair<std::size_t, std::string>, bool> clear_;  // false: unclear
};

/// One run: its gallery, the methods that are open, and what they have answered.
struct BenchSession {
  BenchOptions options;
  Gallery gallery;
  Visible visible;
  std::string data_hash;  // of all pictures, ids and truths
  std::map<std::string, MethodAnswers> answers;
  std::map<std::string, std::string> options_of;  // JSON, by method
  std::string classical, deep;  // the parts of "hybrid"; empty when it is not asked for
  Fusion fusion;                // of all photos; each photo was judged by one that has not seen it
  double accept_probability = 0;

  /// Opened when it is first asked for. Errors: as OpenMethod.
  Result<const BenchMethod*> Open(const std::string& method);
  void Close(const std::string& method) { open_.erase(method); }
  /// What answers of this method depend on; those of another fingerprint are not taken over.
  std::string Fingerprint(const std::string& method) const;

 private:
  std::map<std::string, std::unique_ptr<BenchMethod>> open_;
};

/// Asks all photos with one method, or reads what it answered in a run before. Errors: as
/// OpenMethod.
Status AskPhotos(BenchSession& session, const std::string& method);

/// Asks the stress scenes of one dataset; returns figures by method, slider and level, and writes
/// pictures of the sliders. Errors: as RenderStress and OpenMethod.
Result<nlohmann::ordered_json> RunStress(BenchSession& session, const std::string& dataset);

/// Pictures of right and wrong answers of some methods, written to OUT/pictures; a list of them
/// with what was said.
Result<nlohmann::ordered_json> DrawAnswers(BenchSession& session);

/// How the index compares with looking at every item, on some photos of each dataset.
Result<nlohmann::ordered_json> CompareWithExact(BenchSession& session, const std::string& method);

}  // namespace inlier
