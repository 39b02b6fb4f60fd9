#include "engine/voted_pose.h"

#include <utility>
#include <vector>

namespace inlier {

int VotedPoseSupport(const PhotoMatcher& photo, const Features& face, const Candidate& candidate) {
  std::vector<FeatureMatch> pairs;
  for (const VotingPair& pair : candidate.pairs) {
    if (pair.face < face.size())
      pairs.push_back({pair.photo, pair.face, static_cast<float>(pair.distance_bits)});
  }
  return photo.PoseSupport(face, std::move(pairs));
}

}  // namespace inlier
