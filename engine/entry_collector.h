#pragma once

#include <string>
#include <unordered_map>

#include "engine/alike_ids.h"
#include "inlier/catalogue.h"

namespace inlier {

/// Takes the entries of a folder one by one and keeps their ids unique.
class EntryCollector {
 public:
  /// `where` names the row or file for messages.
  void Reject(std::string where, std::string reason);
  void Add(CatalogueEntry entry, const std::string& where);
  void LeaveOut(std::vector<LeftOut> left_out) { catalogue_.left_out = std::move(left_out); }
  /// Errors: kInvalidArgument (`path` has no entry, and none was rejected).
  Result<Catalogue> Finish(const std::filesystem::path& path) &&;

 private:
  Catalogue catalogue_;
  std::unordered_map<std::string, std::string> where_;  // by id
  AlikeIds alike_;
};

}  // namespace inlier
