#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace inlier {

enum class ErrorCode {
  kInvalidArgument,  // the caller asked for something that cannot be
  kNotFound,
  kAlreadyExists,
  kBadImage,      // empty, truncated, unknown format, beyond the limits
  kIo,            // the operating system said no: permission, full disk, read error
  kCorrupt,       // stored bytes fail their checks
  kIncompatible,  // a database of another recipe or of a newer version
  kBusy,          // another process is writing
  kCancelled,
};

/// What went wrong, as a sentence for a person: names the file, field or item.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
};

/// A value or an Error. "No match" and "no model" are values, not errors.
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
