#include "engine/local_retrieval.h"

#include <algorithm>
#include <utility>

#include "core/image.h"
#include "engine/cancelled.h"
#include "engine/decide.h"
#include "engine/exact.h"
#include "engine/found_items.h"
#include "engine/preview.h"
#include "engine/rerank.h"

namespace inlier {
namespace {

double LongSide_px(const Image& image) {
  return std::max(FullWidth_px(image), FullHeight_px(image));
}

}  // namespace

Status LocalRetrieval::Find(const Collection& collection, const Question& question,
                            StageClock& clock, Answer& answer) const {
  const int count = options_.decide.candidates;
  const FaceFilter& passing = question.filter.faces;
  const PhotoView view(question.photo, question.features, options_);
  INLIER_ASSIGN_OR_RETURN(
      const auto shortlist,
      question.query.exact
          ? ExactShortlist(collection, view.matcher, count, passing)
          : collection.Search(question.features, count, options_.shortlist, passing));
  clock.Lap(answer, &Timings::shortlist_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));

  std::vector<FaceNumber> numbers;
  for (const Candidate& candidate : shortlist) numbers.push_back(candidate.number);
  INLIER_ASSIGN_OR_RETURN(auto faces, collection.FetchKeypoints(numbers));
  INLIER_ASSIGN_OR_RETURN(
      auto hypotheses, Rerank(view, std::move(faces), shortlist, question.filter, options_.decide,
                              [&collection](std::vector<FaceKeypoints> chosen) {
                                return collection.FetchDescriptors(std::move(chosen));
                              }));
  clock.Lap(answer, &Timings::verify_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));
  INLIER_RETURN_IF_ERROR(LookAgain(collection,
                                   {.photo = question.photo,
                                    .features = question.features,
                                    .shortlist = shortlist,
                                    .extractor = question.extractor,
                                    .read = question.read,
                                    .query = question.query},
                                   options_, hypotheses));
  clock.Lap(answer, &Timings::second_look_ms);
  if (!question.query.shortlisted) {
    std::erase_if(hypotheses, [](const Hypothesis& hypothesis) { return !hypothesis.examined; });
  }
  hypotheses = Decide(std::move(hypotheses), LongSide_px(question.photo), options_);
  KeepRequested(hypotheses, question.query);
  INLIER_ASSIGN_OR_RETURN(answer.hits,
                          NameItems(collection, question.filter, std::move(hypotheses)));
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<std::optional<Hit>> LocalRetrieval::Match(const Image& photo, const Features& of_photo,
                                                 const Image& item, const Features& of_item) const {
  const PhotoView view(photo, of_photo, options_);
  const auto whole = [&](const std::vector<FaceKeypoints>&) {
    std::vector<std::optional<StoredFace>> faces;
    faces.push_back(StoredFace{.features = of_item, .preview = MakePreview(item)});
    return faces;
  };
  std::vector<FaceKeypoints> faces;
  faces.push_back({.record = {.owners = {0}}, .features = of_item});
  const std::vector<Candidate> shortlist{{.number = 0, .votes = 1, .pairs = {}}};
  INLIER_ASSIGN_OR_RETURN(auto hypotheses,
                          Rerank(view, std::move(faces), shortlist, {}, options_.decide, whole));
  hypotheses = Decide(std::move(hypotheses), LongSide_px(photo), options_);
  if (hypotheses.empty() || !hypotheses.front().hit.polygon) return std::nullopt;
  return std::move(hypotheses.front().hit);
}

}  // namespace inlier
