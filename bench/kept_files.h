#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bench/bench_answer.h"
#include "bench/costs.h"
#include "bench/results.h"
#include "core/result.h"

namespace inlier {

/// The files in which a run keeps what it has measured, so that a run that was stopped continues
/// where it was. A file that is missing, cut off or of another layout reads as nothing, and its
/// figures are measured again. So does one with another `fingerprint`, which stands for the data
/// and options that the content depends on. Errors of writing: kIo.
Status WriteAnswers(const std::filesystem::path& path, const std::string& fingerprint,
                    const MethodAnswers& answers);
std::optional<MethodAnswers> ReadAnswers(const std::filesystem::path& path,
                                         const std::string& fingerprint);

Status WriteCorruptionFigures(const std::filesystem::path& path, const std::string& fingerprint,
                              const CorruptionFigures& figures);
std::optional<CorruptionFigures> ReadCorruptionFigures(const std::filesystem::path& path,
                                                       const std::string& fingerprint);

Status WriteBuildCost(const std::filesystem::path& path, const BuildCost& cost);
std::optional<BuildCost> ReadBuildCost(const std::filesystem::path& path);

Status WriteLearningCost(const std::filesystem::path& path, const LearningCost& cost);
std::optional<LearningCost> ReadLearningCost(const std::filesystem::path& path);

}  // namespace inlier
