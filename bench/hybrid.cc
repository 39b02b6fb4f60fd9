#include "bench/hybrid.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "bench/figures.h"
#include "bench/methods.h"

namespace inlier {
namespace {

using Cost = std::optional<double>;

// A cost that is not known of all parts is not known of the sum.
Cost SumOf(const std::vector<const MethodCosts*>& parts, Cost (*cost_of)(const MethodCosts&)) {
  double sum = 0;
  for (const MethodCosts* part : parts) {
    const Cost cost = cost_of(*part);
    if (!cost) return std::nullopt;
    sum += *cost;
  }
  return sum;
}

SummedCosts SumsOf(const std::vector<const MethodCosts*>& parts) {
  using Costs = const MethodCosts&;
  return {
      .build_cpu_ms_per_item = SumOf(parts,
                                     [](Costs c) {
                                       return c.build && c.build->measured
                                                  ? Cost(c.build->measured->cpu_ms_per_item)
                                                  : Cost();
                                     }),
      .build_seconds =
          SumOf(parts,
                [](Costs c) {
                  return c.build && c.build->measured ? Cost(c.build->measured->seconds) : Cost();
                }),
      .open_cpu_ms = SumOf(parts, [](Costs c) { return c.open ? Cost(c.open->cpu_ms) : Cost(); }),
      .open_wall_ms = SumOf(parts, [](Costs c) { return c.open ? Cost(c.open->wall_ms) : Cost(); }),
      .memory_bytes_per_item = SumOf(
          parts, [](Costs c) { return c.index ? Cost(c.index->memory_bytes_per_item) : Cost(); }),
      .disk_bytes_per_item = SumOf(
          parts, [](Costs c) { return c.index ? Cost(c.index->disk_bytes_per_item) : Cost(); })};
}

}  // namespace

Status ChooseParts(BenchSession& session, std::vector<std::string>& methods) {
  const auto wanted = std::find(methods.begin(), methods.end(), "hybrid");
  if (wanted == methods.end()) return {};
  methods.erase(wanted);
  const auto has = [&methods](std::string_view name) {
    return std::find(methods.begin(), methods.end(), name) != methods.end();
  };
  const auto local = std::find_if(methods.begin(), methods.end(), [](const std::string& name) {
    return !IsReferenceMethod(name) && !name.starts_with("deep") && name != "look";
  });
  Hybrid& hybrid = session.hybrid.emplace();
  hybrid.parts = {has("sift") || local == methods.end() ? "sift" : *local,
                  has("deep-raw") && !has("deep") ? "deep-raw" : "deep", "look"};
  for (const std::string& part : hybrid.parts) {
    if (has(part)) continue;
    INLIER_RETURN_IF_ERROR(CheckMethod(session.options, part));
    methods.push_back(part);
  }
  return {};
}

Status FuseParts(BenchSession& session) {
  Hybrid& hybrid = *session.hybrid;
  INLIER_ASSIGN_OR_RETURN(const EngineOptions options,
                          OptionsOfMethod(session.options, hybrid.parts.front()));
  hybrid.accept_probability = options.decide.accept_probability;
  std::vector<Truth> truths;
  for (const BenchPhoto& photo : session.gallery.photos) truths.push_back(photo.truth);
  std::vector<const MethodAnswers*> parts;
  for (const std::string& part : hybrid.parts) parts.push_back(&session.answers.at(part));
  FusedAnswers fused = FuseInFolds(
      parts, truths,
      [&session](std::size_t photo, const std::string& id) {
        return session.visible.MayBeVisible(photo, id);
      },
      hybrid.accept_probability);
  hybrid.fusion = fused.all;
  session.answers["hybrid"] = std::move(fused.answers);
  return {};
}

HybridFigures HybridFiguresOf(const BenchSession& session) {
  const Hybrid& hybrid = *session.hybrid;
  std::vector<const MethodCosts*> costs;
  std::vector<std::pair<std::string, const MethodAnswers*>> parts;
  for (const std::string& part : hybrid.parts) {
    parts.emplace_back(part, &session.answers.at(part));
    costs.push_back(&parts.back().second->costs);
  }
  return {.parts = hybrid.parts,
          .weights = hybrid.fusion.weights(),
          .costs = SumsOf(costs),
          .against_parts = PairedDifferences(session.gallery, session.answers.at("hybrid"), parts)};
}

}  // namespace inlier
