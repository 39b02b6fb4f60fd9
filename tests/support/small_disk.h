#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>

namespace inlier::test {

/// A small disk at the place of a folder, which only this process and its later children see.
/// `size` is as tmpfs takes it, such as "size=6m". False without the rights of root.
inline bool MountSmallDisk(const std::filesystem::path& folder, const char* size) {
  return unshare(CLONE_NEWNS) == 0 &&
         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("inlier-test", folder.c_str(), "tmpfs", 0, size) == 0;
}

inline bool ResizeSmallDisk(const std::filesystem::path& folder, const char* size) {
  return mount("inlier-test", folder.c_str(), "tmpfs", MS_REMOUNT, size) == 0;
}

}  // namespace inlier::test
