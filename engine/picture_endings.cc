#include "engine/picture_endings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace inlier {
namespace {

// In the order of their ranks.
constexpr std::array<std::string_view, 17> kEndings{
    ".jpg", ".jpeg", ".jpe",  ".jfif", ".pjpeg", ".jif",  ".png",  ".webp", ".bmp",
    ".pgm", ".ppm",  ".tiff", ".tif",  ".gif",   ".avif", ".heic", ".heif"};

}  // namespace

std::string EndingOf(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == "." ? "" : ending;
}

std::size_t RankOfEnding(const std::filesystem::path& path) {
  return static_cast<std::size_t>(std::ranges::find(kEndings, EndingOf(path)) - kEndings.begin());
}

bool HasPictureEnding(const std::filesystem::path& path) {
  return RankOfEnding(path) < kEndings.size();
}

}  // namespace inlier
