#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/result.h"

namespace inlier {

/// One row of an options struct's field table. Every options struct has a member template `Visit`
/// that calls `visitor(Field, value&)` for each field; flags, JSON, help and validation all read
/// it.
struct Field {
  std::string_view name;
  std::string_view help;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::string_view only = {};  // methods that alone read it, by commas; empty: all
};

/// A number as a person writes it: 800, 0.01.
std::string Trim(double number);

/// Checks every number against its range. Errors: kInvalidArgument naming `stage.field`.
template <class Options>
Status ValidateFields(const Options& options, std::string_view stage) {
  Status status;
  const_cast<Options&>(options).Visit([&](const Field& field, auto& value) {
    if constexpr (std::is_arithmetic_v<std::remove_reference_t<decltype(value)>>) {
      const double number = static_cast<double>(value);
      if (status && !(number >= field.least && number <= field.most)) {
        status = Fail(ErrorCode::kInvalidArgument,
                      std::string(stage) + "." + std::string(field.name) + " is " + Trim(number) +
                          ", outside " + Trim(field.least) + " to " + Trim(field.most));
      }
    }
  });
  return status;
}

}  // namespace inlier
