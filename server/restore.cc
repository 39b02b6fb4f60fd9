#include "server/restore.h"

#include <cstdint>
#include <system_error>

#include "inlier/engine.h"
#include "server/archive.h"

namespace inlier::server {
namespace {

namespace fs = std::filesystem;

Status UnpackAndOpen(const fs::path& snapshot, const fs::path& folder) {
  Status unpacked = UnpackArchive(snapshot, folder, static_cast<std::uint64_t>(-1),
                                  [](std::uint64_t) { return Status(); });
  if (!unpacked) return unpacked;
  const auto engine = Engine::Open(folder, OpenMode::kRead);
  if (engine) return {};
  Error error = engine.error();
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kInvalidArgument;
  return tl::unexpected(error);
}

}  // namespace

Status Restore(const fs::path& snapshot, const fs::path& database) {
  std::error_code ec;
  if (!fs::is_regular_file(snapshot, ec))
    return Fail(ErrorCode::kNotFound, snapshot.string() + ": there is no such file");
  if (fs::exists(fs::symlink_status(database, ec)))
    return Fail(ErrorCode::kAlreadyExists, database.string() + " exists already");
  fs::path unfinished = fs::absolute(database).lexically_normal();
  if (!unfinished.has_filename()) unfinished = unfinished.parent_path();
  unfinished += ".restoring";
  fs::remove_all(unfinished, ec);
  fs::create_directories(unfinished, ec);
  if (ec) return Fail(ErrorCode::kIo, unfinished.string() + ": " + ec.message());
  const Status unpacked = UnpackAndOpen(snapshot, unfinished);
  if (unpacked) fs::rename(unfinished, database, ec);
  const bool renamed = unpacked && !ec;
  std::error_code removal;
  fs::remove_all(unfinished, removal);
  if (!unpacked) return Within(snapshot.string(), unpacked.error());
  return renamed ? Status() : Fail(ErrorCode::kIo, database.string() + ": " + ec.message());
}

}  // namespace inlier::server
