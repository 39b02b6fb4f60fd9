#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// Appends bytes to the file that is being written.
using PutBytes = std::function<void(std::string_view)>;

/// Replaces the content of `path` by `bytes`. A reader, and a machine that dies meanwhile, finds
/// either the old or the new content, never a mixture: the bytes go into a temporary file, which is
/// synced and renamed, and then the folder is synced. Before each step, `step` is called with its
/// name; tests use it to end the process there. Errors: kIo.
Status PublishFile(const std::filesystem::path& path, std::string_view bytes,
                   const std::function<void(std::string_view)>& step = {});

/// The same for a file that need not fit in memory: `write` hands over its bytes from front to
/// back. When `write` fails, its error is returned and `path` stays as it was.
Status PublishFile(const std::filesystem::path& path,
                   const std::function<Status(const PutBytes&)>& write,
                   const std::function<void(std::string_view)>& step = {});

/// Makes a folder, and the folders above it that are missing, in such a way that they are still
/// there after the machine dies. A folder that exists already is synced into the folder above it
/// all the same, since the process that made it may have died before it did so. Errors: kIo.
Status MakeFolder(const std::filesystem::path& path);

/// What an errno means to the person who runs the program, such as "the disk is full".
std::string CauseOf(int error);
/// kDiskFull or kIo.
ErrorCode CodeOf(int error);

/// True when this errno, of an fsync of a folder, says that the file system cannot do it, as SMB
/// shares and some FUSE file systems cannot. Nothing else can be done there, so the functions above
/// and below take such a folder for synced: whether its names survive a power cut is up to the file
/// system.
bool RefusesToSyncFolders(int error);

/// Syncs every file of a folder, and then the folder itself, so that its files and their names are
/// on disk. Errors: kIo.
Status SyncFolder(const std::filesystem::path& folder);

}  // namespace inlier
