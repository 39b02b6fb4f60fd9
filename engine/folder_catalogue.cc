// Reads a folder of pictures as a catalogue: each picture is an item.
#include "engine/folder_catalogue.h"

#include <algorithm>
#include <tuple>

#include "engine/entry_collector.h"
#include "engine/left_out.h"
#include "engine/picture_endings.h"
#include "engine/picture_files.h"

namespace inlier {

namespace fs = std::filesystem;

Result<Catalogue> ReadFolderCatalogue(const fs::path& folder) {
  INLIER_ASSIGN_OR_RETURN(PictureFiles found, FindPictureFiles(folder));
  const fs::path root = fs::absolute(folder).lexically_normal();
  EntryCollector collector;
  for (PictureFiles::Unread& unread : found.unread)
    collector.Reject(std::move(unread.folder), std::move(unread.reason));
  // Of several files that have the same id, the one whose ending ranks first is the item.
  std::vector<std::tuple<std::string, std::size_t, fs::path>> by_id;
  for (fs::path& picture : found.pictures) {
    by_id.emplace_back(IdOfFile(picture), RankOfEnding(picture), std::move(picture));
  }
  std::ranges::sort(by_id);
  for (const auto& [id, rank, picture] : by_id) {
    collector.Add({.id = id, .images = {root / picture}}, picture.generic_string());
  }
  collector.LeaveOut(std::move(found.left_out));
  return std::move(collector).Finish(folder);
}

}  // namespace inlier
