#pragma once

#include <functional>
#include <optional>

#include "inlier/catalogue.h"
#include "inlier/engine.h"
#include "server/cluster.h"
#include "server/jobs.h"

namespace inlier::server {

/// The pictures of an entry; nothing when none of them can be used, which has been reported then.
using ReadEntry = std::function<std::optional<ItemToAdd>(const CatalogueEntry& entry)>;

/// Hands the items of a catalogue to the server that takes the changes of a cluster, several at a
/// time, and returns when each is durable or has been refused. `read` is called from several
/// threads. While nobody takes changes, the same ones are sent again for a minute; that a change
/// arrives twice does no harm. Errors: kUnavailable, kCancelled.
Status PutThroughCluster(const Cluster& cluster, const Catalogue& catalogue, const ReadEntry& read,
                         Jobs::Report& report);

}  // namespace inlier::server
