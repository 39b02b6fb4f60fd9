#pragma once

#include "inlier/error.h"

// Macros are kept out of the public header, since they would reach every program that includes it.

/// Returns the error of `expr` (a Status or Result) from the enclosing function, if it has one.
#define INLIER_RETURN_IF_ERROR(expr)                                 \
  do {                                                               \
    if (auto inlier_status = (expr); !inlier_status) {               \
      return tl::unexpected<::inlier::Error>(inlier_status.error()); \
    }                                                                \
  } while (false)

#define INLIER_CONCAT_INNER(a, b) a##b
#define INLIER_CONCAT(a, b) INLIER_CONCAT_INNER(a, b)
/// `INLIER_ASSIGN_OR_RETURN(auto x, F())` gives x the value of F, or returns the error of F from
/// the enclosing function.
#define INLIER_ASSIGN_OR_RETURN(lhs, expr) \
  INLIER_ASSIGN_OR_RETURN_INNER(INLIER_CONCAT(inlier_result_, __LINE__), lhs, expr)
#define INLIER_ASSIGN_OR_RETURN_INNER(result, lhs, expr)    \
  auto result = (expr);                                     \
  if (!result) {                                            \
    return tl::unexpected<::inlier::Error>(result.error()); \
  }                                                         \
  lhs = std::move(*result)
