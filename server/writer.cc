#include "server/writer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "wire/service.h"

namespace inlier::server {
namespace {

constexpr auto kQuietBeforeCheckpoint = std::chrono::seconds(5);

}  // namespace

const std::string& Change::id() const {
  struct {
    const std::string& operator()(const PutItem& put) const { return put.item.id; }
    const std::string& operator()(const PatchItem& patch) const { return patch.id; }
    const std::string& operator()(const RemoveItem& remove) const { return remove.id; }
    const std::string& operator()(const PutPicture& put) const { return put.id; }
    const std::string& operator()(const RemovePicture& remove) const { return remove.id; }
  } of;
  return std::visit(of, what);
}

Writer::Writer(Engine& engine, std::size_t queue, std::size_t group, int threads)
    : engine_(engine), queue_length_(queue), group_(group), threads_(threads), thread_([this] {
        Run();
      }) {}

Writer::~Writer() { Stop(); }

bool Writer::Submit(Change change) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_length_) return false;
    queue_.push_back(std::move(change));
  }
  wake_.notify_one();
  return true;
}

bool Writer::SubmitWhenRoom(Change change) {
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return stopping_ || queue_.size() < queue_length_; });
    if (stopping_) return false;
    queue_.push_back(std::move(change));
  }
  wake_.notify_one();
  return true;
}

std::size_t Writer::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Writer::failing() const {
  std::lock_guard lock(mutex_);
  return failing_;
}

void Writer::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool woken = wake_.wait_for(lock, kQuietBeforeCheckpoint,
                                      [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) {
      const bool last = stopping_;
      lock.unlock();
      if (dirty_ && (last || !woken)) Checkpoint();
      lock.lock();
      if (last) return;
      continue;
    }
    std::vector<Change> taken;
    while (!queue_.empty() && taken.size() < group_) {
      taken.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    lock.unlock();
    room_.notify_all();
    Do(std::move(taken));
    if (engine_.CheckpointDue()) Checkpoint();
    lock.lock();
  }
}

// Items that are put are collected for as long as no other change comes and no id comes twice.
void Writer::Do(std::vector<Change> changes) {
  std::vector<Change> puts;
  std::set<std::string> ids;
  const auto flush = [&] {
    if (!puts.empty()) DoPuts(std::exchange(puts, {}));
    ids.clear();
  };
  for (Change& change : changes) {
    if (std::holds_alternative<PutItem>(change.what)) {
      if (ids.contains(change.id())) flush();
      ids.insert(change.id());
      puts.push_back(std::move(change));
      continue;
    }
    flush();
    auto changed = DoOne(change);
    change.done(std::move(changed));
  }
  flush();
}

Result<std::optional<ItemRecord>> Writer::Before(const Change& change) const {
  auto item = engine_.Find(change.id());
  if (!item || change.if_match.empty()) return item;
  if (*item && (change.if_match == "*" || change.if_match == wire::ItemTag(**item))) return item;
  return Fail(ErrorCode::kBusy, "the item is no longer as the request expects it");
}

void Writer::DoPuts(std::vector<Change> puts) {
  std::vector<ItemToAdd> items;
  std::vector<Change> waiting;
  std::vector<bool> created;
  for (Change& put : puts) {
    const auto before = Before(put);
    if (!before) {
      put.done(tl::unexpected(before.error()));
      continue;
    }
    created.push_back(!before->has_value());
    items.push_back(std::move(std::get<PutItem>(put.what).item));
    waiting.push_back(std::move(put));
  }
  if (waiting.empty()) return;
  auto outcomes = engine_.AddBatch(items, threads_);
  // What one item may do wrong is the fault of its request alone, so that the others go on.
  if (!outcomes && waiting.size() > 1 && outcomes.error().code == ErrorCode::kInvalidArgument) {
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      waiting[i].what = PutItem{std::move(items[i])};
      std::vector<Change> one;
      one.push_back(std::move(waiting[i]));
      DoPuts(std::move(one));
    }
    return;
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    Status status = outcomes ? (*outcomes)[i] : Status(tl::unexpected(outcomes.error()));
    if (!status) {
      waiting[i].done(tl::unexpected(status.error()));
      continue;
    }
    dirty_ = true;
    auto now = engine_.Find(items[i].id);
    if (now)
      waiting[i].done(Changed{.created = created[i], .item = std::move(*now)});
    else
      waiting[i].done(tl::unexpected(now.error()));
  }
  std::lock_guard lock(mutex_);
  failing_ = !outcomes && outcomes.error().code != ErrorCode::kInvalidArgument;
}

Result<Changed> Writer::DoOne(Change& change) {
  const auto before = Before(change);
  if (!before) return tl::unexpected(before.error());
  if (!*before) return Fail(ErrorCode::kNotFound, "no item '" + change.id() + "'");
  const ItemRecord& item = **before;
  Status status;
  if (auto* patch = std::get_if<PatchItem>(&change.what)) {
    status = engine_.SetMetadata(item.id, wire::Patched(item.metadata, patch->patch));
  } else if (std::holds_alternative<RemoveItem>(change.what)) {
    status = engine_.Remove(item.id);
  } else if (auto* put = std::get_if<PutPicture>(&change.what)) {
    status = engine_.AddPicture(item.id, put->picture);
  } else if (auto* remove = std::get_if<RemovePicture>(&change.what)) {
    if (remove->number >= item.pictures.size())
      return Fail(ErrorCode::kNotFound, item.id + ": it has no picture of this number");
    status = engine_.RemovePicture(item.id, NameOf(item.pictures[remove->number]));
  }
  if (!status) return tl::unexpected(status.error());
  dirty_ = true;
  auto now = engine_.Find(item.id);
  if (!now) return tl::unexpected(now.error());
  return Changed{.created = false, .item = std::move(*now)};
}

void Writer::Checkpoint() {
  const Status status = engine_.Checkpoint();
  if (status) dirty_ = false;
  std::lock_guard lock(mutex_);
  failing_ = !status;
}

}  // namespace inlier::server
