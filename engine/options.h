#pragma once

#include <string>
#include <string_view>

#include "core/options.h"
#include "core/result.h"
#include "engine/decision.h"
#include "extractor/extractor.h"
#include "index/collection.h"
#include "matcher/matcher.h"

namespace inlier {

/// All options, one struct a stage.
struct EngineOptions {
  ExtractorOptions extract;
  ShortlistOptions shortlist;
  MatcherOptions match;
  DecisionOptions decide;

  /// Calls `visitor(stage, field, value&)` for every option.
  template <class Visitor>
  void VisitAll(Visitor&& visitor) {
    const auto stage = [&visitor](std::string_view name, auto& options) {
      options.Visit([&](const Field& field, auto& value) { visitor(name, field, value); });
    };
    stage("extract", extract);
    stage("shortlist", shortlist);
    stage("match", match);
    stage("decide", decide);
  }
};

/// Errors: kInvalidArgument naming the field.
Status Validate(const EngineOptions& options);

/// Sets `stage.field` from text. Errors: kInvalidArgument (no such field, not such a value).
Status SetOption(EngineOptions& options, std::string_view name, std::string_view value);

std::string ToJson(const EngineOptions& options);
/// Fields that the text lacks keep their defaults. Errors: kInvalidArgument.
Result<EngineOptions> OptionsFromJson(std::string_view text);

/// What decides whether two sets of features compare: a database keeps it and refuses another.
std::string Recipe(const ExtractorOptions& options);
/// Reads a recipe back. Errors: kIncompatible (of a newer version, or of a method that this build
/// lacks).
Result<ExtractorOptions> OptionsFromRecipe(std::string_view recipe);

/// One line for each option: name, default, range, meaning.
std::string DescribeOptions();

}  // namespace inlier
