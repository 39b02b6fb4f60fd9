#include "bench/hybrid.h"

#include <algorithm>

#include "bench/figures.h"
#include "bench/methods.h"

namespace inlier {
namespace {

SummedCosts SumOf(const MethodCosts& a, const MethodCosts& b) {
  SummedCosts sum;
  if (a.build && b.build && a.build->measured && b.build->measured) {
    const BuildCost::Measured &x = *a.build->measured, &y = *b.build->measured;
    sum.build_cpu_ms_per_item = x.cpu_ms_per_item + y.cpu_ms_per_item;
    sum.build_seconds = x.seconds + y.seconds;
  }
  if (a.open && b.open) {
    sum.open_cpu_ms = a.open->cpu_ms + b.open->cpu_ms;
    sum.open_wall_ms = a.open->wall_ms + b.open->wall_ms;
  }
  if (a.index && b.index) {
    sum.memory_bytes_per_item =
        static_cast<double>(a.index->memory_bytes_per_item + b.index->memory_bytes_per_item);
    sum.disk_bytes_per_item =
        static_cast<double>(a.index->disk_bytes_per_item + b.index->disk_bytes_per_item);
  }
  return sum;
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
    return !IsReferenceMethod(name) && !name.starts_with("deep");
  });
  Hybrid& hybrid = session.hybrid.emplace();
  hybrid.classical = has("sift") || local == methods.end() ? "sift" : *local;
  hybrid.deep = has("deep-raw") && !has("deep") ? "deep-raw" : "deep";
  for (const std::string& part : {hybrid.classical, hybrid.deep}) {
    if (has(part)) continue;
    INLIER_RETURN_IF_ERROR(CheckMethod(session.options, part));
    methods.push_back(part);
  }
  return {};
}

Status FuseParts(BenchSession& session) {
  Hybrid& hybrid = *session.hybrid;
  INLIER_ASSIGN_OR_RETURN(const EngineOptions options,
                          OptionsOfMethod(session.options, hybrid.classical));
  hybrid.accept_probability = options.decide.accept_probability;
  std::vector<Truth> truths;
  for (const BenchPhoto& photo : session.gallery.photos) truths.push_back(photo.truth);
  FusedAnswers fused = FuseInFolds(
      session.answers.at(hybrid.classical), session.answers.at(hybrid.deep), truths,
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
  const MethodAnswers &classical = session.answers.at(hybrid.classical),
                      &deep = session.answers.at(hybrid.deep);
  const auto& weights = hybrid.fusion.weights();
  return {
      .parts = {hybrid.classical, hybrid.deep},
      .weights = {weights.begin(), weights.end()},
      .costs = SumOf(classical.costs, deep.costs),
      .against_parts = PairedDifferences(session.gallery, session.answers.at("hybrid"),
                                         {{hybrid.classical, &classical}, {hybrid.deep, &deep}})};
}

}  // namespace inlier
