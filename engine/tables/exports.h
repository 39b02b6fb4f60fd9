#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inlier {

/// How the rows of one kind of table become items. Names of columns are in the form of LooseName.
struct TableKind {
  const char* name = "";                    // "a product export of Shopify"; for messages
  std::vector<std::string_view> signature;  // the columns by which it is known
  std::vector<std::string_view> id;         // of these, the first that is not empty
  std::string_view second_id_prefix;        // before an id that comes from a later one
  std::vector<std::string_view> images;
  std::vector<std::string_view> joined;        // metadata of which an item gets all rows' values
  bool rows_may_differ = false;                // rows of one item describe its variants
  bool variations_stand_with_parents = false;  // rows of type "variation" may have no picture
  std::string_view no_picture;                 // what a cell says that names none
};

/// The kind of a table with these columns.
const TableKind& KindOf(std::span<const std::string> columns);

/// The name in lower case with underscores and hyphens as spaces, since feeds differ in these.
std::string LooseName(std::string_view column);

/// image, images, image_2, image 3, Image-4.
bool IsImageColumn(std::string_view loose_name);

}  // namespace inlier
