#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace inlier {

enum class ErrorCode {
  kInvalidArgument,  // the caller asked for something impossible
  kNotFound,
  kAlreadyExists,
  kBadImage,      // empty, truncated, unknown format, beyond the limits
  kIo,            // the operating system refused: no permission, a read error
  kCorrupt,       // stored bytes fail their checks
  kIncompatible,  // a database made with other options or by a newer version
  kBusy,          // another process is writing
  kCancelled,
  kDiskFull,     // nothing was written; writing works again when there is room
  kUnavailable,  // a part of the catalogue does not answer now
};

/// What is wrong with an image that is kBadImage.
enum class BadImage {
  kDamaged,      // pixels are missing, or the file contradicts itself
  kNotAPicture,  // empty, or of no format that is known
  kTooLarge,     // beyond the limits
  kUnsupported,  // a picture of a kind that is known but not read
  kNoMemory,     // there was not enough memory to decode it
};

/// What went wrong. The message is a sentence for a person and names the file, field or item.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  BadImage bad_image = BadImage::kDamaged;  // when the code is kBadImage
};

/// A value or an Error. That nothing was found, or that no geometry holds, is a value, not an
/// error.
template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// The same error with `context` in front of its sentence.
inline tl::unexpected<Error> Within(const std::string& context, Error error) {
  error.message = context + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace inlier
