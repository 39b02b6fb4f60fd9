#pragma once

#include <dlfcn.h>

namespace inlier {

/// Opens a library that only some pictures need, for as long as the process lives. Null when it is
/// not installed.
inline void* OpenLibrary(const char* name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL); }

/// Finds a function in it by its name. False when the library has none of that name.
template <typename Function>
bool LookUp(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace inlier
