#include "wire/log_line.h"

#include "wire/json_parts.h"
#include "wire/round.h"

namespace inlier::wire {

std::string RestOfObject(const std::vector<std::pair<std::string_view, std::string>>& texts,
                         const std::vector<std::pair<std::string_view, double>>& numbers) {
  Json json = Json::object();
  for (const auto& [name, text] : texts)
    if (!text.empty()) json[std::string(name)] = text;
  for (const auto& [name, number] : numbers) {
    if (number == 0) continue;
    const auto whole = static_cast<long long>(number);
    if (static_cast<double>(whole) == number)
      json[std::string(name)] = whole;
    else
      json[std::string(name)] = RoundTo(number, 3);
  }
  return Text(json).substr(1);
}

}  // namespace inlier::wire
