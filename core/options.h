#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "core/result.h"
#include "inlier/options.h"

namespace inlier {

/// A number as a person would write it: 800, 0.01.
std::string NumberText(double number);

/// Checks every number against its range. Errors: kInvalidArgument naming `stage.field`.
template <class Options>
Status ValidateFields(const Options& options, std::string_view stage) {
  Status status;
  Options::Visit(options, [&](const Field& field, const auto& value) {
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(value)>>) {
      const double number = static_cast<double>(value);
      if (status && !(number >= field.least && number <= field.most)) {
        status =
            Fail(ErrorCode::kInvalidArgument,
                 std::string(stage) + "." + std::string(field.name) + " is " + NumberText(number) +
                     ", outside " + NumberText(field.least) + " to " + NumberText(field.most));
      }
    }
  });
  return status;
}

}  // namespace inlier
