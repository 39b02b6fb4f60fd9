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
  kIo,            // the operating system refused: no permission, a full disk, a read error
  kCorrupt,       // stored bytes fail their checks
  kIncompatible,  // a database made with other options or by a newer version
  kBusy,          // another process is writing
  kCancelled,
};

/// What went wrong. The message is a sentence for a person and names the file, field or item.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
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
