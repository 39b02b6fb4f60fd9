#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/error.h"
#include "server/message.h"

namespace inlier::server {

/// Who a key belongs to.
struct KeyHolder {
  Role role = Role::kNobody;
  std::string name;
};

/// The API keys of a file: one "ROLE NAME KEY" a line, where ROLE is read, write or admin; empty
/// lines and those that begin with # say nothing. Without a file everybody may do everything. Safe
/// to call from many threads.
class Keys {
 public:
  /// Errors: kNotFound, kIo; kInvalidArgument naming the line (a role that is not known, a key of
  /// fewer than 16 characters, no key at all).
  Status Load(const std::filesystem::path& file);
  bool any() const;
  /// Compares with every key in a time that says nothing about them.
  std::optional<KeyHolder> Find(std::string_view key) const;

 private:
  struct Entry {
    KeyHolder holder;
    std::string key;
  };
  static Result<std::vector<Entry>> Read(const std::filesystem::path& file);

  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Entry>> entries_;  // null without a file
};

}  // namespace inlier::server
