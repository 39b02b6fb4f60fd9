#pragma once

#include <cstdint>
#include <filesystem>

namespace inlier {

/// A small file beside the store that says up to which write it has acknowledged. A log that ends
/// early, since it is damaged or missing, looks like one that a power cut has torn; this tells them
/// apart. It is written behind every acknowledged write and not synced, so after a power cut it may
/// be older than the store, and is never ahead of it. Best effort: without it nothing is lost, only
/// a loss goes unsaid.
class Acknowledged {
 public:
  Acknowledged() = default;
  ~Acknowledged();
  Acknowledged(const Acknowledged&) = delete;
  Acknowledged& operator=(const Acknowledged&) = delete;

  /// What the file in `folder` says; 0 without a whole one.
  static std::uint64_t Read(const std::filesystem::path& folder);

  /// Takes the file for writing; makes it when it is not there.
  void Open(const std::filesystem::path& folder);
  void Write(std::uint64_t sequence_number) const;

 private:
  int fd_ = -1;
};

}  // namespace inlier
