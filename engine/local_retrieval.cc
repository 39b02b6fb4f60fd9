#include "engine/local_retrieval.h"

#include <algorithm>
#include <utility>

#include "core/image.h"
#include "engine/cancelled.h"
#include "engine/decide.h"
#include "engine/facings.h"
#include "engine/found_items.h"
#include "engine/rerank.h"
#include "engine/turned_extractor.h"

namespace inlier {
namespace {

// A photo whose accepted items cover less than this share of it may show more of them.
constexpr double kMostlyUnexplained = 0.2;

// With more features, a hypothesis that is at least this likely may become acceptable.
constexpr double kLikely = 0.25;

double LongSide_px(const Image& image) {
  return std::max(FullWidth_px(image), FullHeight_px(image));
}

std::ptrdiff_t CountAcceptable(std::span<const Hypothesis> hypotheses,
                               const DecisionOptions& options) {
  return std::ranges::count_if(hypotheses, [&options](const Hypothesis& hypothesis) {
    return IsAcceptable(hypothesis.hit, options);
  });
}

double LikeliestOf(std::span<const Hypothesis> hypotheses) {
  double likeliest = 0;
  for (const Hypothesis& hypothesis : hypotheses) {
    if (hypothesis.hit.polygon) likeliest = std::max(likeliest, hypothesis.hit.probability);
  }
  return likeliest;
}

}  // namespace

// Few features are enough for most photos. More of them make a likely hypothesis acceptable, and
// hardly ever one that is not likely. A busy photo, whose features are spread over many things, may
// show items that got too few of them to be voted for, and so may any photo where rows are bits,
// which are less distinctive. docs/evaluation/history.md has the figures.
LocalRetrieval::FullerLook LocalRetrieval::FullerLookFor(
    const Question& question, std::span<const Hypothesis> hypotheses) const {
  double explained_px = 0, likeliest = 0;
  bool any = false;
  for (const Hypothesis& hypothesis : hypotheses) {
    if (!hypothesis.hit.polygon) continue;
    likeliest = std::max(likeliest, hypothesis.hit.probability);
    if (!IsAcceptable(hypothesis.hit, options_.decide)) continue;
    any = true;
    explained_px += Area_px(*hypothesis.hit.polygon);
  }
  if (!any && question.features.kind == DescriptorKind::kBits) return FullerLook::kSearchAgain;
  if (!any) return likeliest >= kLikely ? FullerLook::kMatchAgain : FullerLook::kNone;
  const double photo_px = static_cast<double>(FullWidth_px(question.photo)) *
                          static_cast<double>(FullHeight_px(question.photo));
  const bool busy = std::cmp_greater_equal(question.features.size(), options_.extract.max_features);
  return busy && explained_px < kMostlyUnexplained * photo_px ? FullerLook::kSearchAgain
                                                              : FullerLook::kNone;
}

Status LocalRetrieval::LookFully(const CatalogueView& catalogue, const Question& question,
                                 const Extractor& fuller, FullerLook look,
                                 std::vector<Hypothesis>& hypotheses, Answer& answer) const {
  const int width_px = FullWidth_px(question.photo), height_px = FullHeight_px(question.photo);
  Image larger;
  const Image* photo = &question.photo;
  if (photo->width_px < width_px) {  // it was reduced while it was decoded
    auto read = question.read({0, 0, width_px, height_px}, fuller.least_side_px());
    if (read) {
      larger = *std::move(read);
      photo = &larger;
    }
  }
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));
  const Features features = fuller.Extract(*photo);
  if (look == FullerLook::kMatchAgain) {
    answer.features = static_cast<int>(features.size());
    return MatchAgain(catalogue, PhotoView(*photo, features, options_), hypotheses);
  }
  StageClock clock;
  Answer unused;
  INLIER_ASSIGN_OR_RETURN(auto found, Look(catalogue,
                                           {.photo = *photo,
                                            .features = features,
                                            .query = question.query,
                                            .extractor = fuller,
                                            .read = question.read},
                                           clock, unused));
  if (CountAcceptable(found, options_.decide) < CountAcceptable(hypotheses, options_.decide))
    return {};
  hypotheses = std::move(found);
  answer.features = static_cast<int>(features.size());
  return {};
}

Result<std::vector<Hypothesis>> LocalRetrieval::Look(const CatalogueView& catalogue,
                                                     const Question& question, StageClock& clock,
                                                     Answer& answer) const {
  const int count = options_.decide.candidates;
  const PhotoView view(question.photo, question.features, options_);
  INLIER_ASSIGN_OR_RETURN(const auto shortlist,
                          question.query.exact
                              ? catalogue.SearchExactly(question.features, count)
                              : catalogue.Search(question.features, count, options_.shortlist));
  clock.Lap(answer, &Timings::shortlist_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));

  std::vector<FaceNumber> numbers;
  for (const Candidate& candidate : shortlist) numbers.push_back(candidate.number);
  INLIER_ASSIGN_OR_RETURN(auto faces, catalogue.FetchKeypoints(numbers));
  INLIER_ASSIGN_OR_RETURN(auto hypotheses,
                          Rerank(view, std::move(faces), shortlist, options_.decide,
                                 [&catalogue](std::vector<FaceKeypoints> chosen) {
                                   return catalogue.FetchDescriptors(std::move(chosen));
                                 }));
  clock.Lap(answer, &Timings::verify_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));
  INLIER_RETURN_IF_ERROR(LookAgain(catalogue,
                                   {.photo = question.photo,
                                    .extractor = question.extractor,
                                    .read = question.read,
                                    .query = question.query},
                                   options_, hypotheses));
  clock.Lap(answer, &Timings::second_look_ms);
  INLIER_RETURN_IF_ERROR(
      FindFacings(catalogue, {question.features, shortlist, view}, options_, hypotheses));
  clock.Lap(answer, &Timings::verify_ms);
  return hypotheses;
}

Status LocalRetrieval::LookTurned(const CatalogueView& catalogue, const Question& question,
                                  StageClock& clock, Seen& seen, Answer& answer) const {
  for (const int quarters : {1, 3, 2}) {  // cameras are rarely upside down
    INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));
    const TurnedExtractor extractor(question.extractor, quarters);
    Features features = extractor.Extract(question.photo);
    clock.Lap(answer, &Timings::extract_ms);
    INLIER_ASSIGN_OR_RETURN(auto found, Look(catalogue,
                                             {.photo = question.photo,
                                              .features = features,
                                              .query = question.query,
                                              .extractor = extractor,
                                              .read = question.read},
                                             clock, answer));
    // Chance finds something with a low probability in any turn.
    if (LikeliestOf(found) < std::max(kLikely, LikeliestOf(seen.hypotheses))) continue;
    seen = {std::move(found), std::move(features), quarters};
    answer.features = static_cast<int>(seen.features.size());
    if (CountAcceptable(seen.hypotheses, options_.decide) > 0) break;
  }
  return {};
}

Result<std::vector<Hypothesis>> LocalRetrieval::FindHypotheses(const CatalogueView& catalogue,
                                                               const Question& question,
                                                               bool shortlisted, StageClock& clock,
                                                               Answer& answer) const {
  Seen seen;
  INLIER_ASSIGN_OR_RETURN(seen.hypotheses, Look(catalogue, question, clock, answer));
  if (options_.photo.turns && question.extractor.upright() &&
      CountAcceptable(seen.hypotheses, options_.decide) == 0)
    INLIER_RETURN_IF_ERROR(LookTurned(catalogue, question, clock, seen, answer));
  std::vector<Hypothesis> hypotheses = std::move(seen.hypotheses);
  const Question asked{.photo = question.photo,
                       .features = seen.quarters > 0 ? seen.features : question.features,
                       .query = question.query,
                       .extractor = question.extractor,
                       .read = question.read};
  if (const FullerLook look = fuller_ ? FullerLookFor(asked, hypotheses) : FullerLook::kNone;
      look != FullerLook::kNone) {
    const TurnedExtractor turned(*fuller_, seen.quarters);
    INLIER_RETURN_IF_ERROR(LookFully(catalogue, asked, seen.quarters > 0 ? turned : *fuller_, look,
                                     hypotheses, answer));
    clock.Lap(answer, &Timings::second_look_ms);
  }
  if (!shortlisted) {
    std::erase_if(hypotheses, [](const Hypothesis& hypothesis) { return !hypothesis.examined; });
  }
  return Decide(std::move(hypotheses), LongSide_px(question.photo), options_);
}

Status LocalRetrieval::Find(const CatalogueView& catalogue, const Question& question,
                            StageClock& clock, Answer& answer) const {
  INLIER_ASSIGN_OR_RETURN(
      auto hypotheses,
      FindHypotheses(catalogue, question, question.query.shortlisted, clock, answer));
  KeepRequested(hypotheses, question.query);
  INLIER_ASSIGN_OR_RETURN(answer.hits, NameItems(catalogue, std::move(hypotheses)));
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<Comparison> LocalRetrieval::Compare(const Image& photo, const Features& of_photo,
                                           const StoredFace& face) const {
  const PhotoView view(photo, of_photo, options_);
  const auto whole = [&face](const std::vector<FaceKeypoints>&) {
    return std::vector<std::optional<StoredFace>>{face};
  };
  std::vector<FaceKeypoints> faces;
  faces.push_back({.record = {.owners = {0}}, .features = face.features});
  const std::vector<Candidate> shortlist{{.number = 0, .votes = 1, .pairs = {}}};
  INLIER_ASSIGN_OR_RETURN(auto hypotheses,
                          Rerank(view, std::move(faces), shortlist, options_.decide, whole));
  hypotheses = Decide(std::move(hypotheses), LongSide_px(photo), options_);
  Comparison comparison;
  if (!hypotheses.empty() && hypotheses.front().hit.polygon)
    comparison.hit = std::move(hypotheses.front().hit);
  Illustrate(view, face, comparison);
  return comparison;
}

}  // namespace inlier
