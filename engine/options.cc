#include "inlier/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "core/json.h"
#include "core/options.h"
#include "engine/all_methods.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

tl::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

template <class T>
constexpr std::string_view TypeName() {
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_integral_v<T>) return "a whole number";
  if constexpr (std::is_floating_point_v<T>) return "a number";
  return "a text";
}

template <class T>
bool FromText(std::string_view text, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = text == "true";
    return value || text == "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  } else {
    value = text;
    return true;
  }
}

template <class T>
bool FromJsonValue(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) return false;
  } else if constexpr (std::is_integral_v<T>) {
    if (!json.is_number_integer()) return false;
    // The JSON library would wrap a number that does not fit.
    const double number = json.get<double>();
    if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max())
      return false;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return false;
  } else if (!json.is_string()) {
    return false;
  }
  value = json.get<T>();
  return true;
}

template <class Options>
Json FieldsToJson(const Options& options) {
  Json json = Json::object();
  Options::Visit(options, [&](const Field& field, const auto& value) {
    json[std::string(field.name)] = value;
  });
  return json;
}

Json StagesToJson(const EngineOptions& options) {
  return {{"extract", FieldsToJson(options.extract)},
          {"photo", FieldsToJson(options.photo)},
          {"shortlist", FieldsToJson(options.shortlist)},
          {"match", FieldsToJson(options.match)},
          {"decide", FieldsToJson(options.decide)}};
}

}  // namespace

Status Validate(const EngineOptions& options) {
  AddAllMethods();
  if (const auto extractor = CreateExtractor(options.extract); !extractor) {
    return tl::unexpected<Error>(extractor.error());
  }
  INLIER_RETURN_IF_ERROR(ValidateFields(options.photo, "photo"));
  INLIER_RETURN_IF_ERROR(ValidateFields(options.shortlist, "shortlist"));
  INLIER_RETURN_IF_ERROR(ValidateFields(options.match, "match"));
  return ValidateFields(options.decide, "decide");
}

Status SetOption(EngineOptions& options, std::string_view name, std::string_view value) {
  EngineOptions changed = options;
  Status status = Invalid(fmt::format("there is no option '{}'", name));
  EngineOptions::Visit(changed, [&](std::string_view stage, const Field& field, auto& target) {
    if (name != fmt::format("{}.{}", stage, field.name)) return;
    using T = std::remove_reference_t<decltype(target)>;
    if (FromText(value, target)) {
      status = Status();
    } else {
      status = Invalid(fmt::format("{} is '{}', which is not {}", name, value, TypeName<T>()));
    }
  });
  INLIER_RETURN_IF_ERROR(status);
  options = changed;
  return {};
}

std::string ToJson(const EngineOptions& options) { return DumpJson(StagesToJson(options), 2); }

Result<EngineOptions> OptionsFromJson(std::string_view text) {
  auto parsed = ParseJson(text);
  if (!parsed || !parsed->is_object()) return Invalid("options: not a JSON object");
  Json json = std::move(*parsed);
  EngineOptions options;
  Status status;
  EngineOptions::Visit(options, [&](std::string_view stage_name, const Field& field, auto& value) {
    const auto stage = json.find(std::string(stage_name));
    if (!status || stage == json.end()) return;
    if (!stage->is_object()) {
      status = Invalid(fmt::format("options: {} is not an object", stage_name));
      return;
    }
    const auto found = stage->find(std::string(field.name));
    if (found == stage->end()) return;
    using T = std::remove_reference_t<decltype(value)>;
    if (!FromJsonValue(*found, value)) {
      status = Invalid(fmt::format("{}.{} is {}, which is not {}", stage_name, field.name,
                                   DumpJson(*found), TypeName<T>()));
    }
    stage->erase(found);
  });
  INLIER_RETURN_IF_ERROR(status);
  // Every known field has been taken out, so the fields that are left are unknown.
  const Json known = StagesToJson(EngineOptions{});
  std::vector<std::string> unknown;
  for (const auto& [stage, fields] : json.items()) {
    if (!known.contains(stage)) {
      unknown.push_back(stage);
    } else {
      for (const auto& [field, value] : fields.items()) unknown.push_back(stage + "." + field);
    }
  }
  if (!unknown.empty()) return Invalid(fmt::format("no such option: {}", fmt::join(unknown, ", ")));
  INLIER_RETURN_IF_ERROR(Validate(options));
  return options;
}

std::string DescribeOptions() {
  constexpr std::size_t kColumns = 4;
  std::vector<std::array<std::string, kColumns>> rows{{"option", "default", "range", "meaning"}};
  const EngineOptions defaults;
  EngineOptions::Visit(defaults, [&](std::string_view stage, const Field& field,
                                     const auto& value) {
    const bool bounded = std::isfinite(field.least) && std::isfinite(field.most);
    rows.push_back(
        {fmt::format("{}.{}", stage, field.name), fmt::format("{}", value),
         bounded ? fmt::format("{} to {}", NumberText(field.least), NumberText(field.most)) : "",
         std::string(field.help)});
  });
  std::array<std::size_t, kColumns> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{:<{}}  {:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1],
                        row[2], widths[2], row[3]);
  }
  return text;
}

}  // namespace inlier
