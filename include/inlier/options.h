#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "inlier/error.h"
#include "inlier/export.h"

namespace inlier {

/// One row in the table of fields that each options struct has. Its static function `Visit(options,
/// visitor)` calls `visitor(Field, value&)` for each field. Flags, JSON, help and validation are
/// all made from this table.
struct Field {
  std::string_view name;
  std::string_view help;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::string_view only = {};  // the methods that use it, separated by commas; empty: all of them
};

/// Which features are extracted, and at which size of the image. A database keeps these options,
/// since features that were extracted with others cannot be compared with its own.
struct ExtractorOptions {
  std::string method = "sift";
  int max_features = 1500;             // strongest kept
  int max_side_px = 800;               // larger images are reduced first
  int min_side_px = 400;               // images with a shorter long side are enlarged first
  double contrast_threshold = 0.01;    // SIFT: DoG extremum, of full scale
  bool sift_full = false;              // SIFT: 128 numbers in place of 64 coefficients
  double hessian_threshold = 0.00005;  // SURF: determinant, of full scale squared
  bool surf_upright = false;           // SURF: no orientation (U-SURF)
  bool surf_extended = false;          // SURF: 128 numbers in place of 64
  double fast_threshold = 8;           // ORB, BRIEF: grey levels
  bool brief_steered = false;          // BRIEF: tests turned with the keypoint
  int xfeat_levels = 6;                // XFeat: sizes of the image that the network sees
  double xfeat_threshold = 0.05;       // XFeat: probability of a keypoint
  std::string deep_model;              // deep: configuration file; empty: EfficientNet-Lite0
  std::string deep_projection;  // deep: file of `inlier learn`; empty: the embedding as it comes

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"method", "sift, surf, orb, brief, xfeat, look, deep or hybrid"}, self.method);
    visit(Field{"max_features", "how many features an image keeps, the strongest first", 1, 20'000},
          self.max_features);
    visit(Field{"max_side_px", "larger images are first reduced to this long side", 16, 8'000},
          self.max_side_px);
    visit(Field{"min_side_px", "smaller images are first enlarged to this long side", 0, 8'000},
          self.min_side_px);
    visit(Field{"contrast_threshold",
                "SIFT: weakest extremum that is kept, as a fraction of full scale", 0, 1,
                "sift,hybrid"},
          self.contrast_threshold);
    visit(Field{.name = "sift_full",
                .help = "SIFT: rows of all 128 bytes instead of 64 coefficients of them",
                .only = "sift,hybrid"},
          self.sift_full);
    visit(Field{"hessian_threshold",
                "SURF: weakest determinant of the Hessian that is kept, as a fraction of full "
                "scale squared",
                0, 1, "surf"},
          self.hessian_threshold);
    visit(Field{.name = "surf_upright",
                .help = "SURF: assign no orientation; for photos that are never rotated",
                .only = "surf"},
          self.surf_upright);
    visit(Field{.name = "surf_extended",
                .help = "SURF: rows of 128 bytes instead of 64",
                .only = "surf"},
          self.surf_extended);
    visit(Field{"fast_threshold", "ORB, BRIEF: weakest corner that is kept, in grey levels", 0, 255,
                "orb,brief"},
          self.fast_threshold);
    visit(Field{.name = "brief_steered",
                .help = "BRIEF: rotate the tests with the keypoint",
                .only = "brief"},
          self.brief_steered);
    visit(Field{"xfeat_levels",
                "XFeat: how many sizes of the image the network sees, each a root of 2 smaller", 1,
                10, "xfeat"},
          self.xfeat_levels);
    visit(Field{"xfeat_threshold", "XFeat: least probability of a keypoint that is kept", 0.001, 1,
                "xfeat"},
          self.xfeat_threshold);
    visit(Field{.name = "deep_model",
                .help = "deep: file or name of the detector and the embedding; empty means "
                        "EfficientNet-Lite0",
                .only = "deep,hybrid"},
          self.deep_model);
    visit(Field{.name = "deep_projection",
                .help =
                    "deep: file that 'inlier learn' wrote; empty means the network's own embedding",
                .only = "deep,hybrid"},
          self.deep_projection);
  }
};

/// How a photo is looked at once more, as a whole, when the first look finds a likely item that is
/// not acceptable, or the photo is busy. The first look has the options of the database. These need
/// no new index, and are for local features alone.
struct PhotoOptions {
  int max_features = 3000;  // no more looks when these are not more than the database's
  int max_side_px = 1200;
  bool turns = true;  // for upright features

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"max_features",
                "how many features an undecided photo is given when it is looked at again; no more "
                "than extract.max_features: it is not looked at again",
                0, 20'000},
          self.max_features);
    visit(Field{"max_side_px", "the long side to which it is reduced then", 16, 8'000},
          self.max_side_px);
    visit(Field{.name = "turns",
                .help = "xfeat: look at a photo in the other quarter turns as well when nothing "
                        "acceptable is found in it as it is"},
          self.turns);
  }
};

/// How the shortlist is made. Jégou, Douze and Schmid, "Improving bag-of-features for large scale
/// image search", IJCV 2010 (Hamming embedding, weak geometric consistency).
struct ShortlistOptions {
  int probes = 4;         // cells looked up for each descriptor of the photo
  int hamming_bits = 18;  // largest distance between two 64-bit codes that votes
  double sigma_bits = 9;  // a vote is exp(-(distance / sigma)²)

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"probes", "cells that are looked up for each descriptor", 1, 256}, self.probes);
    visit(Field{"hamming_bits", "largest distance between two codes that still votes", 0, 64},
          self.hamming_bits);
    visit(Field{"sigma_bits", "how slowly a vote's weight falls with the distance of the codes",
                0.1, 64},
          self.sigma_bits);
  }
};

/// Descriptor matching and robust geometry.
struct MatcherOptions {
  double ratio = 0.9;    // Lowe's ratio test, nearest against second nearest in the item
  double inlier_px = 6;  // reprojection error of an inlier, in a photo of 800 px long side
  double hypothesis_frac =
      0.08;  // tolerance of a one-match similarity, of the item's extent in the photo
  int min_inliers = 6;
  int max_iterations = 1000;  // of MAGSAC++

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"ratio", "ratio test: most that the nearest distance is of the second nearest", 0.1,
                1},
          self.ratio);
    visit(Field{"inlier_px", "largest error of an inlier, in a photo with a long side of 800 px",
                0.1, 100},
          self.inlier_px);
    visit(Field{"hypothesis_frac",
                "tolerance of a pose from one match, as a fraction of the item's extent", 0.001, 1},
          self.hypothesis_frac);
    visit(Field{"min_inliers", "fewest inliers of an accepted geometry", 4, 1000},
          self.min_inliers);
    visit(Field{"max_iterations", "most samples that MAGSAC++ draws", 1, 100'000},
          self.max_iterations);
  }
};

struct DecisionOptions {
  int candidates = 50;  // items of the shortlist that are looked at
  int rematched = 12;   // of these, the items that are matched in full
  double accept_probability = 0.85;
  double similar_probability = 0.1;  // hybrid: of what is named when nothing is accepted
  int facings = 12;                  // most hits of one item, each in its own place
  int second_looks = 3;              // closer looks at likely hypotheses that are not accepted

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    visit(Field{"candidates", "how many items of the shortlist are examined", 1, 10'000},
          self.candidates);
    visit(Field{"rematched", "how many of these are matched in full", 1, 10'000}, self.rematched);
    visit(Field{"accept_probability", "lowest probability at which a hit is accepted", 0, 1},
          self.accept_probability);
    visit(Field{"similar_probability",
                "hybrid: lowest probability at which an item that looks alike is named when "
                "nothing is accepted",
                0, 1},
          self.similar_probability);
    visit(Field{"facings", "how many times one item may be found in a photo", 1, 1000},
          self.facings);
    visit(
        Field{"second_looks",
              "most regions of a photo that are looked at again, closer, while undecided", 0, 100},
        self.second_looks);
  }
};

/// All options, one struct a stage.
struct EngineOptions {
  ExtractorOptions extract;
  PhotoOptions photo;
  ShortlistOptions shortlist;
  MatcherOptions match;
  DecisionOptions decide;

  /// Calls `visit(stage, field, value&)` for every option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    const auto stage = [&visit](std::string_view name, auto& options) {
      std::remove_cvref_t<decltype(options)>::Visit(
          options, [&](const Field& field, auto& value) { visit(name, field, value); });
    };
    stage("extract", self.extract);
    stage("photo", self.photo);
    stage("shortlist", self.shortlist);
    stage("match", self.match);
    stage("decide", self.decide);
  }
};

/// Errors: kInvalidArgument naming the field.
INLIER_EXPORT Status Validate(const EngineOptions& options);

/// Sets `stage.field` from text. Errors: kInvalidArgument (no such field, not such a value).
INLIER_EXPORT Status SetOption(EngineOptions& options, std::string_view name,
                               std::string_view value);

INLIER_EXPORT std::string ToJson(const EngineOptions& options);
/// Fields that the text lacks keep their defaults. Errors: kInvalidArgument.
INLIER_EXPORT Result<EngineOptions> OptionsFromJson(std::string_view text);

/// One line for each option: name, default, range, meaning.
INLIER_EXPORT std::string DescribeOptions();

}  // namespace inlier
