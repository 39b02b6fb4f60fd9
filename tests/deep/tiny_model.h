#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/support/files.h"
#include "tests/support/tiny_onnx.h"

namespace inlier::test {

/// For tests that run a network. They are skipped in a build without ONNX Runtime.
class TinyModelTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
    WriteTinyModel(folder.path());
  }
  /// The path of a copy of tiny.json in which `from` is replaced by `to`.
  std::string Changed(const std::string& from, const std::string& to) {
    std::string text = kTinyConfig;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    WriteBytes(folder / "changed.json", text.replace(at, from.size(), to));
    return folder / "changed.json";
  }
  std::string config() const { return folder / "tiny.json"; }
  TempFolder folder;
};

}  // namespace inlier::test
