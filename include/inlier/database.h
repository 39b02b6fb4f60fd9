#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inlier {

/// How a database is opened.
enum class OpenMode {
  kRead,    // any number of processes, also while one writes
  kWrite,   // one process; the database must exist
  kCreate,  // as kWrite; makes the database when there is none
};

/// The contents of a database and what they cost.
struct CollectionStats {
  std::uint64_t items = 0;
  std::uint64_t items_without_features = 0;  // no photo can find these
  std::uint64_t pictures = 0;                // of all items
  std::uint64_t faces = 0;     // pictures whose pixels differ; each is stored and indexed once
  std::uint64_t features = 0;  // of all faces
  std::uint64_t removed = 0;   // postings of removed faces, until a merge drops them
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t postings = 0;
  std::uint64_t segments = 0;
  std::uint64_t embeddings = 0;    // rows compared one by one, including those of removed faces
  std::uint64_t index_bytes = 0;   // in memory
  std::uint64_t mapped_bytes = 0;  // of lists that are mapped from disk and not in memory
  std::uint64_t disk_bytes = 0;
  std::uint64_t last_change = 0;     // sequence number of the last acknowledged change
  std::uint64_t covered_change = 0;  // the last change that the index files on disk include
  std::uint64_t generation = 0;
  std::uint64_t write_stalls = 0;  // how often RocksDB has slowed or stopped writes since opening
};

/// What `Check` found. When it has no problems, everything that is stored could be read and is
/// consistent.
struct CheckReport {
  std::uint64_t items_checked = 0;
  std::vector<std::string> problems;
};

}  // namespace inlier
