#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

namespace inlier::test {

/// The path of the watching library, to be set as LD_PRELOAD.
const char* WatchedDiskLibrary();

/// Simulates what a disk contains of a folder after a power failure. The process that works in the
/// folder preloads `watched_disk`. Everything that it synced survives. Of the rest, any part may
/// survive: the unsynced changes of names up to some point in time, or none of them; and a part of
/// a file's unsynced end, or zeros in its place.
class DiskImage {
 public:
  /// `state` is a separate folder for the bookkeeping; it is emptied.
  DiskImage(std::filesystem::path folder, std::filesystem::path state);

  /// Treats everything that is below the folder now as synced. Call it before the process starts.
  void Begin();
  /// Call it in the process itself, which is watched from now on. The process dies by SIGKILL
  /// before its change number `dies_at` of the disk (0: never), or its calls fail as `fails`
  /// describes (see watched_disk.cc). Returns false when the library is not preloaded.
  bool Watch(std::uint64_t dies_at, const std::string& fails = "") const;
  /// Replaces the folder by what the disk would contain. Call it after the process has died.
  void FailPower(std::mt19937& random);

 private:
  std::filesystem::path folder_;
  std::filesystem::path state_;
};

}  // namespace inlier::test
