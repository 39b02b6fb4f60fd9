#include "cli/photos.h"

#include <filesystem>
#include <iostream>

#include "cli/console.h"
#include "engine/left_out.h"
#include "engine/picture_files.h"

namespace inlier::cli {
namespace {

namespace fs = std::filesystem;

void AddFolder(const std::string& folder, bool quiet, Photos& photos) {
  const auto found = FindPictureFiles(folder);
  if (!found || found->pictures.empty()) {
    Complain(found ? folder + ": there is no picture in this folder" : found.error().message);
    photos.complete = false;
  }
  if (!found) return;
  for (const fs::path& picture : found->pictures)
    photos.names.push_back((fs::path(folder) / picture).string());
  for (const PictureFiles::Unread& unread : found->unread) {
    Complain((fs::path(folder) / unread.folder).string() + ": " + unread.reason);
    photos.complete = false;
  }
  const std::string left_out = LeftOutText(found->left_out);
  if (!left_out.empty() && !quiet) Complain(folder + ": " + left_out);
}

}  // namespace

Photos PhotosFrom(const std::vector<std::string>& operands, bool quiet) {
  Photos photos;
  for (const std::string& operand : operands) {
    std::error_code ignored;  // what cannot be looked at fails later, when it is read
    if (operand == "-") {
      for (std::string line; std::getline(std::cin, line);) {
        if (!line.empty()) photos.names.push_back(line);
      }
    } else if (fs::is_directory(operand, ignored)) {
      AddFolder(operand, quiet, photos);
    } else {
      photos.names.push_back(operand);
    }
  }
  return photos;
}

}  // namespace inlier::cli
