#include "index/posting_batch.h"

namespace inlier {

void PostingBatch::Append(FaceNumber face, const Features& features, const CellCodes& assigned) {
  for (std::size_t i = 0; i < assigned.cells.size(); ++i) {
    lists.push_back(ListOf(assigned.cells[i], features.keypoints[i]));
    postings.push_back(MakePosting(face, i, features.keypoints[i]));
  }
  codes.insert(codes.end(), assigned.codes.begin(), assigned.codes.end());
}

}  // namespace inlier
