#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace inlier {

/// What a build without ONNX Runtime says as well.
inline const std::string kNoOnnxLibrary =
    "there is no ONNX Runtime here, which methods deep and xfeat need: run scripts/setup-deep, "
    "then "
    "build again";

/// Where ONNX Runtime was found, and its one function that gives all the others.
struct OnnxLibrary {
  std::filesystem::path path;
  void* get_api_base = nullptr;  // OrtGetApiBase
};

/// Opens the shared library of ONNX Runtime at the first call, and keeps it. A program that never
/// opens a network does not pay for its start. $INLIER_ONNXRUNTIME names the file to open;
/// otherwise it is looked for beside the installed library, where scripts/setup-deep leaves it, and
/// where the system keeps its libraries. Errors: kIncompatible (it is not there, or cannot be
/// loaded).
Result<OnnxLibrary> OpenOnnxLibrary();

}  // namespace inlier
