#include "index/item_index.h"

namespace inlier {

tl::unexpected<Error> WrongShape() {
  return Fail(ErrorCode::kInvalidArgument,
              "features of another kind or row size than the database has");
}

Result<std::vector<Candidate>> ItemIndex::Search(const Features&, int, const ShortlistOptions&,
                                                 const FaceFilter&) const {
  return WrongShape();
}

Result<std::vector<NearFace>> ItemIndex::Nearest(const Features&, std::size_t, int,
                                                 const FaceFilter&) const {
  return WrongShape();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): who has votes takes the codes over
Result<PartialVotes> ItemIndex::FindVotes(PhotoCodes, const ShortlistOptions&,
                                          const FaceFilter&) const {
  return WrongShape();
}

}  // namespace inlier
