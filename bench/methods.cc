#include "bench/methods.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/engine_method.h"
#include "bench/given_answers.h"
#include "bench/opencv_extractors.h"
#include "bench/tutorial_method.h"

namespace inlier {
namespace {

// In the order in which the message about an unknown method lists them.
const std::vector<std::string> kLocal = {"sift", "surf", "orb", "brief", "xfeat", "look"};
const std::vector<std::string> kOthers = {
    "deep", "deep-raw", "deep-nanodet", "hybrid", "opencv-sift", "opencv-rootsift", "opencv-orb"};
const std::vector<std::string> kReferences = {"exact", "opencv-tutorial"};

bool IsOneOf(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The file of the projection that a method learns. The hybrid's embedding is that of "deep".
std::string ProjectionOf(const BenchOptions& options, const std::string& name) {
  const std::string file = (name == "hybrid" ? "deep" : name) + "-projection.inlier";
  return std::filesystem::absolute(options.out / file).string();
}

}  // namespace

bool IsReferenceMethod(std::string_view name) { return IsOneOf(kReferences, name); }

bool ComparesAllItems(std::string_view name) { return name.starts_with("deep") || name == "look"; }

Status CheckMethod(const BenchOptions& options, const std::string& name) {
  AddOpenCvExtractors();
  const bool is_given = GivenAnswersOf(options, name) != nullptr;
  if (!is_given && name == "opencv-tutorial") return {};
  std::vector<std::string> known = kLocal;
  known.insert(known.end(), kOthers.begin(), kOthers.end());
  known.insert(known.end(), kReferences.begin(), kReferences.end());
  if (is_given) {
    if (IsOneOf(known, name))
      return Fail(ErrorCode::kInvalidArgument, "answers: '" + name + "' is a method already");
    if (name.find('/') != std::string::npos)  // it becomes a part of the names of files
      return Fail(ErrorCode::kInvalidArgument, "answers: a name has no '/': '" + name + "'");
    return {};
  }
  if (!IsOneOf(known, name)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("there is no method '{}'; there are {}", name, fmt::join(known, ", ")));
  }
  INLIER_ASSIGN_OR_RETURN(EngineOptions engine_options, OptionsOfMethod(options, name));
  engine_options.extract.deep_projection.clear();  // it may not have been learnt yet
  return Validate(engine_options);
}

Result<EngineOptions> OptionsOfMethod(const BenchOptions& options, const std::string& name) {
  if (GivenAnswersOf(options, name) != nullptr)
    return Fail(ErrorCode::kInvalidArgument, name + ": answers in a file have no options");
  EngineOptions engine_options;
  std::string extractor = name;
  if (name.starts_with("deep")) extractor = "deep";
  if (IsReferenceMethod(name)) extractor = "sift";
  INLIER_RETURN_IF_ERROR(SetOption(engine_options, "extract.method", extractor));
  if (name == "deep-nanodet") engine_options.extract.deep_model = "nanodet-g";
  if ((extractor == "deep" && name != "deep-raw") || name == "hybrid") {
    engine_options.extract.deep_projection = ProjectionOf(options, name);
  }
  for (const auto& [option, value] : options.set)
    INLIER_RETURN_IF_ERROR(SetOption(engine_options, option, value));
  return engine_options;
}

Result<std::unique_ptr<BenchMethod>> OpenMethod(const BenchOptions& options, const Gallery& gallery,
                                                const std::string& data_hash,
                                                const std::string& name) {
  if (const auto* answers = GivenAnswersOf(options, name))
    return OpenGivenAnswers(*answers, gallery, data_hash);
  if (name == "opencv-tutorial") {
    INLIER_ASSIGN_OR_RETURN(const EngineOptions sift, OptionsOfMethod(options, "sift"));
    return MakeTutorialMethod(gallery, sift.extract.max_side_px, options.threads);
  }
  INLIER_ASSIGN_OR_RETURN(const EngineOptions engine_options, OptionsOfMethod(options, name));
  return OpenEngineMethod(options, engine_options, gallery, name);
}

}  // namespace inlier
