#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "inlier/catalogue.h"
#include "tests/support/files.h"

namespace inlier::test {

/// Writes tables into a folder of its own and reads them as catalogues.
class Tables : public testing::Test {
 protected:
  Result<Catalogue> Read(const std::string& name, std::string_view text,
                         const CatalogueOptions& options = {}) {
    WriteBytes(folder_ / name, text);
    return ReadCatalogue(folder_ / name, options);
  }
  void Touch(const std::string& name) { WriteBytes(folder_ / name, "x"); }

  static std::vector<std::string> Ids(const Catalogue& catalogue) {
    std::vector<std::string> ids;
    for (const CatalogueEntry& entry : catalogue.entries) ids.push_back(entry.id);
    return ids;
  }
  // Their paths from the folder of the table.
  std::vector<std::string> Pictures(const Catalogue& catalogue, std::size_t entry) const {
    std::vector<std::string> pictures;
    for (const auto& picture : catalogue.entries.at(entry).images) {
      pictures.push_back(picture.lexically_relative(folder_.path()).string());
    }
    return pictures;
  }
  static std::vector<std::string> Rejected(const Catalogue& catalogue) {
    return Lines(catalogue.rejected);
  }
  static std::vector<std::string> Warnings(const Catalogue& catalogue) {
    return Lines(catalogue.warnings);
  }

  TempFolder folder_;

 private:
  static std::vector<std::string> Lines(const std::vector<Catalogue::Rejected>& all) {
    std::vector<std::string> lines;
    for (const auto& [where, reason] : all) lines.push_back(where + ": " + reason);
    return lines;
  }
};

}  // namespace inlier::test
