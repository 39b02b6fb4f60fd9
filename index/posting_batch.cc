#include "index/posting_batch.h"

#include "index/posting.h"

namespace inlier {

void PostingBatch::Append(FaceNumber item, const Features& features, const CellCodes& assigned) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    lists.push_back(ListOf(assigned.cells[i], features.keypoints[i]));
    postings.push_back(PackPosting(MakePosting(item, i, features.keypoints[i])));
  }
  codes.insert(codes.end(), assigned.codes.begin(), assigned.codes.end());
}

}  // namespace inlier
