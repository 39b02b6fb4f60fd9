#pragma once

#include <functional>
#include <memory>
#include <string>

#include <rocksdb/file_system.h>

namespace inlier {

/// Opens a table of a store for reading, and keeps what it has opened readable when the file is
/// deleted. `open` opens it as usual, which takes a descriptor. Once the tables of this process
/// have half of its descriptors (RLIMIT_NOFILE), further ones are mapped, which takes none. A
/// mapping is read through the kernel, so that a page which the disk refuses is an error and not a
/// signal.
rocksdb::IOStatus OpenTable(
    const std::string& name,
    const std::function<rocksdb::IOStatus(std::unique_ptr<rocksdb::FSRandomAccessFile>*)>& open,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* file);

}  // namespace inlier
