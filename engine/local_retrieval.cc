#include "engine/local_retrieval.h"

#include <utility>

#include "engine/exact.h"
#include "engine/preview.h"
#include "engine/rerank.h"

namespace inlier {

Status LocalRetrieval::Find(const Collection& collection, const Question& question,
                            StageClock& clock, Answer& answer) const {
  const int count = options_.decide.candidates;
  const PhotoView view(question.photo, question.features, options_.match);
  INLIER_ASSIGN_OR_RETURN(
      const auto shortlist,
      question.query.exact
          ? ExactShortlist(collection, view.matcher, count, question.filter)
          : collection.Search(question.features, count, options_.shortlist, question.filter));
  clock.Lap(answer, &Timings::shortlist_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));

  std::vector<ItemNumber> numbers;
  for (const Candidate& candidate : shortlist) numbers.push_back(candidate.number);
  INLIER_ASSIGN_OR_RETURN(auto items, collection.FetchKeypoints(numbers));
  INLIER_ASSIGN_OR_RETURN(auto hypotheses,
                          Rerank(view, std::move(items), shortlist, options_.decide,
                                 [&collection](std::vector<ItemKeypoints> chosen) {
                                   return collection.FetchDescriptors(std::move(chosen));
                                 }));
  if (!question.query.shortlisted) {
    std::erase_if(hypotheses, [](const Hypothesis& hypothesis) { return !hypothesis.examined; });
  }
  answer.hits = Decide(question.features, std::move(hypotheses), options_.decide);
  KeepRequested(answer.hits, question.query);
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<std::optional<Hit>> LocalRetrieval::Match(const Image& photo, const Features& of_photo,
                                                 const Image& item, const Features& of_item) const {
  const PhotoView view(photo, of_photo, options_.match);
  const auto whole = [&](const std::vector<ItemKeypoints>&) {
    std::vector<std::optional<StoredItem>> items;
    items.push_back(StoredItem{.features = of_item, .preview = MakePreview(item)});
    return items;
  };
  std::vector<ItemKeypoints> items;
  items.push_back({.features = of_item});
  const std::vector<Candidate> shortlist{{.number = 0, .votes = 1, .pairs = {}}};
  INLIER_ASSIGN_OR_RETURN(auto hypotheses,
                          Rerank(view, std::move(items), shortlist, options_.decide, whole));
  auto hits = Decide(of_photo, std::move(hypotheses), options_.decide);
  if (hits.empty() || !hits.front().polygon) return std::nullopt;
  return std::move(hits.front());
}

}  // namespace inlier
