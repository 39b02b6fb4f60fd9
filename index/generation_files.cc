#include "index/generation_files.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace inlier {
namespace {

constexpr std::size_t kGenerationsKept = 2;

}  // namespace

GenerationFiles::GenerationFiles(std::filesystem::path folder, Store& store, Hooks hooks)
    : folder_(std::move(folder)), store_(store), hooks_(std::move(hooks)) {}

Result<std::optional<Snapshot>> GenerationFiles::LoadNewest(std::uint64_t memory_bytes,
                                                            bool look_again) {
  const auto notice = [this](const std::string& line) {
    if (hooks_.notice) hooks_.notice(line);
  };
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  newest_ = generations.empty() ? 0 : generations.front().number;
  for (std::size_t i = 0; i < generations.size(); ++i) {
    auto loaded = ReadSnapshot(folder_, generations[i], memory_bytes);
    if (loaded) return std::move(*loaded);
    if (i == 0 && look_again && loaded.error().code == ErrorCode::kNotFound)
      return tl::unexpected(loaded.error());
    damaged_.push_back(generations[i].number);
    const bool last = i + 1 == generations.size();
    notice(fmt::format(
        "{}; {}", loaded.error().message,
        last ? "rebuilding the index from the stored features" : "using the generation before it"));
  }
  // Items without features need no index, so a database of them has none to miss.
  if (generations.empty() && store_.counters().features > 0)
    notice("there is no index file yet; building the index in memory");
  return std::nullopt;
}

Status GenerationFiles::FindDamage() {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  for (const Generation& generation : generations) {
    CheckSnapshots(folder_, {&generation, 1},
                   [&](const std::string&) { damaged_.push_back(generation.number); });
  }
  return {};
}

Status GenerationFiles::Check(const std::function<void(const std::string&)>& problem) const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  CheckSnapshots(folder_, generations, problem);
  return {};
}

Result<bool> GenerationFiles::Cover(std::uint64_t change) const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  return !generations.empty() && damaged_.empty() && generations.front().covered_change == change;
}

Result<std::uint64_t> GenerationFiles::NextNumber() const {
  INLIER_ASSIGN_OR_RETURN(const auto generations, store_.Generations());
  return generations.empty() ? 1 : generations.front().number + 1;
}

Status GenerationFiles::Publish(const Snapshot& snapshot, std::uint64_t number) {
  const auto step = [this](std::string_view name) {
    if (hooks_.step) hooks_.step(name);
  };
  INLIER_ASSIGN_OR_RETURN(auto generation,
                          WriteSnapshot(folder_, snapshot, number, store_.recipe(), hooks_.step));
  INLIER_ASSIGN_OR_RETURN(auto generations, store_.Generations());
  std::erase_if(generations, [this](const Generation& g) {
    return std::find(damaged_.begin(), damaged_.end(), g.number) != damaged_.end();
  });
  generations.insert(generations.begin(), std::move(generation));
  if (generations.size() > kGenerationsKept) generations.resize(kGenerationsKept);
  step("manifest");
  INLIER_RETURN_IF_ERROR(store_.PutGenerations(generations));
  newest_ = number;
  step("clean");
  // A copy that is being made may be of the manifest before this one. What is left now goes with
  // the next publication.
  if (holders_ == 0) RemoveStaleSnapshots(folder_, generations);
  damaged_.clear();
  step("done");
  return {};
}

}  // namespace inlier
