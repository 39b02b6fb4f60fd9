#include "engine/all_methods.h"

#include <mutex>
#include <string>

#include "deep/deep.h"
#include "engine/hybrid/hybrid_extractor.h"
#include "extractor/methods.h"

namespace inlier {

void AddAllMethods() {
  static std::once_flag once;
  std::call_once(once, [] {
    AddDeepMethods();
    AddMethod(std::string(kHybridMethod), MakeHybrid);
  });
}

}  // namespace inlier
