#include "python/src/opened.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "python/src/errors.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;

// How many calls of any engine the present thread is in.
thread_local int depth = 0;

// Whether this process or one that it was forked from has opened a database.
std::atomic<bool> any_opened = false;

[[noreturn]] void Raise(const char* type, const char* message) {
  const nb::gil_scoped_acquire locked;
  const nb::object error = nb::module_::import_("inlier.errors").attr(type);
  PyErr_SetObject(error.ptr(), error(message).ptr());
  throw nb::python_error();
}

}  // namespace

Opened::Opened(std::unique_ptr<Engine> engine) : engine_(std::move(engine)), process_(getpid()) {
  any_opened = true;
}

Opened::~Opened() {
  if (process_ != getpid()) {
    static_cast<void>(engine_.release());
  }
}

void Opened::Check() const {
  if (process_ != getpid()) {
    Raise("ForkedError",
          "the database was opened before this process was forked; open it again here");
  }
  if (closed()) Raise("ClosedError", "the database is closed");
}

bool Opened::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

void Opened::Close() {
  if (process_ != getpid()) return;
  if (depth > 0) {
    Raise("BusyError", "a callback cannot close the database that calls it");
  }
  std::unique_lock lock(mutex_);
  closed_ = true;
  wake_.wait(lock, [this] { return uses_ == 0; });
  engine_ = nullptr;
}

Opened::Use::Use(std::shared_ptr<Opened> opened) : opened_(std::move(opened)) {
  {
    std::lock_guard lock(opened_->mutex_);
    if (!opened_->closed_) {
      ++opened_->uses_;
      ++depth;
      return;
    }
  }
  Raise("ClosedError", "the database is closed");
}

Opened::Use::~Use() {
  --depth;
  std::lock_guard lock(opened_->mutex_);
  if (--opened_->uses_ == 0) opened_->wake_.notify_all();
}

void AfterFork() {
  if (!any_opened) return;
  // Of the functions that are called at the end, the last one that was named is the first.
  on_exit(
      [](int status, void*) {
        std::fflush(nullptr);
        _exit(status);
      },
      nullptr);
}

}  // namespace inlier::python
