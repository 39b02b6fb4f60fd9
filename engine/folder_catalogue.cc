// Reads a folder of pictures as a catalogue. A file is a picture when its ending says so, and then
// indexing reports it if it is none; a file of any other name is one when its first bytes fit. What
// is left is kept by ending, so that no file is passed over without a word.
#include "engine/folder_catalogue.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <tuple>

#include "core/signature.h"
#include "engine/entry_collector.h"
#include "engine/left_out.h"
#include "engine/picture_endings.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

// A file that cannot be opened may be a picture; indexing it will say why it could not be read.
bool MayBePicture(const fs::directory_entry& file) {
  std::error_code ignored;
  if (!file.is_regular_file(ignored)) return false;  // opening a pipe would wait for its writer
  std::ifstream in(file.path(), std::ios::binary);
  if (!in) return true;
  std::array<std::uint8_t, kSignature_bytes> first{};
  in.read(reinterpret_cast<char*>(first.data()), first.size());
  return LooksLikePicture(std::span(first).first(static_cast<std::size_t>(in.gcount())));
}

// What a walk through a folder finds. Paths are relative to the root.
class Finder {
 public:
  Finder(fs::path root, EntryCollector& collector)
      : root_(std::move(root)), collector_(collector) {}

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

  std::vector<fs::path> TakePictures() { return std::move(pictures_); }
  std::vector<LeftOut> TakeLeftOut() {
    std::vector<LeftOut> kinds;
    for (auto& [kind, files] : left_out_) {
      std::ranges::sort(files);
      kinds.push_back({kind, std::move(files)});
    }
    std::ranges::stable_sort(kinds, std::ranges::greater(),
                             [](const LeftOut& kind) { return kind.files.size(); });
    return kinds;
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
      collector_.Reject(Relative(folder).string(), "a link to a folder is not followed");
    } else if (auto status = Look(folder.path()); !status) {
      collector_.Reject(Relative(folder).string(), status.error().message);
    }
  }

  void Sort(const fs::directory_entry& file) {
    const fs::path relative = Relative(file);
    if (IsHidden(file)) {
      left_out_[LeftOut::kHidden].push_back(relative.generic_string());
    } else if (HasPictureEnding(relative) || MayBePicture(file)) {
      pictures_.push_back(relative);
    } else {
      const std::string ending = EndingOf(relative);
      left_out_[ending.empty() ? LeftOut::kWithoutEnding : ending].push_back(
          relative.generic_string());
    }
  }

  fs::path root_;
  EntryCollector& collector_;
  std::vector<fs::path> pictures_;
  std::map<std::string, std::vector<std::string>> left_out_;  // files by kind
};

}  // namespace

Result<Catalogue> ReadFolderCatalogue(const fs::path& folder) {
  const fs::path root = fs::absolute(folder).lexically_normal();
  EntryCollector collector;
  Finder finder(root, collector);
  if (auto status = finder.Look(root); !status) return Within(folder.string(), status.error());
  std::vector<std::tuple<std::string, std::size_t, fs::path>> by_id;
  for (fs::path& picture : finder.TakePictures()) {
    by_id.emplace_back(IdOfFile(picture), RankOfEnding(picture), std::move(picture));
  }
  std::ranges::sort(by_id);
  for (const auto& [id, rank, picture] : by_id) {
    collector.Add({.id = id, .images = {root / picture}}, picture.generic_string());
  }
  collector.LeaveOut(finder.TakeLeftOut());
  return std::move(collector).Finish(folder);
}

}  // namespace inlier
