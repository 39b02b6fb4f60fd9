// The table of methods: the built-in features, and what AddMethod adds to them.
#include "extractor/methods.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/options.h"
#include "extractor/brief.h"
#include "extractor/look.h"
#include "extractor/orb.h"
#include "extractor/sift.h"
#include "extractor/surf.h"

namespace inlier {
namespace {

struct Method {
  std::string name;
  MakeExtractor make;
};

std::vector<Method>& Methods() {
  static std::vector<Method> methods = {
      {"sift", MakeSift},
#ifdef INLIER_HAS_SURF
      {"surf", MakeSurf},
#endif
      {"orb", MakeOrb},   {"brief", MakeBrief}, {std::string(kLookMethod), MakeLook},
  };
  return methods;
}

}  // namespace

Result<std::unique_ptr<Extractor>> CreateExtractor(const ExtractorOptions& options) {
  INLIER_RETURN_IF_ERROR(ValidateFields(options, "extract"));
  if (options.min_side_px > options.max_side_px) {
    return Fail(ErrorCode::kInvalidArgument, "extract.min_side_px is above extract.max_side_px");
  }
  for (const Method& method : Methods()) {
    if (options.method == method.name) return method.make(options);
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("extract.method is '{}'; this build has {}", options.method,
                          fmt::join(MethodNames(), ", ")));
}

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const Method& method : Methods()) names.push_back(method.name);
  return names;
}

void AddMethod(std::string name, MakeExtractor make) {
  for (const Method& method : Methods()) {
    if (method.name == name) return;
  }
  Methods().push_back({std::move(name), std::move(make)});
}

}  // namespace inlier
