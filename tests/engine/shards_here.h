#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/blob.h"
#include "engine/shards/messages.h"
#include "inlier/engine.h"
#include "inlier/sharded.h"

namespace inlier::test {

/// The databases of shards, in this process.
class ShardsHere : public ShardTransport {
 public:
  explicit ShardsHere(std::vector<std::unique_ptr<Engine>> engines)
      : engines_(std::move(engines)) {}
  std::size_t shards() const override { return engines_.size(); }
  std::vector<Result<Reply>> Ask(std::span<const Message> messages) const override {
    std::vector<Result<Reply>> replies;
    if (!messages.empty()) ++asked[static_cast<shards::Round>(messages.front().round)];
    for (const Message& message : messages) {
      affinities.insert(message.affinity);
      if (before) before(message.shard);
      if (dead.contains(message.shard)) {
        replies.push_back(Fail(ErrorCode::kUnavailable, "shard does not answer"));
        continue;
      }
      if (old.contains(message.shard) && !IsOfFirstVersion(message.request)) {
        replies.push_back(Reply{shards::ToBytes(
            shards::Reply{.error = 1 + static_cast<int>(ErrorCode::kIncompatible),
                          .message = "version 2 is newer than this program knows (1)",
                          .body = {}},
            shards::kReplyMagic, 1)});
        continue;
      }
      replies.push_back(Answer(message));
    }
    return replies;
  }
  Engine& engine(std::size_t shard) { return *engines_[shard]; }
  void Restart(std::size_t shard, const std::filesystem::path& folder) {
    engines_[shard] = nullptr;  // only one process writes
    engines_[shard] = std::move(*Engine::Open(folder, OpenMode::kWrite));
  }

  /// A second server of a shard, with another database of the same items.
  void AddReplica(std::size_t shard, std::unique_ptr<Engine> engine) {
    replicas_[shard] = std::move(engine);
  }
  std::function<bool(const Message&)> choose;  // true: the second server answers

  std::set<std::size_t> dead;
  bool damage = false;
  /// Shards that know no rounds but those of the first version: what they get with another one they
  /// refuse, as a program of that version does.
  std::set<std::size_t> old;
  std::function<void(std::size_t shard)> before;  // each request
  mutable std::set<std::uint64_t> affinities;
  mutable std::map<shards::Round, int> asked;  // how often, of each round

 private:
  // What the server of a shard answers that has its turn.
  Result<Reply> Answer(const Message& message) const {
    const auto replica = replicas_.find(message.shard);
    const bool is_second = replica != replicas_.end() && choose && choose(message);
    const std::uint64_t server = replica == replicas_.end() ? 0 : is_second ? 2 : 1;
    if (message.server != 0 && message.server != server)
      return Fail(ErrorCode::kUnavailable, "another server answers");
    const Engine& engine = is_second ? *replica->second : *engines_[message.shard];
    std::string reply = engine.AnswerRound(message.request, {.deadline = message.deadline});
    const bool is_first = IsOfFirstVersion(reply, shards::kReplyMagic);
    EXPECT_TRUE(is_first || !old.contains(message.shard));
    if (damage) reply[reply.size() / 2] ^= 1;
    return Reply{std::move(reply), server};
  }

  static bool IsOfFirstVersion(std::string_view bytes,
                               std::string_view magic = shards::kRequestMagic) {
    return BlobReader::Open(bytes, magic, 1, "a message").has_value();
  }

  std::vector<std::unique_ptr<Engine>> engines_;
  std::map<std::size_t, std::unique_ptr<Engine>> replicas_;
};

}  // namespace inlier::test
