#include "server/cluster.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <utility>

#include "wire/shard_twins.h"

namespace inlier::server {
namespace {

// How often a request is tried, at the servers of a shard in turn, or again at the same one if it
// is the only one: it may have had too much to do for a moment.
constexpr std::size_t kTries = 3;

constexpr const char* kFenced = "the gateway is fenced";

Result<std::string> ReadAll(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, file.string() + " cannot be read");
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

Error Unavailable(std::size_t shard, const std::string& why) {
  return {
      ErrorCode::kUnavailable, "shard " + std::to_string(shard) + " does not answer: " + why, {}};
}

std::uint64_t ServerOf(const HttpClient::Reply& reply) {
  for (const auto& [name, value] : reply.headers) {
    std::uint64_t number = 0;
    if (name == "inlier-server" &&
        std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc())
      return number;
  }
  return 0;
}

// False for replies of a server that has another epoch or too much to do. A server that gets
// numbers which another one gave out says who it is, and that is an answer, since no other server
// knows better.
bool IsAnswer(const HttpClient::Reply& reply) {
  return reply.status != 503 && (reply.status != 409 || ServerOf(reply) != 0);
}

}  // namespace

Cluster::Cluster(Options options) : options_(std::move(options)) {}

Cluster::~Cluster() { Stop(); }

Status Cluster::Start() {
  Status read = Read();
  if (!read) return read;
  follower_ = std::thread([this] { Follow(); });
  return {};
}

void Cluster::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (follower_.joinable()) follower_.join();
}

Status Cluster::Read() {
  auto text = ReadAll(options_.file);
  if (!text) return tl::unexpected(text.error());
  if (*text == text_) return {};
  auto placement = wire::ReadPlacement(*text);
  if (!placement) return tl::unexpected(placement.error());
  const auto before = placement_.load();
  if (before && before->shards.size() != placement->shards.size())
    return Fail(ErrorCode::kIncompatible, options_.file.string() +
                                              " is of another collection: it has another number of "
                                              "shards than the gateway began with");
  text_ = *std::move(text);
  if (!before || !placement->beat || !before->beat || *placement->beat != *before->beat)
    beaten_ = Clock::now().time_since_epoch().count();
  placement_ = std::make_shared<const wire::Placement>(*std::move(placement));
  return {};
}

void Cluster::Follow() {
  std::string complained;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    std::string problem;
    if (const Status read = Read(); !read) problem = read.error().message;
    if (std::string why = OpenEngine(); !why.empty()) problem = std::move(why);
    if (problem != complained && !problem.empty() && options_.notice) options_.notice(problem);
    complained = problem;
    lock.lock();
    wake_.wait_for(lock, options_.poll, [this] { return stop_; });
  }
}

std::string Cluster::OpenEngine() {
  if (!opened_) {
    auto engine = ShardedEngine::Open(*this, {.options = {}, .limits = options_.limits});
    if (!engine) return engine.error().message;
    opened_ = *std::move(engine);
  }
  const std::string& named = placement_.load()->twins;
  if (named != twins_) {
    if (const Status loaded = LoadTwins(named); !loaded) return loaded.error().message;
    twins_ = named;
  }
  // Only now, so that no answer lacks the twins.
  if (!engine_.load()) engine_ = opened_;
  return {};
}

Status Cluster::LoadTwins(const std::string& name) {
  if (name.empty()) {
    opened_->UseTwins({});
    return {};
  }
  const auto path = options_.file.parent_path() / name;
  auto lines = ReadAll(path);
  if (!lines) return tl::unexpected(lines.error());
  auto pairs = wire::ReadShardTwins(*lines);
  if (!pairs)
    return Fail(pairs.error().code, path.string() + ": " + std::move(pairs.error().message));
  opened_->UseTwins(*std::move(pairs));
  return {};
}

bool Cluster::IsFenced() const {
  const auto placement = placement_.load();
  if (!placement || !placement->beat) return false;
  return Clock::now() - Clock::time_point(Clock::duration(beaten_.load())) > options_.fence;
}

std::string Cluster::NotReady() const {
  if (IsFenced()) return "fenced";
  if (!engine_.load()) return "shards_missing";
  for (const auto& shard : placement_.load()->shards)
    if (shard.replicas.empty()) return "shards_missing";
  return "";
}

std::uint64_t Cluster::AppliedBy(const wire::Placement& placement) {
  std::uint64_t applied = placement.collection_version;
  for (const auto& shard : placement.shards)
    for (const auto& replica : shard.replicas) applied = std::min(applied, replica.applied);
  return applied;
}

std::size_t Cluster::shards() const { return placement_.load()->shards.size(); }

HttpClient::Request Cluster::Addressed(HttpClient::Request request,
                                       const wire::Placement& placement,
                                       const wire::Placement::Replica& replica) {
  request.host = replica.host;
  request.port = replica.port;
  if (replica.epoch != 0)
    request.headers.emplace_back("Inlier-Epoch", std::to_string(replica.epoch));
  if (!placement.key.empty())
    request.headers.emplace_back("Authorization", "Bearer " + placement.key);
  return request;
}

void Cluster::Learn(std::size_t shard, const ReplicaOrder::Replicas& replicas,
                    const HttpClient::Choices& choices, const HttpClient::Outcome& outcome,
                    const Common& common) const {
  for (const HttpClient::Try& one : outcome.tries) {
    const std::string address = choices[one.choice].address();
    if (one.fate != HttpClient::Fate::kFailed) hedging_.Record(common.round, one.took);
    if (one.fate == HttpClient::Fate::kAnswered)
      order_.Answered(shard, replicas, address, common.affinity);
    else if (one.fate == HttpClient::Fate::kOvertaken)
      order_.Overtaken(address);
    else if (Clock::now() < common.until)  // not just because time ran out
      order_.Failed(address);
  }
}

std::vector<Result<HttpClient::Reply>> Cluster::Send(const wire::Placement& placement,
                                                     std::vector<HttpClient::Request> requests,
                                                     const std::vector<std::size_t>& shards,
                                                     const Common& common) const {
  std::vector<Result<HttpClient::Reply>> replies;
  std::vector<HttpClient::Choices> choices;
  std::vector<std::size_t> of;  // the place in `shards` of each of the choices
  const bool is_fenced = IsFenced();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const auto& replicas = placement.shards[shards[i]].replicas;
    replies.push_back(
        tl::unexpected(Unavailable(shards[i], is_fenced ? kFenced : "nobody serves it")));
    if (is_fenced || replicas.empty()) continue;
    const auto order = order_.Of(shards[i], replicas, common.affinity);
    HttpClient::Choices& choice = choices.emplace_back();
    for (std::size_t k = 0; k < kTries; ++k)
      choice.push_back(Addressed(requests[i], placement, order[k % order.size()]));
    of.push_back(i);
  }
  hedging_.CountRequests(choices.size());
  auto outcomes = client_.SendAll(choices, {.at_most = options_.answer_timeout / kTries,
                                            .until = common.until,
                                            .hedge_after = hedging_.Delay(common.round),
                                            .may_hedge = [this] { return hedging_.Take(); },
                                            .is_answer = IsAnswer});
  for (std::size_t k = 0; k < choices.size(); ++k) {
    const std::size_t shard = shards[of[k]];
    Learn(shard, placement.shards[shard].replicas, choices[k], outcomes[k], common);
    replies[of[k]] = std::move(outcomes[k].reply);
  }
  return replies;
}

std::vector<Result<ShardTransport::Reply>> Cluster::Ask(std::span<const Message> messages) const {
  const auto placement = placement_.load();
  std::vector<Result<Reply>> results;
  std::vector<HttpClient::Request> requests;
  std::vector<std::size_t> shards;
  for (const Message& message : messages) {
    requests.push_back({.host = {},
                        .port = {},
                        .method = "POST",
                        .target = "/v1/shard",
                        .headers = {{"Content-Type", "application/octet-stream"},
                                    {"Inlier-Round", std::to_string(message.round)}},
                        .body = message.request});
    if (message.server != 0)
      requests.back().headers.emplace_back("Inlier-Server", std::to_string(message.server));
    shards.push_back(message.shard);
  }
  Common common;
  if (!messages.empty()) {
    const Message& first = messages.front();
    common = {.round = first.round, .affinity = first.affinity, .until = first.deadline};
  }
  auto replies = Send(*placement, std::move(requests), shards, common);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      results.push_back(tl::unexpected(Unavailable(shards[i], replies[i].error().message)));
    } else if (replies[i]->status != 200) {
      results.push_back(tl::unexpected(
          Unavailable(shards[i], "it answers " + std::to_string(replies[i]->status))));
    } else {
      const std::uint64_t server = ServerOf(*replies[i]);
      results.push_back(Reply{std::move(replies[i]->body), server});
    }
  }
  return results;
}

std::vector<Result<HttpClient::Reply>> Cluster::AskShards(const HttpClient::Request& request,
                                                          int round,
                                                          Clock::time_point until) const {
  const auto placement = placement_.load();
  std::vector<std::size_t> shards(placement->shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i) shards[i] = i;
  return Send(*placement, std::vector<HttpClient::Request>(shards.size(), request), shards,
              {.round = round, .until = until});
}

Result<HttpClient::Reply> Cluster::AskWriter(HttpClient::Request request) const {
  const auto placement = placement_.load();
  if (IsFenced()) return Fail(ErrorCode::kUnavailable, kFenced);
  if (!placement->writer) return Fail(ErrorCode::kUnavailable, "nobody takes changes now");
  return client_.Send(Addressed(std::move(request), *placement, *placement->writer),
                      options_.answer_timeout);
}

}  // namespace inlier::server
