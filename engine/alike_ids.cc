#include "engine/alike_ids.h"

#include <fmt/format.h>

#include "engine/utf8.h"

namespace inlier {

std::optional<std::string> AlikeIds::Add(const std::string& id) {
  if (IsAscii(id)) return std::nullopt;
  const auto [first, is_new] = id_of_form_.try_emplace(ComposedForm(id), id);
  return is_new || first->second == id ? std::nullopt : std::optional(first->second);
}

std::string AlikeText(const std::string& id, const std::string& other) {
  const auto form = [](const std::string& text) {
    return ComposedForm(text) == text ? "composed (NFC)" : "decomposed (NFD)";
  };
  return fmt::format("the id '{}' prints like another one: it is {}, and the other is {}", id,
                     form(id), form(other));
}

}  // namespace inlier
