#include "server/keys.h"

#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

namespace inlier::server {
namespace {

constexpr std::size_t kMinKey = 16;

// Goes over all of `given` whatever it finds, so that the time gives away its length and nothing
// else.
bool EqualInConstantTime(std::string_view given, std::string_view key) {
  unsigned different = given.size() == key.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = key[i % key.size()];
    different |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other);
  }
  return different == 0;
}

Role RoleNamed(std::string_view word) {
  if (word == "read") return Role::kRead;
  if (word == "write") return Role::kWrite;
  if (word == "admin") return Role::kAdmin;
  return Role::kNobody;
}

}  // namespace

Result<std::vector<Keys::Entry>> Keys::Read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return Fail(ErrorCode::kNotFound, file.string() + ": the file of keys cannot be read");
  std::vector<Entry> entries;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words(line);
    std::string role, name, key, rest;
    if (!(words >> role) || role.starts_with('#')) continue;
    const auto wrong = [&](std::string_view what) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}, line {}: {}", file.string(), number, what));
    };
    if (!(words >> name >> key) || words >> rest) return wrong("a line is 'ROLE NAME KEY'");
    if (RoleNamed(role) == Role::kNobody) return wrong("a role is read, write or admin");
    if (key.size() < kMinKey) return wrong("a key has at least 16 characters");
    entries.push_back({{RoleNamed(role), name}, key});
  }
  if (entries.empty()) return Fail(ErrorCode::kInvalidArgument, file.string() + " has no key");
  return entries;
}

Status Keys::Load(const std::filesystem::path& file) {
  auto entries = Read(file);
  if (!entries) return tl::unexpected(entries.error());
  std::lock_guard lock(mutex_);
  entries_ = std::make_shared<const std::vector<Entry>>(std::move(*entries));
  return {};
}

bool Keys::any() const {
  std::lock_guard lock(mutex_);
  return entries_ != nullptr;
}

std::optional<KeyHolder> Keys::Find(std::string_view key) const {
  std::shared_ptr<const std::vector<Entry>> entries;
  {
    std::lock_guard lock(mutex_);
    entries = entries_;
  }
  std::optional<KeyHolder> found;
  for (std::size_t i = 0; entries && i < entries->size(); ++i)
    if (EqualInConstantTime(key, (*entries)[i].key)) found = (*entries)[i].holder;
  return found;
}

}  // namespace inlier::server
