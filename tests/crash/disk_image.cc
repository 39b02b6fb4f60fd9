#include "tests/crash/disk_image.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include <dlfcn.h>

#include "tests/crash/disk_journal.h"

namespace inlier::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFolder = 0;  // stands in place of a file's id

using Names = std::map<std::string, std::uint64_t>;

std::string ParentOf(const std::string& name) { return fs::path(name).parent_path().string(); }

void Apply(const JournalLine& line, Names& names) {
  if (line.what == "create") names[line.name] = line.id;
  if (line.what == "mkdir") names[line.name] = kFolder;
  if (line.what == "unlink") names.erase(line.name);
  if (line.what == "rename" && names.contains(line.name)) {
    names[line.to] = names[line.name];
    names.erase(line.name);
  }
}

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

DiskImage::DiskImage(fs::path folder, fs::path state)
    : folder_(std::move(folder)), state_(std::move(state)) {}

void DiskImage::Begin() {
  fs::remove_all(state_);
  fs::create_directories(state_);
  std::ofstream journal(state_ / "journal");
  std::uint64_t id = 0;
  std::vector<std::string> folders{""};
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    const std::string name = entry.path().lexically_relative(folder_).string();
    if (entry.is_directory()) {
      journal << ToText({.what = "mkdir", .name = name});
      folders.push_back(name);
    } else {
      journal << ToText({.what = "create", .name = name, .id = ++id});
      fs::copy_file(entry.path(), state_ / std::to_string(id));
    }
  }
  for (const std::string& name : folders) journal << ToText({.what = "sync-folder", .name = name});
}

const char* WatchedDiskLibrary() { return INLIER_WATCHED_DISK; }

bool DiskImage::Watch(std::uint64_t dies_at, const std::string& fails) const {
  ::setenv("INLIER_DISK_FOLDER", folder_.c_str(), 1);
  ::setenv("INLIER_DISK_STATE", state_.c_str(), 1);
  ::setenv("INLIER_DISK_DIES_AT", std::to_string(dies_at).c_str(), 1);
  ::setenv("INLIER_DISK_FAILS", fails.c_str(), 1);
  auto* const watch = reinterpret_cast<void (*)()>(::dlsym(RTLD_DEFAULT, "inlier_watch_disk"));
  if (watch == nullptr) return false;
  watch();
  return true;
}

void DiskImage::FailPower(std::mt19937& random) {
  Names seen, kept;  // what the process saw, and what survives
  std::vector<JournalLine> unsynced;
  for (const JournalLine& line : ReadJournal(state_ / "journal")) {
    Apply(line, seen);
    if (line.what != "sync-folder") {
      unsynced.push_back(line);
      continue;
    }
    std::erase_if(unsynced, [&](const JournalLine& earlier) {
      if (ParentOf(earlier.name) != line.name) return false;
      Apply(earlier, kept);
      return true;
    });
  }
  // A file system makes changes of names durable in the order in which they happened.
  const std::size_t more = random() % 2 == 0 ? 0 : random() % (unsynced.size() + 1);
  for (std::size_t i = 0; i < more; ++i) Apply(unsynced[i], kept);

  std::map<std::uint64_t, std::string> now;
  for (const auto& [name, id] : seen) {
    if (id != kFolder) now[id] = Read(folder_ / name);
  }
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  for (const auto& [name, id] : kept) {  // a folder comes before its contents
    if (id == kFolder) {
      fs::create_directories(folder_ / name);
      continue;
    }
    if (!fs::is_directory((folder_ / name).parent_path())) continue;
    std::string bytes = Read(state_ / std::to_string(id));
    const std::string& after = now[id];
    if (!after.starts_with(bytes)) {  // synced bytes were overwritten
      if (random() % 2 == 0) bytes = random() % 2 == 0 ? after : "";
    } else if (random() % 2 == 0) {
      const std::size_t written = random() % (after.size() - bytes.size() + 1);
      bytes += random() % 4 == 0 ? std::string(written, '\0') : after.substr(bytes.size(), written);
    }
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
}

}  // namespace inlier::test
