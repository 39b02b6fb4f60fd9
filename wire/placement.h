#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/error.h"

namespace inlier::wire {

/// Who serves which shard of a catalogue: the file that `inlier serve --cluster` reads
/// (docs/CLUSTER.md).
struct Placement {
  struct Replica {
    std::string host, port;
    std::uint64_t epoch = 0;    // of its placement; 0: any
    std::uint64_t applied = 0;  // the number of the last change that it has applied

    std::string address() const { return host + ":" + port; }
  };
  struct Shard {
    std::uint64_t items = 0;
    std::vector<Replica> replicas;
  };
  /// Rises while whoever writes the file knows that it is true. Absent in a file that a person
  /// wrote, which counts as true until it is written again.
  std::optional<std::uint64_t> beat;
  std::uint64_t collection_version = 0;
  std::optional<Replica> writer;  // the server that takes changes
  std::string key;                // that the servers want; may be empty
  std::string twins;              // the file of twins in different shards; may be empty
  std::vector<Shard> shards;      // by number
};

/// Errors: kInvalidArgument (no JSON, another version, numbers of shards that leave gaps, an
/// address that is none).
Result<Placement> ReadPlacement(std::string_view text);

/// The state of a cluster for people and programs.
std::string PlacementText(const Placement& placement, const std::string& not_ready);

}  // namespace inlier::wire
