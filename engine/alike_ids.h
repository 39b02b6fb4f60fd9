#pragma once

#include <optional>
#include <string>
#include <unordered_map>

namespace inlier {

/// Finds ids that print alike and are not equal: é may be one character, or an e and an accent.
class AlikeIds {
 public:
  /// An id that was added before and differs from this one in its normal form alone.
  std::optional<std::string> Add(const std::string& id);

 private:
  std::unordered_map<std::string, std::string> id_of_form_;  // of ids that are not ASCII
};

/// Why somebody should look at an id that prints like `other`.
std::string AlikeText(const std::string& id, const std::string& other);

}  // namespace inlier
