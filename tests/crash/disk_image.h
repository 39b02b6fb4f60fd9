#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

namespace inlier::test {

/// The path of the library that watches, for LD_PRELOAD.
const char* WatchedDiskLibrary();

/// What a disk holds of a folder when the power fails. The process that works in the folder
/// preloads `watched_disk`; what it synced lasts, and of the rest the disk may hold any part: names
/// that were not synced up to some point of time or not at all, and of a file's unsynced end a
/// part, or zeros in the place of it.
class DiskImage {
 public:
  /// `state` is a folder of its own that is emptied.
  DiskImage(std::filesystem::path folder, std::filesystem::path state);

  /// Takes everything that is below the folder now for synced. Before the process starts.
  void Begin();
  /// In the process: from now on it is watched, and dies by SIGKILL before its change `dies_at` of
  /// the disk (0: never), or meets what `fails` says (see watched_disk.cc). False when the library
  /// is not preloaded.
  bool Watch(std::uint64_t dies_at, const std::string& fails = "") const;
  /// The folder becomes what the disk holds. After the process has died.
  void FailPower(std::mt19937& random);

 private:
  std::filesystem::path folder_;
  std::filesystem::path state_;
};

}  // namespace inlier::test
