// Finds the pictures in a folder. What is not a picture is kept by ending, so that no file is
// passed over without a word.
#include "engine/picture_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "core/signature.h"
#include "engine/picture_endings.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

// A file that cannot be opened may be a picture; whoever reads it will say why that was not
// possible.
bool MayBePicture(const fs::directory_entry& file) {
  std::error_code ignored;
  if (!file.is_regular_file(ignored)) return false;  // opening a pipe would wait for its writer
  std::ifstream in(file.path(), std::ios::binary);
  if (!in) return true;
  std::array<std::uint8_t, kSignature_bytes> first{};
  in.read(reinterpret_cast<char*>(first.data()), first.size());
  return LooksLikePicture(std::span(first).first(static_cast<std::size_t>(in.gcount())));
}

class Finder {
 public:
  explicit Finder(fs::path root) : root_(std::move(root)) {}

  // Links to folders are not followed, because they may lead round in a circle.
  Status Look(const fs::path& folder) {
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      std::error_code ignored;  // a file that cannot be looked at fails later, when it is read
      if (entries->is_directory(ignored)) {
        LookInto(*entries);
      } else {
        Sort(*entries);
      }
    }
    if (error) return Fail(ErrorCode::kIo, error.message());
    return {};
  }

  PictureFiles Take() && {
    std::ranges::sort(found_.pictures, {}, [](const fs::path& path) { return path.native(); });
    for (auto& [kind, files] : left_out_) {
      std::ranges::sort(files);
      found_.left_out.push_back({kind, std::move(files)});
    }
    std::ranges::stable_sort(found_.left_out, std::ranges::greater(),
                             [](const LeftOut& kind) { return kind.files.size(); });
    return std::move(found_);
  }

 private:
  static bool IsHidden(const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with('.');
  }
  fs::path Relative(const fs::directory_entry& entry) const {
    return entry.path().lexically_relative(root_);
  }

  void LookInto(const fs::directory_entry& folder) {
    if (IsHidden(folder)) return;
    std::error_code ignored;
    if (folder.is_symlink(ignored)) {
      found_.unread.push_back({Relative(folder).string(), "a link to a folder is not followed"});
    } else if (auto status = Look(folder.path()); !status) {
      found_.unread.push_back({Relative(folder).string(), status.error().message});
    }
  }

  void Sort(const fs::directory_entry& file) {
    const fs::path relative = Relative(file);
    if (IsHidden(file)) {
      left_out_[LeftOut::kHidden].push_back(relative.generic_string());
    } else if (HasPictureEnding(relative) || MayBePicture(file)) {
      found_.pictures.push_back(relative);
    } else {
      const std::string ending = EndingOf(relative);
      left_out_[ending.empty() ? LeftOut::kWithoutEnding : ending].push_back(
          relative.generic_string());
    }
  }

  fs::path root_;
  PictureFiles found_;
  std::map<std::string, std::vector<std::string>> left_out_;  // files by kind
};

}  // namespace

Result<PictureFiles> FindPictureFiles(const fs::path& folder) {
  const fs::path root = fs::absolute(folder).lexically_normal();
  Finder finder(root);
  if (auto status = finder.Look(root); !status) return Within(folder.string(), status.error());
  return std::move(finder).Take();
}

}  // namespace inlier
