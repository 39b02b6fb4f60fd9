#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <nanobind/nanobind.h>

/// How Python waits for the engine.
///
/// Arguments are converted under the GIL, the work is done without it, and results are converted
/// under it again. Python handles signals on its main thread alone, and only when that thread asks.
/// So a call of the main thread hands its work to another thread and looks for signals while it
/// waits. When Ctrl-C comes, the work is told to stop. If it does not do so at once, the call ends
/// all the same, and the work goes on behind it to the next place where it can stop; therefore work
/// owns all that it uses, and the database that it works on is closed only after it.
namespace inlier::python {

/// The state of one call that the work may look at from any thread.
class Call {
 public:
  /// True once the work should stop: after Ctrl-C, after a callback has raised, or when the
  /// caller's own token was set.
  const std::atomic<bool>& cancel() const { return *cancel_; }
  /// Calls `callback` under the GIL. Of several exceptions that callbacks raise, the first one ends
  /// the call. Nothing happens once the work should stop.
  void Ask(const std::function<void()>& callback);

 private:
  friend void RunCall(const std::shared_ptr<Call>& call, std::function<void()> work);
  explicit Call(std::shared_ptr<std::atomic<bool>> cancel) : cancel_(std::move(cancel)) {}
  friend std::shared_ptr<Call> NewCall(std::shared_ptr<std::atomic<bool>> cancel);

  std::shared_ptr<std::atomic<bool>> cancel_;
  std::exception_ptr raised_;  // by a callback
};

/// `cancel` may be null.
std::shared_ptr<Call> NewCall(std::shared_ptr<std::atomic<bool>> cancel);

/// Does the work without the GIL, and returns when it is done. Throws what the work throws, what a
/// callback has raised, or KeyboardInterrupt.
void RunCall(const std::shared_ptr<Call>& call, std::function<void()> work);

/// The value of `work(call)`.
template <class Work>
auto Run(Work work, std::shared_ptr<std::atomic<bool>> cancel = nullptr) {
  using Value = std::invoke_result_t<Work&, Call&>;
  const auto call = NewCall(std::move(cancel));
  if constexpr (std::is_void_v<Value>) {
    RunCall(call, [call, work = std::move(work)]() mutable { work(*call); });
  } else {
    const auto value = std::make_shared<std::optional<Value>>();
    RunCall(call, [call, value, work = std::move(work)]() mutable { value->emplace(work(*call)); });
    return std::move(**value);
  }
}

/// Remembers which thread handles signals.
void RememberMainThread();

}  // namespace inlier::python
