#include "server/writer.h"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "wire/service.h"

namespace inlier::server {
namespace {

constexpr auto kQuietBeforeCheckpoint = std::chrono::seconds(5);

tl::unexpected<NotChanged> Because(Error error) {
  return tl::unexpected(NotChanged{NotChanged::Cause::kFailed, std::move(error)});
}

// An exception, for example because there is no memory, fails the change and not the server.
auto Guarded(const auto& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& thrown) {
    return Fail(ErrorCode::kIo, std::string("a change: ") + thrown.what());
  }
}

// An answer that cannot be made becomes one that needs less memory.
void Tell(const Change& change, ChangeOutcome outcome) {
  const auto tell = [&](ChangeOutcome&& what) {
    return Guarded([&]() -> Status {
      change.done(std::move(what));
      return {};
    });
  };
  const Status told = tell(std::move(outcome));
  if (!told) static_cast<void>(tell(Because(told.error())));
}

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

// Items that are put are collected until another kind of change comes or an id comes twice.
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
    Tell(change, DoOne(change));
  }
  flush();
}

tl::expected<std::optional<ItemRecord>, NotChanged> Writer::Before(const Change& change) const {
  auto item = Guarded([&] { return engine_.Find(change.id()); });
  if (!item) return Because(item.error());
  if (change.if_match.empty()) return std::move(*item);
  if (*item && (change.if_match == "*" || change.if_match == wire::ItemTag(**item)))
    return std::move(*item);
  return tl::unexpected(NotChanged{NotChanged::Cause::kHasChanged, {}});
}

void Writer::Note(const Status& status) {
  const bool is_fault_of_request = !status && (status.error().code == ErrorCode::kInvalidArgument ||
                                               status.error().code == ErrorCode::kNotFound ||
                                               status.error().code == ErrorCode::kAlreadyExists ||
                                               status.error().code == ErrorCode::kBadImage);
  std::lock_guard lock(mutex_);
  failing_ = !status && !is_fault_of_request;
}

void Writer::DoPuts(std::vector<Change> puts) {
  std::vector<ItemToAdd> items;
  std::vector<Change> waiting;
  std::vector<bool> created;
  for (Change& put : puts) {
    const auto before = Before(put);
    if (!before) {
      Tell(put, tl::unexpected(before.error()));
      continue;
    }
    created.push_back(!before->has_value());
    items.push_back(std::move(std::get<PutItem>(put.what).item));
    waiting.push_back(std::move(put));
  }
  if (waiting.empty()) return;
  auto outcomes = Guarded([&] { return engine_.AddBatch(items, threads_); });
  // What may be wrong with one item is the fault of its request alone, so the others go on.
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
      Tell(waiting[i], Because(status.error()));
      continue;
    }
    dirty_ = true;
    auto now = Guarded([&] { return engine_.Find(items[i].id); });
    if (now)
      Tell(waiting[i], Changed{.created = created[i], .item = std::move(*now)});
    else
      Tell(waiting[i], Because(now.error()));
  }
  Note(outcomes ? Status() : tl::unexpected(outcomes.error()));
}

Status Writer::Apply(Change& change, const ItemRecord& item) {
  if (auto* patch = std::get_if<PatchItem>(&change.what)) {
    return engine_.SetMetadata(item.id, wire::Patched(item.metadata, patch->patch));
  }
  if (std::holds_alternative<RemoveItem>(change.what)) return engine_.Remove(item.id);
  if (auto* put = std::get_if<PutPicture>(&change.what))
    return engine_.AddPicture(item.id, put->picture);
  if (auto* remove = std::get_if<RemovePicture>(&change.what)) {
    if (remove->number >= item.pictures.size())
      return Fail(ErrorCode::kNotFound, item.id + ": it has no picture of this number");
    return engine_.RemovePicture(item.id, NameOf(item.pictures[remove->number]));
  }
  return {};
}

ChangeOutcome Writer::DoOne(Change& change) {
  const auto before = Before(change);
  if (!before) return tl::unexpected(before.error());
  if (!*before) return Because({ErrorCode::kNotFound, "no item '" + change.id() + "'", {}});
  const ItemRecord& item = **before;
  const Status status = Guarded([&] { return Apply(change, item); });
  Note(status);
  if (!status) return Because(status.error());
  dirty_ = true;
  auto now = Guarded([&] { return engine_.Find(item.id); });
  if (!now) return Because(now.error());
  return Changed{.created = false, .item = std::move(*now)};
}

void Writer::Checkpoint() {
  const Status status = Guarded([&] { return engine_.Checkpoint(); });
  if (status) dirty_ = false;
  std::lock_guard lock(mutex_);
  failing_ = !status;
}

}  // namespace inlier::server
