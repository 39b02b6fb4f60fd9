// Finding twins has to be cheap, since nearly no face has any. A face asks the index with its 60
// strongest features. The faces that it finds are suspects when they have a good part of the votes
// that the face gives itself, and when the pairs behind the votes agree on one pose. Suspects are
// matched like a photo with an item, and only when the homography covers both faces are their
// pictures compared (matcher/likeness.h).
#include "engine/twins.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/parallel.h"
#include "engine/database_view.h"
#include "engine/hypothesis.h"
#include "engine/matching.h"
#include "engine/preview.h"
#include "engine/voted_pose.h"
#include "matcher/likeness.h"
#include "matcher/matcher.h"

namespace inlier {
namespace {

constexpr std::size_t kAskedFeatures = 60;
constexpr int kCandidates = 32;  // as many as there may be without a vocabulary
// Shares of a face's own votes and features. The twins of docs/EVALUATION.md have at least .22 and
// .45; by chance a face seldom has this much.
constexpr float kMinVotes = 0.06F;
constexpr double kMinSupport = 0.25;
constexpr std::size_t kMinInliers = 20;
constexpr double kMinInlierShare = 0.1;  // of the features of the face with fewer
constexpr double kMinInside = 0.9;       // of a face's features, within the outline of the other
constexpr double kMinLikeness = 0.5;
constexpr FaceNumber kFacesPerBlock = 1000;  // that are sought between two writes

using Suspects = std::vector<std::pair<FaceNumber, FaceNumber>>;

Features Strongest(const Features& all, std::size_t count) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&all](std::size_t a, std::size_t b) {
    return std::abs(all.keypoints[a].response) > std::abs(all.keypoints[b].response);
  });
  order.resize(std::min(count, order.size()));
  Features strongest{.kind = all.kind,
                     .descriptor_bytes = all.descriptor_bytes,
                     .image_width_px = all.image_width_px,
                     .image_height_px = all.image_height_px};
  for (const std::size_t i : order) {
    const auto row = all.row(i);
    strongest.keypoints.push_back(all.keypoints[i]);
    strongest.descriptors.insert(strongest.descriptors.end(), row.begin(), row.end());
  }
  return strongest;
}

// The candidates, without the face itself, that have enough of its own votes.
std::vector<const Candidate*> Promising(const std::vector<Candidate>& found, FaceNumber self) {
  float own = 0;
  for (const Candidate& candidate : found) {
    if (candidate.number == self || own == 0) own = candidate.votes;
  }
  std::vector<const Candidate*> promising;
  for (const Candidate& candidate : found) {
    if (candidate.number != self && candidate.votes >= kMinVotes * own)
      promising.push_back(&candidate);
  }
  return promising;
}

// True when the pairs behind a candidate's votes agree on one pose. Without a vocabulary there are
// no pairs, and then there are so few faces that each is a suspect.
bool AgreesOnAPose(const PhotoMatcher& asked, const FaceKeypoints& face,
                   const Candidate& candidate) {
  if (candidate.pairs.empty()) return true;
  return VotedPoseSupport(asked, face.features, candidate) >=
         kMinSupport * static_cast<double>(asked.features());
}

// Appends the suspects of one face, each pair with its lower number first. Two pictures of one item
// need not be told apart.
Status AddSuspects(const CatalogueView& catalogue, FaceNumber number, const EngineOptions& options,
                   Suspects& suspects) {
  INLIER_ASSIGN_OR_RETURN(const auto face, FetchWholeFace(catalogue, number));
  if (!face || face->features.kind == DescriptorKind::kEmbedding ||
      face->features.size() < kMinInliers) {
    return {};
  }
  const Features asked = Strongest(face->features, kAskedFeatures);
  INLIER_ASSIGN_OR_RETURN(const auto found,
                          catalogue.Search(asked, kCandidates, options.shortlist));
  std::vector<FaceNumber> numbers;
  std::map<FaceNumber, const Candidate*> by_number;
  for (const Candidate* candidate : Promising(found, number)) {
    numbers.push_back(candidate->number);
    by_number[candidate->number] = candidate;
  }
  if (numbers.empty()) return {};
  INLIER_ASSIGN_OR_RETURN(const auto others, catalogue.FetchKeypoints(numbers));
  const PhotoMatcher matcher(asked, MatchingOf(options));
  for (const FaceKeypoints& other : others) {
    if (!HaveCommonItem(face->record.owners, other.record.owners) &&
        AgreesOnAPose(matcher, other, *by_number.at(other.number))) {
      suspects.emplace_back(std::min(number, other.number), std::max(number, other.number));
    }
  }
  return {};
}

// The share of the features of one face that the model takes into the picture of the other.
double ShareInside(const Features& of, const Features& in, const Homography& in_from_of) {
  const auto inside = std::ranges::count_if(of.keypoints, [&](const Keypoint& keypoint) {
    const Point at = Transform(in_from_of, keypoint.point);
    return at.x_px >= 0 && at.y_px >= 0 && at.x_px < static_cast<float>(in.image_width_px) &&
           at.y_px < static_cast<float>(in.image_height_px);
  });
  return static_cast<double>(inside) / static_cast<double>(of.size());
}

// One face of a pair, with what comparing it needs.
class ComparedFace {
 public:
  explicit ComparedFace(StoredFace face)
      : face_(std::move(face)), picture_(ReadStoredPicture(face_.preview)) {}
  const Features& features() const { return face_.features; }
  bool has_picture() const { return picture_.has_value(); }
  FacePicture picture() const {
    return {*picture_, static_cast<double>(face_.features.image_width_px),
            static_cast<double>(face_.features.image_height_px)};
  }

 private:
  StoredFace face_;
  std::optional<Image> picture_;
};

// The likeness of two faces; 0 when their geometry rules out that they are twins.
double Compare(const ComparedFace& first, const PhotoMatcher& matcher, const ComparedFace& second) {
  if (!first.has_picture() || !second.has_picture()) return 0;
  const Features &a = first.features(), &b = second.features();
  const auto geometry = matcher.Verify(b, matcher.Match(b));
  if (!geometry || geometry->inliers.size() < kMinInliers) return 0;
  const auto fewer = static_cast<double>(std::min(a.size(), b.size()));
  if (static_cast<double>(geometry->inliers.size()) < kMinInlierShare * fewer) return 0;
  const auto inverse = Inverse(geometry->photo_from_item);
  if (!inverse || ShareInside(b, a, geometry->photo_from_item) < kMinInside ||
      ShareInside(a, b, *inverse) < kMinInside) {
    return 0;
  }
  const auto difference =
      CompareFaces(first.picture(), second.picture(), geometry->photo_from_item);
  return difference ? LikenessOf(*difference) : 0;
}

// Compares those suspects that have the same first face, which is prepared once.
Status CompareSuspects(const CatalogueView& catalogue,
                       std::span<const Suspects::value_type> suspects, const EngineOptions& options,
                       std::vector<TwinFaces>& twins) {
  INLIER_ASSIGN_OR_RETURN(auto face, FetchWholeFace(catalogue, suspects.front().first));
  if (!face) return {};
  const ComparedFace first(std::move(*face));
  const PhotoMatcher matcher(first.features(), MatchingOf(options));
  for (const auto& [number, other_number] : suspects) {
    INLIER_ASSIGN_OR_RETURN(auto other, FetchWholeFace(catalogue, other_number));
    if (!other) continue;
    const double likeness = Compare(first, matcher, ComparedFace(std::move(*other)));
    if (likeness >= kMinLikeness)
      twins.push_back({number, other_number, static_cast<float>(likeness)});
  }
  return {};
}

// Calls `body(i, out[i])` for all i in parallel, and puts the lists one after the other.
template <typename T, typename Body>
Result<std::vector<T>> Gather(std::size_t count, int threads, const Body& body) {
  std::vector<std::vector<T>> lists(count);
  std::vector<Status> outcomes(count);
  ParallelFor(count, threads, [&](std::size_t i) { outcomes[i] = body(i, lists[i]); });
  std::vector<T> all;
  for (std::size_t i = 0; i < count; ++i) {
    INLIER_RETURN_IF_ERROR(outcomes[i]);
    all.insert(all.end(), lists[i].begin(), lists[i].end());
  }
  return all;
}

}  // namespace

Result<std::vector<TwinFaces>> FindTwins(const CatalogueView& catalogue,
                                         std::span<const FaceNumber> numbers,
                                         const EngineOptions& options, int threads) {
  INLIER_ASSIGN_OR_RETURN(
      Suspects suspects,
      Gather<Suspects::value_type>(numbers.size(), threads, [&](std::size_t i, Suspects& out) {
        return AddSuspects(catalogue, numbers[i], options, out);
      }));
  std::ranges::sort(suspects);
  suspects.erase(std::unique(suspects.begin(), suspects.end()), suspects.end());
  std::vector<std::span<const Suspects::value_type>> of_one;
  for (std::size_t begin = 0, end = 0; begin < suspects.size(); begin = end) {
    while (end < suspects.size() && suspects[end].first == suspects[begin].first) ++end;
    of_one.push_back(std::span(suspects).subspan(begin, end - begin));
  }
  return Gather<TwinFaces>(of_one.size(), threads, [&](std::size_t i, std::vector<TwinFaces>& out) {
    return CompareSuspects(catalogue, of_one[i], options, out);
  });
}

Status SeekTwins(Collection& collection, FaceNumber begin, const EngineOptions& options,
                 int threads, const ProgressFunction& progress, const std::atomic<bool>* cancel) {
  const FaceNumber end = collection.FaceLimit();
  while (begin < end) {
    if (cancel != nullptr && cancel->load())
      return Fail(ErrorCode::kCancelled, "interrupted while twins were sought");
    if (progress) progress({"twins", begin, end});
    const FaceNumber next = std::min(end, begin + kFacesPerBlock);
    std::vector<FaceNumber> numbers(next - begin);
    std::iota(numbers.begin(), numbers.end(), begin);
    INLIER_ASSIGN_OR_RETURN(const auto twins,
                            FindTwins(DatabaseView(collection), numbers, options, threads));
    const FaceNumber sought = collection.twins_sought();
    INLIER_RETURN_IF_ERROR(collection.PutTwins(twins, begin <= sought ? next : sought));
    begin = next;
  }
  return {};
}

}  // namespace inlier
