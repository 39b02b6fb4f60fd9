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

/// Returns the error of `expr` (a Status or Result) from the enclosing function, if it has one.
#define INLIER_RETURN_IF_ERROR(expr)                                 \
  do {                                                               \
    if (auto inlier_status = (expr); !inlier_status) {               \
      return tl::unexpected<::inlier::Error>(inlier_status.error()); \
    }                                                                \
  } while (false)

#define INLIER_CONCAT_INNER(a, b) a##b
#define INLIER_CONCAT(a, b) INLIER_CONCAT_INNER(a, b)
/// `INLIER_ASSIGN_OR_RETURN(auto x, F())`: x is F's value, or F's error is returned.
#define INLIER_ASSIGN_OR_RETURN(lhs, expr) \
  INLIER_ASSIGN_OR_RETURN_INNER(INLIER_CONCAT(inlier_result_, __LINE__), lhs, expr)
#define INLIER_ASSIGN_OR_RETURN_INNER(result, lhs, expr)    \
  auto result = (expr);                                     \
  if (!result) {                                            \
    return tl::unexpected<::inlier::Error>(result.error()); \
  }                                                         \
  lhs = std::move(*result)
