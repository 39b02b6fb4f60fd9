#include "inlier/options.h"
#include "engine/recipe.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier {
namespace {

using testing::HasSubstr;

std::string SetError(std::string_view name, std::string_view value) {
  EngineOptions options;
  const Status status = SetOption(options, name, value);
  if (status) return "";
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ToJson(options), ToJson(EngineOptions{})) << "changed by a value that it refused";
  return status.error().message;
}

std::string JsonError(std::string_view text) {
  const auto options = OptionsFromJson(text);
  if (options) return "";
  EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
  return options.error().message;
}

TEST(SetOption, EveryKindOfValue) {
  EngineOptions options;
  EXPECT_TRUE(SetOption(options, "extract.method", "orb"));
  EXPECT_TRUE(SetOption(options, "extract.max_features", "700"));
  EXPECT_TRUE(SetOption(options, "match.ratio", "0.75"));
  EXPECT_EQ(options.extract.method, "orb");
  EXPECT_EQ(options.extract.max_features, 700);
  EXPECT_EQ(options.match.ratio, 0.75);
}

TEST(SetOption, RefusesWhatIsNoSuchOptionOrValue) {
  EXPECT_THAT(SetError("extract.colour", "1"), HasSubstr("no option 'extract.colour'"));
  EXPECT_THAT(SetError("ratio", "1"), HasSubstr("no option 'ratio'"));
  EXPECT_THAT(SetError("", ""), HasSubstr("no option"));
  EXPECT_EQ(SetError("extract.max_features", "many"),
            "extract.max_features is 'many', which is not a whole number");
  for (const char* value : {"7.5", "7 ", "", "99999999999", "0x10"}) {
    EXPECT_THAT(SetError("extract.max_features", value), HasSubstr("whole number")) << value;
  }
  for (const char* value : {"0,9", "0.9x", ""}) {
    EXPECT_THAT(SetError("match.ratio", value), HasSubstr("not a number")) << value;
  }
}

TEST(Validate, NamesTheField) {
  EngineOptions options;
  EXPECT_TRUE(Validate(options));
  options.match.ratio = 2;
  EXPECT_THAT(Validate(options).error().message, HasSubstr("match.ratio is 2"));
  options = {};
  options.decide.accept_probability = -1;
  EXPECT_THAT(Validate(options).error().message, HasSubstr("decide.accept_probability"));
  options = {};
  options.shortlist.probes = 0;
  EXPECT_THAT(Validate(options).error().message, HasSubstr("shortlist.probes"));
  options = {};
  options.extract.method = "surfboard";
  EXPECT_THAT(Validate(options).error().message, HasSubstr("'surfboard'"));
  options = {};
  options.extract.min_side_px = 900;
  EXPECT_THAT(Validate(options).error().message, HasSubstr("extract.min_side_px"));
}

TEST(Json, ComesBack) {
  EngineOptions options;
  options.extract.method = "orb";
  options.extract.contrast_threshold = 0.1 + 0.2;  // 0.30000000000000004
  options.decide.candidates = 7;
  const auto back = OptionsFromJson(ToJson(options));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(ToJson(*back), ToJson(options));
  EXPECT_EQ(back->extract.contrast_threshold, options.extract.contrast_threshold);
}

TEST(Json, WhatIsNotThereKeepsItsDefault) {
  EXPECT_EQ(ToJson(*OptionsFromJson("{}")), ToJson(EngineOptions{}));
  const auto options = OptionsFromJson(R"({"match": {"ratio": 1}})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->match.ratio, 1);
  EXPECT_EQ(options->match.min_inliers, EngineOptions{}.match.min_inliers);
}

TEST(Json, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(JsonError(R"({"match": {"ratoi": 1, "x": 2}, "index": {}})"),
            "no such option: match.ratoi, match.x, index");
  EXPECT_EQ(JsonError(R"({"match": {"min_inliers": 6.5}})"),
            "match.min_inliers is 6.5, which is not a whole number");
  EXPECT_THAT(JsonError(R"({"match": {"min_inliers": 4294967302}})"), HasSubstr("whole number"));
  EXPECT_THAT(JsonError(R"({"match": {"ratio": "0.5"}})"), HasSubstr("not a number"));
  EXPECT_THAT(JsonError(R"({"extract": {"method": 1}})"), HasSubstr("not a text"));
  EXPECT_THAT(JsonError(R"({"extract": {"method": "sirf"}})"), HasSubstr("'sirf'"));
  EXPECT_THAT(JsonError(R"({"match": {"ratio": 7}})"), HasSubstr("match.ratio is 7"));
  EXPECT_THAT(JsonError(R"({"match": 3})"), HasSubstr("match is not an object"));
  EXPECT_THAT(JsonError("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(JsonError("{"), HasSubstr("not a JSON object"));
}

TEST(Recipe, ComesBackAndTellsOptionsApart) {
  ExtractorOptions options;
  const std::string recipe = Recipe(options);
  const auto back = OptionsFromRecipe(recipe);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(Recipe(*back), recipe);
  options.max_side_px = 640;
  EXPECT_NE(Recipe(options), recipe);
}

TEST(Recipe, LeavesOutWhatTheMethodDoesNotRead) {
  ExtractorOptions options;
  const std::string recipe = Recipe(options);
  options.hessian_threshold = 0.5;
  options.fast_threshold = 30;
  EXPECT_EQ(Recipe(options), recipe);
  options.method = "orb";
  const std::string orb = Recipe(options);
  options.fast_threshold = 31;
  EXPECT_NE(Recipe(options), orb);
}

TEST(Recipe, OfANewerProgramIsIncompatible) {
  const std::string recipe = Recipe({});
  const auto code = [](std::string_view text) {
    const auto options = OptionsFromRecipe(text);
    return options ? ErrorCode::kCancelled : options.error().code;
  };
  std::string newer = recipe;
  const std::string key = "\"recipe\":";
  newer.insert(newer.find(key) + key.size(), "99");
  EXPECT_EQ(code(newer), ErrorCode::kIncompatible);
  std::string other = recipe;
  other.replace(other.find("sift"), 4, "surfboard");
  EXPECT_EQ(code(other), ErrorCode::kIncompatible);
  EXPECT_THAT(OptionsFromRecipe(other).error().message, HasSubstr("'surfboard'"));
  for (const char* text : {"", "{}", "{\"recipe\":\"1\"}", "nonsense", "[]"}) {
    EXPECT_EQ(code(text), ErrorCode::kIncompatible) << text;
  }
}

TEST(DescribeOptions, OneLineEach) {
  int count = 0;
  const std::string text = DescribeOptions();
  EngineOptions defaults;
  EngineOptions::Visit(defaults, [&](std::string_view stage, const Field& field, auto&) {
    ++count;
    EXPECT_THAT(text, HasSubstr(std::string(stage) + "." + std::string(field.name) + " "));
    EXPECT_THAT(text, HasSubstr(std::string(field.help) + "\n"));
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), count + 1);
}

}  // namespace
}  // namespace inlier
