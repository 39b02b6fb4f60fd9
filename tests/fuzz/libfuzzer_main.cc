// The entry point for libFuzzer. $INLIER_FUZZ_TARGET names the target.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {
inlier::test::FuzzTarget chosen;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("INLIER_FUZZ_TARGET");
  for (const auto& target : inlier::test::FuzzTargets()) {
    if (name != nullptr && target.name == name) chosen = target;
  }
  if (chosen.run != nullptr) return 0;
  std::fprintf(stderr, "no such target\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen.run({bytes, size});
  return 0;
}
