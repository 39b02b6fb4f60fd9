#pragma once

// What calling libpng takes. It reports an error by a jump to where setjmp was called, over all
// functions between, whose objects are then not destroyed. Calls into libpng therefore stand in
// lambdas that own nothing, behind PngSucceeds. Only png_decoder.cc and png_encoder.cc include
// this.

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>

#include <png.h>

namespace inlier {

/// What libpng said: the error that ended its work, and the first of its warnings.
struct PngMessages {
  std::array<char, 128> error{};
  std::array<char, 128> warning{};
};

inline void KeepPngMessage(std::array<char, 128>& to, png_const_charp message) {
  if (to[0] != 0) return;
  const std::size_t length = std::min(std::strlen(message), to.size() - 1);
  std::copy_n(message, length, to.begin());
}

[[noreturn]] inline void OnPngError(png_structp png, png_const_charp message) {
  KeepPngMessage(static_cast<PngMessages*>(png_get_error_ptr(png))->error, message);
  png_longjmp(png, 1);
}

inline void OnPngWarning(png_structp png, png_const_charp message) {
  KeepPngMessage(static_cast<PngMessages*>(png_get_error_ptr(png))->warning, message);
}

/// Runs calls of libpng. False when one of them failed. `step` may not own anything, nor change a
/// local variable that is read when it has failed.
template <typename Step>
bool PngSucceeds(png_structp png, const Step& step) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  step();
  return true;
}

}  // namespace inlier
