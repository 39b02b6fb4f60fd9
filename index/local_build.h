#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/features.h"
#include "core/result.h"
#include "index/feature_counts.h"
#include "index/item.h"
#include "index/posting_batch.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "index/vocabulary.h"
#include "inlier/progress.h"

namespace inlier {

// How the parts of a LocalIndex are made: the vocabulary, and segments of new postings.

/// Trains a vocabulary for the store's catalogue on a sample of the features of these faces. The
/// sample depends on the faces alone. Null when they have no features.
Result<std::shared_ptr<const Vocabulary>> TrainOnStored(const Store& store,
                                                        std::span<const FaceNumber> numbers,
                                                        int threads);

/// True when a row of these features can be assigned to a cell; without a vocabulary there is
/// nothing yet that they could contradict.
bool Fits(const Snapshot& snapshot, const Features& features);

/// How many of a face's features have postings.
std::size_t VotersOf(const Features& features);

/// Appends the postings of faces, in their order. They are the same for any number of threads.
void AppendPostings(const Vocabulary& vocabulary, std::span<const StoredFeatures> faces,
                    int threads, PostingBatch& batch);

/// Reads the features of these faces from the store and appends them to `to`, in their order, with
/// their numbers of voters in `counts` and their keys in `keys`. The segments are the same for any
/// number of threads. Errors: kInvalidArgument (features of another shape), kCorrupt, kIo.
Status AppendStored(const Store& store, std::span<const FaceNumber> numbers, int threads,
                    const ProgressFunction& progress, Snapshot& to, FeatureCounts& counts,
                    FaceKeys& keys);

/// Puts a batch behind the segments and merges the last segments while they are of similar size
/// and in memory. `live[face]` is 0 for faces whose postings a merge drops.
void AppendSegment(Snapshot& to, const PostingBatch& batch, std::span<const std::uint32_t> live);

}  // namespace inlier
