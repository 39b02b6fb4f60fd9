#include "index/database_copy.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "core/file.h"
#include "index/write_mark.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> Failed(const std::string& action, const fs::path& path,
                             const std::error_code& reason) {
  return Fail(CodeOf(reason.value()), action + " " + path.string() + ": " + reason.message());
}

// Index files never change once they have their name, so a link is as good as a copy.
Status LinkOrCopy(const fs::path& from, const fs::path& to) {
  std::error_code ec;
  fs::create_hard_link(from, to, ec);
  if (!ec) return {};
  fs::copy_file(from, to, ec);  // another device, or a file system without links
  return ec ? Failed("copy", from, ec) : Status();
}

// The store first. The files of the index that it names follow; none of them is deleted meanwhile.
Status CopyInto(const Store& store, const GenerationFiles& files, const fs::path& folder) {
  INLIER_RETURN_IF_ERROR(store.CopyTo(folder));
  INLIER_ASSIGN_OR_RETURN(const auto copy, Store::Open(folder, OpenMode::kRead, "", ""));
  INLIER_ASSIGN_OR_RETURN(const auto generations, copy->Generations());
  for (const std::string& name : FileNames(generations))
    INLIER_RETURN_IF_ERROR(LinkOrCopy(files.folder() / name, folder / name));
  WriteMark mark;
  mark.Open(folder);
  mark.Write(copy->last_write());
  return SyncFolder(folder);
}

}  // namespace

Status CopyDatabase(const Store& store, GenerationFiles& files, const fs::path& destination) {
  fs::path target = fs::absolute(destination).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "copy/" is "copy"
  std::error_code ec;
  if (fs::exists(fs::symlink_status(target, ec)))
    return Fail(ErrorCode::kAlreadyExists, target.string() + " exists already");
  if (!fs::is_directory(target.parent_path(), ec))
    return Fail(ErrorCode::kNotFound, target.parent_path().string() + " is not a folder");
  fs::path temporary = target;
  temporary += ".tmp";
  fs::remove_all(temporary, ec);  // of a run that died
  const auto kept = files.KeepFiles();
  Status done = CopyInto(store, files, temporary);
  if (done && ::rename(temporary.c_str(), target.c_str()) != 0) {
    const std::error_code reason(errno, std::generic_category());
    done = reason == std::errc::directory_not_empty || reason == std::errc::file_exists
               ? Fail(ErrorCode::kAlreadyExists, target.string() + " exists already")
               : Failed("rename", temporary, reason);
  }
  if (!done) {
    fs::remove_all(temporary, ec);
    return done;
  }
  return MakeFolder(target);  // syncs its name into the folder above
}

}  // namespace inlier
