#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "core/image.h"
#include "engine/all_methods.h"
#include "engine/hypothesis.h"
#include "engine/photo_asker.h"
#include "engine/recipe.h"
#include "engine/shards/shard.h"
#include "engine/shards/sharded_view.h"
#include "engine/shards/twin_table.h"
#include "engine/threads.h"
#include "engine/twin_groups.h"
#include "engine/twins.h"
#include "index/vocabulary_file.h"
#include "inlier/sharded.h"

namespace inlier {
namespace {

using shards::CatalogueIdentity;
using shards::Description;

// Asks all shards what they are. Those that do not answer may do so later.
Result<CatalogueIdentity> Identify(const ShardTransport& transport) {
  const std::size_t count = transport.shards();
  if (count == 0 || count > kMaxShards)
    return Fail(ErrorCode::kInvalidArgument,
                "a catalogue has 1 to 256 shards, not " + std::to_string(count));
  const std::string request = shards::ToBytes(shards::Request{}, shards::kRequestMagic,
                                              shards::VersionOf(shards::Round::kDescribe));
  std::vector<ShardTransport::Message> messages;
  for (std::size_t shard = 0; shard < count; ++shard) messages.push_back({shard, request});
  const auto replies = transport.Ask(messages);
  CatalogueIdentity identity;
  identity.items.resize(count);
  std::optional<Description> first;
  std::optional<Error> unavailable;
  for (std::size_t shard = 0; shard < count; ++shard) {
    auto described = shards::BodyOfReply<Description>(replies[shard]);
    if (!described && described.error().code == ErrorCode::kUnavailable) {
      unavailable = described.error();
      continue;
    }
    if (!described) return tl::unexpected(described.error());
    identity.items[shard] = described->items;
    if (first && (described->recipe != first->recipe || described->vocabulary != first->vocabulary))
      return Fail(ErrorCode::kIncompatible,
                  "shard " + std::to_string(shard) + " has another recipe or vocabulary");
    if (!first) first = *std::move(described);
  }
  if (!first) return tl::unexpected(*unavailable);
  identity.fingerprint = shards::Fingerprint(first->recipe, first->vocabulary);
  identity.recipe = std::move(first->recipe);
  if (!SpacesOfRecipe(identity.recipe).local) return identity;
  if (first->vocabulary.empty())
    return Fail(ErrorCode::kIncompatible, "the shards were made without a given vocabulary");
  INLIER_ASSIGN_OR_RETURN(identity.vocabulary,
                          DecodeVocabulary(first->vocabulary, "the vocabulary of a shard"));
  return identity;
}

// A query begins again when a server that gave it numbers is gone.
constexpr int kMaxStarts = 4;

Result<TwinPage> PageOf(const shards::ShardedView& view, const TwinListOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto shared, view.FindShared(options.id.value_or("")));
  std::vector<TwinSet> sets = SetsOf(shared.faces);
  if (options.id) {
    std::erase_if(sets, [&](const TwinSet& set) {
      return std::ranges::none_of(set.members, [&](FaceNumber member) {
        const auto face = shared.faces.find(member);
        return face != shared.faces.end() && HaveCommonItem(face->second.owners, shared.named);
      });
    });
  }
  const std::size_t begin = std::min(options.offset, sets.size());
  const std::size_t count = std::min(options.limit, sets.size() - begin);
  TwinPage page{.total = sets.size()};
  INLIER_ASSIGN_OR_RETURN(page.groups,
                          GroupsOf(view, shared.faces, std::span(sets).subspan(begin, count)));
  return page;
}

}  // namespace

struct ShardedEngine::State {
  State(const ShardTransport& of, CatalogueIdentity with, PhotoAsker by)
      : transport(of), identity(std::move(with)), asker(std::move(by)) {}

  const ShardTransport& transport;
  CatalogueIdentity identity;
  PhotoAsker asker;
  std::atomic<std::shared_ptr<const shards::TwinTable>> twins;

  // The transport may say that there are other shards by now, but not more than it said at first.
  PhotoAsker::WithView ViewFor(const QueryOptions& query) const {
    return [this, &query](Answer& answer, const auto& use) -> Status {
      const auto known_twins = twins.load();
      const Answer at_first = answer;
      for (int start = 1;; ++start) {
        const shards::ShardedView view(transport, identity, query, known_twins.get());
        Status used = Use(view, answer, use);
        answer.coverage = view.coverage();
        if (used || !view.has_moved() || start == kMaxStarts) return used;
        answer = at_first;
      }
    };
  }

 private:
  static Status Use(const shards::ShardedView& view, Answer& answer, const auto& use) {
    INLIER_ASSIGN_OR_RETURN(answer.where_matched, view.CountWhere());
    return use(view);
  }
};

ShardedEngine::ShardedEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardedEngine::~ShardedEngine() = default;
const EngineOptions& ShardedEngine::options() const { return state_->asker.options(); }

Result<std::unique_ptr<ShardedEngine>> ShardedEngine::Open(const ShardTransport& transport,
                                                           const OpenOptions& open) {
  UseSingleThreadedLibraries();
  AddAllMethods();
  INLIER_RETURN_IF_ERROR(Validate(open.options));
  INLIER_ASSIGN_OR_RETURN(auto identity, Identify(transport));
  EngineOptions options = open.options;
  INLIER_ASSIGN_OR_RETURN(options.extract, OptionsFromRecipe(identity.recipe));
  INLIER_ASSIGN_OR_RETURN(auto asker, PhotoAsker::Make(options, open.limits));
  return std::unique_ptr<ShardedEngine>(
      new ShardedEngine(std::make_unique<State>(transport, std::move(identity), std::move(asker))));
}

Result<std::optional<std::uint64_t>> ShardedEngine::CountWhere(const QueryOptions& query) const {
  return shards::ShardedView(state_->transport, state_->identity, query, nullptr).CountWhere();
}

Result<ShardedEngine::FoundTwins> ShardedEngine::FindTwins(std::size_t shard, std::uint32_t begin,
                                                           std::uint32_t count,
                                                           const QueryOptions& limits) const {
  if (shard >= state_->identity.items.size())
    return Fail(ErrorCode::kInvalidArgument, "there is no shard " + std::to_string(shard));
  // All slices of a shard are asked from the same server of it, if possible: what was added lately
  // may have other numbers at another server.
  const shards::ShardedView view(state_->transport, state_->identity, limits, nullptr, shard + 1);
  INLIER_ASSIGN_OR_RETURN(const FaceNumber limit, view.FaceLimit(shard));
  const FaceNumber end = begin + std::min(count, limit - std::min(begin, limit));
  std::vector<FaceNumber> numbers;
  for (FaceNumber local = begin; local < end; ++local)
    numbers.push_back(shards::ShardedView::Joined(shard, local));
  INLIER_ASSIGN_OR_RETURN(const auto twins, inlier::FindTwins(view, numbers, options(), 1));
  FoundTwins found{.next = end < limit ? end : 0};
  for (const TwinFaces& pair : twins) {
    const std::size_t first = shards::ShardedView::ShardOf(pair.first),
                      second = shards::ShardedView::ShardOf(pair.second);
    if (first == second) continue;  // known to their shard
    INLIER_ASSIGN_OR_RETURN(const auto faces, view.Faces(std::array{pair.first, pair.second}));
    if (!faces[0] || !faces[1]) continue;
    found.pairs.push_back(
        {{first, faces[0]->pixel_hash}, {second, faces[1]->pixel_hash}, pair.likeness});
  }
  return found;
}

Result<TwinPage> ShardedEngine::Twins(const TwinListOptions& options,
                                      const QueryOptions& limits) const {
  const QueryOptions all{.cancel = limits.cancel, .deadline = limits.deadline};
  const auto known_twins = state_->twins.load();
  for (int start = 1;; ++start) {
    const shards::ShardedView view(state_->transport, state_->identity, all, known_twins.get());
    auto page = PageOf(view, options);
    if (page || !view.has_moved() || start == kMaxStarts) return page;
  }
}

void ShardedEngine::UseTwins(std::vector<DistantTwins> twins) {
  state_->twins = std::make_shared<const shards::TwinTable>(std::move(twins));
}

Result<Answer> ShardedEngine::Query(std::span<const std::uint8_t> file,
                                    const QueryOptions& query) const {
  return state_->asker.AskFile(file, query, {}, state_->ViewFor(query));
}

Result<Answer> ShardedEngine::Query(const std::filesystem::path& photo,
                                    const QueryOptions& query) const {
  const StageClock clock;
  INLIER_ASSIGN_OR_RETURN(const auto file,
                          ReadFileBytes(photo, state_->asker.limits().max_file_bytes));
  return state_->asker.AskFile(file, query, clock, state_->ViewFor(query));
}

}  // namespace inlier
