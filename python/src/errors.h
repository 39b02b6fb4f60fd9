#pragma once

#include <utility>

#include <nanobind/nanobind.h>

#include "inlier/error.h"

namespace inlier::python {

/// An Error of the engine on its way to Python. The translator of errors.cc makes the exception of
/// the class that inlier/errors.py has for its code.
struct EngineError {
  Error error;
};

/// Lets EngineError, and what the standard library throws, arrive as Python exceptions.
void TranslateErrors(nanobind::module_& module);

/// The value, or the error as an exception.
template <class T>
T ValueOrThrow(Result<T> result) {
  if (!result) throw EngineError{std::move(result.error())};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace inlier::python
