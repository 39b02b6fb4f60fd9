#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inlier/image.h"
#include "inlier/item.h"
#include "inlier/reason.h"

namespace inlier {

/// The evidence for and against one candidate. The score is made from the inliers and what they
/// cover, the agreement of descriptors, the colours (`agreement` says where they can be compared),
/// the comparison with other items and, except with SIFT and SURF, the lead in votes. The rest is
/// for people to read.
struct Evidence {
  int inliers = 0;           // one-to-one matches that agree with the geometry; 0 without one
  int matches = 0;           // one-to-one matches before geometry
  double item_coverage = 0;  // share of the item's feature area that the inliers span, [0, 1]
  double photo_share = 0;    // inliers over the photo's features inside the outline, [0, 1]
  // Appearance: the photo is warped onto a small picture of the item and compared with it.
  double agreement = 0;             // share of the textured blocks that correlate well, [0, 1]
  double descriptor_agreement = 0;  // share of the item's keypoints that the photo has, [0, 1]
  double colour = 0;                // correlation of chromaticity, [-1, 1]
  double colour_shift = 0;          // difference of the mean chromaticity, ≥ 0
  double colour_error = 0;          // mean difference of chromaticity that the shift leaves, ≥ 0
  double colour_differs = 0;        // share of the part that agrees that has other colours, [0, 1]
  double sharpness = 1;  // fine detail of the photo over that of the item's picture, ≥ 0
  double visible = 0;    // share of the item that lies inside the photo, [0, 1]
  // agreement × visible less that of the best other item that claims the same place, [-1, 0.1]; 0.1
  // without one.
  double agreement_margin = 0;
  // The shortlist.
  double votes = 0;        // this candidate's votes over the best candidate's, [0, 1]
  double vote_margin = 0;  // natural logarithm of its votes over the best other candidate's
  double repeats = 0;      // share of the features that voted that fit many of the item's, [0, 1]
  // Embeddings, which have neither geometry nor votes.
  double similarity = 0;  // cosine of the nearest two rows, [-1, 1]
  double margin = 0;      // this similarity minus the best other item's
  // Method hybrid: the log-odds that each of its parts alone gives the item.
  double local_log_odds = 0, look_log_odds = 0, deep_log_odds = 0;
};

/// Why an item is named.
enum class HitKind {
  kSame,     // the photo shows the thing in the item's picture
  kSimilar,  // method hybrid: it looks alike as a whole, which may be true of other things too
};

/// A photo's point and the item's point that it was matched to, both in pixels of the originals.
struct MatchedPoint {
  Point photo;
  Point item;
};

/// One item that the photo may show.
struct Hit {
  std::string id;
  bool accepted = false;
  HitKind kind = HitKind::kSame;
  double probability = 0;  // calibrated: that the item truly is in the photo
  double score = 0;        // evidence in nats; orders hits of a kind, 0 is even odds
  int inliers = 0;         // one-to-one matches that agree with the geometry
  /// Where the item's corners (top left, top right, bottom right, bottom left) lie in the photo.
  /// Absent when no geometry was found.
  std::optional<std::array<Point, 4>> polygon;
  Metadata metadata;
  PictureRecord picture;  // of the item: the one that was found, and whose corners the polygon has
  std::size_t picture_number = 0;  // its place among the item's pictures
  /// Other items that a photo cannot tell from this one, since they have the same pictures or
  /// pictures that look the same.
  std::vector<std::string> twins;
  Reason reason = Reason::kNone;  // why it was not accepted
  /// With Reason::kDiffers: the corners of the part of the photo whose colours differ most, in the
  /// order of `polygon`.
  std::optional<std::array<Point, 4>> difference;
  Evidence evidence;                  // what the score was made from
  std::vector<MatchedPoint> matches;  // the inliers, when QueryOptions::keep_matches
};

/// An item that features of a photo voted for, before anything was compared in full.
struct ItemVotes {
  std::string id;
  std::string picture;  // the name of its picture that got the votes, see NameOf
  float votes = 0;      // weighted; they only order the items of one photo
};

/// How long the stages of one query took, in milliseconds.
struct Timings {
  double decode_ms = 0, extract_ms = 0, shortlist_ms = 0, verify_ms = 0, second_look_ms = 0,
         total_ms = 0;
};

/// How much of a catalogue that is cut into shards has answered.
struct Coverage {
  std::size_t shards = 0;
  std::size_t answered = 0;
  double share_of_items = 1;  // in the shards that answered, as far as known, [0, 1]
};

/// What a photo shows. No accepted hit means: not in the catalogue, unless `coverage` says that not
/// all of the catalogue was searched. Method hybrid then names what looks alike.
struct Answer {
  // The full size of the photo or, with QueryOptions::region, that of the part.
  int photo_width_px = 0, photo_height_px = 0;
  int features = 0;
  std::vector<Hit> hits;              // accepted ones first, then by score
  std::vector<std::string> warnings;  // about the photo's file; see DecodedPicture
  /// How many items satisfy QueryOptions::where; absent when there are no conditions. When it is 0,
  /// no photo could have shown one.
  std::optional<std::uint64_t> where_matched;
  // The state of the database that answered: the number of the last change that the search saw, and
  // of the newest generation of the index on disk.
  std::uint64_t last_change = 0;
  std::uint64_t generation = 0;
  std::optional<Coverage> coverage;  // of a ShardedEngine
  Timings timings;                   // wall clock
  Timings cpu;                       // CPU time of the calling thread
};

}  // namespace inlier
