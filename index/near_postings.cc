// Lists lie anywhere in memory, and reading them is most of the time of a search. They are visited
// in the order in which they lie there, roughly: features that look at the same list then find it
// in the processor's cache, and the next list is prefetched while this one is scanned. Few of its
// codes are near, and the postings of these lie apart; they are prefetched, and read when the next
// list has been scanned.
#include "index/near_postings.h"

#include <algorithm>
#include <utility>

#include "index/code_scan.h"

namespace inlier {
namespace {

constexpr std::size_t kListsAhead = 4;      // lists that are prefetched
constexpr std::size_t kPostingsAhead = 16;  // whose faces' counts are prefetched
constexpr std::size_t kSteps = 4096;        // that the visits are sorted by

// The places of the photo's lists, by the number of the list divided by a step, and in the order of
// the photo where that is the same. Places without a list are left out.
std::vector<std::uint32_t> VisitingOrder(const PhotoCodes& photo, std::size_t lists) {
  const std::size_t step = lists / kSteps + 1;
  std::vector<std::uint32_t> begin(kSteps + 1, 0);
  for (const std::uint32_t list : photo.lists) {
    if (list != PhotoCodes::kNoList) ++begin[list / step + 1];
  }
  for (std::size_t i = 0; i < kSteps; ++i) begin[i + 1] += begin[i];
  std::vector<std::uint32_t> order(begin.back());
  for (std::size_t place = 0; place < photo.lists.size(); ++place) {
    if (photo.lists[place] != PhotoCodes::kNoList)
      order[begin[photo.lists[place] / step]++] = static_cast<std::uint32_t>(place);
  }
  return order;
}

// Where the lists are in a segment, in the order of the visits.
std::vector<std::uint32_t> PlacesIn(const Segment& segment, const PhotoCodes& photo,
                                    std::span<const std::uint32_t> order) {
  std::vector<std::uint32_t> places;
  places.reserve(order.size());
  for (const std::uint32_t visit : order) places.push_back(segment.PlaceOf(photo.lists[visit]));
  return places;
}

}  // namespace

Result<NearPostings> NearPostings::Find(const Snapshot& snapshot, const PhotoCodes& photo,
                                        int limit_bits, std::span<const std::uint32_t> counts) {
  NearPostings found;
  found.ranges_.resize(photo.lists.size());
  const auto order =
      VisitingOrder(photo, 2 * static_cast<std::size_t>(snapshot.vocabulary->cells()));
  const auto words = static_cast<std::size_t>(photo.code_words);
  std::vector<std::vector<std::uint32_t>> places;
  for (const auto& segment : snapshot.segments) places.push_back(PlacesIn(*segment, photo, order));
  Scanned now{}, before{};
  for (std::size_t k = 0; k < order.size(); ++k) {
    now.place = order[k];
    for (std::size_t s = 0; s < places.size(); ++s) {
      const Segment& segment = *snapshot.segments[s];
      if (k + kListsAhead < order.size()) segment.Prefetch(places[s][k + kListsAhead]);
      INLIER_ASSIGN_OR_RETURN(const PostingList list, segment.AtPlace(places[s][k]));
      if (list.size == 0) continue;
      found.ranges_[now.place].length += static_cast<std::uint32_t>(list.size);
      if (now.matches.size() < list.size) now.matches.resize(list.size);
      now.count = ScanCodes(list.codes, list.size, photo.code_words,
                            &photo.codes[now.place * words], limit_bits, now.matches.data());
      now.postings = list.postings;
      for (std::size_t i = 0; i < now.count; ++i)
        __builtin_prefetch(&list.postings.postings[now.matches[i].index]);
      found.Take(before);
      std::swap(now, before);
      now.place = before.place;  // the next segment continues the same list
    }
  }
  found.Take(before);
  found.LeaveOut(order, counts);
  return found;
}

void NearPostings::Take(const Scanned& scanned) {
  if (scanned.count == 0) return;
  Range& range = ranges_[scanned.place];
  if (range.count == 0) range.begin = static_cast<std::uint32_t>(postings_.size());
  range.count += static_cast<std::uint32_t>(scanned.count);
  PostingReader reader(scanned.postings);
  for (const CodeMatch& match : std::span(scanned.matches).first(scanned.count))
    postings_.push_back({reader.At(match.index), static_cast<std::uint16_t>(match.distance)});
}

// Leaves out the postings of faces that have no count: faces that were removed or that a filter
// does not let pass.
void NearPostings::LeaveOut(std::span<const std::uint32_t> order,
                            std::span<const std::uint32_t> counts) {
  const auto counted = [counts](const NearPosting& near) {
    return near.posting.face < counts.size() && counts[near.posting.face] > 0;
  };
  std::uint32_t kept = 0;
  for (const std::uint32_t place : order) {
    Range& range = ranges_[place];
    const std::uint32_t begin = kept;
    for (std::size_t i = range.begin; i < range.begin + std::size_t{range.count}; ++i) {
      if (i + kPostingsAhead < postings_.size()) {
        const FaceNumber ahead = postings_[i + kPostingsAhead].posting.face;
        if (ahead < counts.size()) __builtin_prefetch(&counts[ahead]);
      }
      if (counted(postings_[i])) postings_[kept++] = postings_[i];
    }
    range.begin = begin;
    range.count = kept - begin;
  }
  postings_.resize(kept);
}

}  // namespace inlier
