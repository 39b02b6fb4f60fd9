// The score of a hit follows its evidence, for every method that weights were fitted for.
#include <gtest/gtest.h>

#include "engine/score.h"

namespace inlier {
namespace {

class ScoreTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Methods, ScoreTest,
                         testing::Values("sift", "surf", "orb", "brief", "xfeat"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(ScoreTest, EvidencePullsInItsDirection) {
  const Evidence plain{.inliers = 30,
                       .matches = 60,
                       .item_coverage = 0.3,
                       .agreement = 0.5,
                       .descriptor_agreement = 0.5,
                       .colour_shift = 0.1,
                       .colour_error = 0.15,
                       .colour_differs = 0.1,
                       .visible = 1};
  const ScoreWeights& weights = WeightsFor(GetParam());
  const auto score = [&plain, &weights](double Evidence::*what, double value) {
    Evidence changed = plain;
    changed.*what = value;
    return Score(changed, weights) - Score(plain, weights);
  };
  EXPECT_GT(score(&Evidence::item_coverage, 0.5), 0);
  EXPECT_GT(score(&Evidence::descriptor_agreement, 0.8), 0);
  EXPECT_GT(score(&Evidence::agreement_margin, 0.1), 0);
  EXPECT_LT(score(&Evidence::agreement_margin, -0.2), 0);
  EXPECT_LT(score(&Evidence::colour_shift, 0.4), 0);
  EXPECT_LT(score(&Evidence::colour_error, 0.3), 0);
  EXPECT_LT(score(&Evidence::colour_differs, 0.4), 0);
}

TEST_P(ScoreTest, AnyGeometryOutranksVotes) {
  Evidence hopeless{.inliers = 6, .matches = 300};
  hopeless.colour_shift = hopeless.colour_error = 0.5;
  hopeless.colour_differs = 1;
  hopeless.agreement_margin = -1;
  const Evidence voted{.votes = 1, .vote_margin = 3};
  const ScoreWeights& weights = WeightsFor(GetParam());
  EXPECT_GT(Score(hopeless, weights), Score(voted, weights));
  EXPECT_LT(Probability(Score(hopeless, weights)), 0.01);
}

TEST(Score, AnAddedMethodHasTheWeightsOfTheOneThatItsNameContains) {
  EXPECT_EQ(&WeightsFor("opencv-orb"), &WeightsFor("orb"));
  EXPECT_EQ(&WeightsFor("something else"), &WeightsFor("sift"));
}

}  // namespace
}  // namespace inlier
