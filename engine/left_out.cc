#include "engine/left_out.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/utf8.h"

namespace inlier {
namespace {

// An ending is whatever follows the last dot, so a folder may have a thousand of them.
constexpr std::size_t kMaxKinds = 8;

std::string KindText(const LeftOut& kind) {
  return fmt::format("{} {}{}", kind.files.size(), kind.kind,
                     kind.kind == LeftOut::kWithoutEnding ? " (not pictures)" : "");
}

}  // namespace

std::string LeftOutText(std::span<const LeftOut> left_out) {
  std::size_t all = 0, others = 0;
  std::string kinds;
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    all += left_out[i].files.size();
    if (i >= kMaxKinds) {
      others += left_out[i].files.size();
    } else {
      kinds += (i == 0 ? "" : ", ") + KindText(left_out[i]);
    }
  }
  if (all == 0) return "";
  if (others > 0) kinds += fmt::format(", {} of other endings", others);
  return fmt::format("{} file{} left out: {}", all, all == 1 ? "" : "s", kinds);
}

std::string IdOfFile(const std::filesystem::path& relative) {
  return EscapedForm(std::filesystem::path(relative).replace_extension().generic_string());
}

}  // namespace inlier
