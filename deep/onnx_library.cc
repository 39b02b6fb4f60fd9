#include "deep/onnx_library.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>

#include "deep/own_folder.h"

namespace inlier {
namespace {

constexpr const char* kFile = "libonnxruntime.so.1";

// In the order in which they are tried. A name without a folder is looked for by the system.
std::vector<std::filesystem::path> Places() {
  if (const char* named = std::getenv("INLIER_ONNXRUNTIME"); named != nullptr && *named != 0)
    return {named};
  std::vector<std::filesystem::path> places;
  if (const auto own = OwnFolder(); !own.empty()) {
    places.push_back(own / kFile);                                // libinlier.so lies in its folder
    places.push_back(own.parent_path() / INLIER_LIBDIR / kFile);  // the program lies in bin
  }
  places.push_back(std::filesystem::path(INLIER_DEEP_RUNTIME) / kFile);
  places.emplace_back(kFile);
  return places;
}

Result<OnnxLibrary> Open() {
  // As its environment is created, ONNX Runtime (from 1.29 on) starts to report to its maker: it
  // writes an identifier and a database to the home folder, reads the machine's identifier and the
  // command line, and uploads what it has gathered. An image search has nothing to report. Besides,
  // the command line goes through a recursive regular expression, which overflows the stack where
  // thousands of photos are named. The variable is the runtime's documented way to leave out all of
  // it, and it is set before any of the runtime's code runs. Env::DisableTelemetryEvents comes too
  // late, because it needs an environment.
  setenv("ORT_DISABLE_TELEMETRY", "1", /*overwrite=*/1);
  std::string why;
  for (const auto& place : Places()) {
    std::error_code ec;
    if (place.has_parent_path() && !std::filesystem::exists(place, ec)) continue;
    void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const get_api_base = library == nullptr ? nullptr : dlsym(library, "OrtGetApiBase");
    if (get_api_base != nullptr) return OnnxLibrary{place, get_api_base};
    // It is not worth a message that the system has none, since few do.
    if (const char* error = dlerror(); error != nullptr && place.has_parent_path())
      why += fmt::format(" ({})", error);
  }
  return Fail(ErrorCode::kIncompatible, kNoOnnxLibrary + why);
}

}  // namespace

Result<OnnxLibrary> OpenOnnxLibrary() {
  // It is never closed: sessions may live in statics.
  static const Result<OnnxLibrary> library = Open();
  return library;
}

}  // namespace inlier
