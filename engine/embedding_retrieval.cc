#include "engine/embedding_retrieval.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/cancelled.h"
#include "engine/decide.h"
#include "engine/found_items.h"
#include "engine/score.h"

namespace inlier {
namespace {

// The cosine that the best item is compared with when it is alone: unrelated directions have 0.
constexpr double kNoRival = 0;

// The pixel centres at the corners of a region, clockwise from the top left.
std::array<Point, 4> Corners(const Box& box) {
  const float left = box.left_px + 0.5f, top = box.top_px + 0.5f, right = box.right_px - 0.5f,
              bottom = box.bottom_px - 0.5f;
  return {{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

std::vector<FaceNumber> NumbersOf(std::span<const NearFace> faces) {
  std::vector<FaceNumber> numbers;
  for (const NearFace& near : faces) numbers.push_back(near.number);
  return numbers;
}

// Fills in what the nearest rows say about hypotheses, which are in the order of the shortlist.
std::vector<Hypothesis> Judge(const Features& photo, const std::vector<Hypothesis>& hypotheses,
                              std::span<const NearFace> shortlist, const Calibration& calibration,
                              const DecisionOptions& options) {
  std::unordered_map<FaceNumber, const NearFace*> near_by_face;
  for (const NearFace& near : shortlist) near_by_face[near.number] = &near;
  std::unordered_set<ItemNumber> named;
  std::unordered_set<std::size_t> taken;  // regions that have an accepted hit
  std::vector<Hypothesis> best;
  for (const Hypothesis& candidate : hypotheses) {
    if (!named.insert(candidate.items.front()).second) continue;
    const auto rival = std::ranges::find_if(hypotheses, [&candidate](const Hypothesis& other) {
      return !AreTheSame(candidate, other);
    });
    const NearFace& near = *near_by_face.at(candidate.face);
    Hypothesis hypothesis = candidate;
    Hit& hit = hypothesis.hit;
    hit.evidence.similarity = near.similarity;
    hit.evidence.margin =
        hit.evidence.similarity -
        (rival == hypotheses.end() ? kNoRival : near_by_face.at(rival->face)->similarity);
    hit.score = calibration.offset + calibration.similarity * hit.evidence.similarity +
                calibration.margin * hit.evidence.margin;
    hit.probability = Probability(hit.score);
    const std::size_t region = near.photo_row;
    hit.polygon = Corners(photo.regions[region]);
    hit.accepted = hit.probability >= options.accept_probability && taken.insert(region).second;
    best.push_back(std::move(hypothesis));
  }
  std::stable_sort(best.begin(), best.end(), [](const Hypothesis& a, const Hypothesis& b) {
    return a.hit.accepted > b.hit.accepted;
  });
  return best;
}

// The nearest two rows of two images, as a shortlist of one.
NearFace NearestRows(const Features& photo, const Features& item) {
  NearFace nearest{.similarity = -2};  // less than any cosine
  std::vector<float> a(photo.descriptor_bytes), b(item.descriptor_bytes);
  for (std::size_t i = 0; i < photo.size(); ++i) {
    UnitDirection(photo.row(i), a.data());
    for (std::size_t j = 0; j < item.size(); ++j) {
      UnitDirection(item.row(j), b.data());
      float cosine = 0;
      for (std::size_t k = 0; k < a.size(); ++k) cosine += a[k] * b[k];
      if (cosine <= nearest.similarity) continue;
      nearest.similarity = cosine;
      nearest.photo_row = static_cast<std::uint16_t>(i);
      nearest.face_row = static_cast<std::uint16_t>(j);
    }
  }
  return nearest;
}

}  // namespace

Result<std::vector<Hypothesis>> NearestItems(const CatalogueView& catalogue, const Features& photo,
                                             std::size_t space, const Calibration& calibration,
                                             const DecisionOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto nearest, catalogue.Nearest(photo, space, options.candidates));
  const std::vector<FaceNumber> numbers = NumbersOf(nearest);
  INLIER_ASSIGN_OR_RETURN(const auto faces, catalogue.Faces(numbers));
  std::vector<Hypothesis> hypotheses;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces[i] && !faces[i]->owners.empty())
      hypotheses.push_back(HypothesisOf(numbers[i], *faces[i]));
  }
  return Judge(photo, hypotheses, nearest, calibration, options);
}

Status EmbeddingRetrieval::Find(const CatalogueView& catalogue, const Question& question,
                                StageClock& clock, Answer& answer) const {
  INLIER_ASSIGN_OR_RETURN(const auto nearest,
                          catalogue.Nearest(question.features, 0, options_.decide.candidates));
  clock.Lap(answer, &Timings::shortlist_ms);
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));

  INLIER_ASSIGN_OR_RETURN(const auto faces, catalogue.FetchKeypoints(NumbersOf(nearest)));
  std::vector<Hypothesis> hypotheses;
  for (const FaceKeypoints& face : faces) {
    Hypothesis hypothesis = HypothesisOf(face.number, face.record);
    if (!hypothesis.items.empty()) hypotheses.push_back(std::move(hypothesis));
  }
  hypotheses = Judge(question.features, hypotheses, nearest, calibration_, options_.decide);
  KeepRequested(hypotheses, question.query);
  INLIER_ASSIGN_OR_RETURN(answer.hits, NameItems(catalogue, std::move(hypotheses)));
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<Comparison> EmbeddingRetrieval::Compare(const Image&, const Features& of_photo,
                                               const StoredFace& face) const {
  const std::vector<NearFace> nearest{NearestRows(of_photo, face.features)};
  Comparison comparison;
  comparison.hit =
      Judge(of_photo, {{.items = {0}}}, nearest, calibration_, options_.decide).front().hit;
  return comparison;
}

}  // namespace inlier
