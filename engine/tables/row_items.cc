#include "engine/tables/row_items.h"

#include <limits>
#include <unordered_map>

#include "core/json.h"
#include "engine/tables/picture_cells.h"
#include "engine/tables/row_stream.h"
#include "engine/utf8.h"

namespace inlier {

void RowItems::AddPictures(const StreamedCell& cell, RowItem& item) const {
  const auto add = [&](std::string_view text) {
    for (std::string& picture : PicturesOfCell(text, options_.picture_separator, exists_)) {
      if (picture.find('\0') != std::string::npos) item.problem = "a zero byte in the image's name";
      if (picture != roles_.kind()->no_picture) item.pictures.push_back(std::move(picture));
    }
  };
  if (!cell.is_json_list) return add(cell.text);
  const auto list = ParseJson(cell.text);
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const Json& element = (*list)[i];
    if (element.is_string()) {
      const std::string picture(TrimSpaces(element.get<std::string>()));
      if (!picture.empty()) item.pictures.push_back(picture);
    } else {
      item.problem = "an image that is not a text";
    }
  }
}

RowItem RowItems::ItemOf(StreamedRow&& row) const {
  RowItem item{
      .line = row.line, .is_short = row.missing_cells > 0, .problem = std::move(row.problem)};
  if (!item.problem.empty()) return item;
  const TableKind& kind = *roles_.kind();
  int best_rank = std::numeric_limits<int>::max();
  std::unordered_map<std::size_t, std::size_t> fields;  // by column
  for (StreamedCell& cell : row.cells) {
    const ColumnRole& role = roles_[cell.column];
    if (role.id_rank != ColumnRole::kNoId && role.id_rank < best_rank) {
      const std::string_view id = TrimSpaces(cell.text);
      if (!id.empty()) {
        best_rank = role.id_rank;
        item.id = std::string(best_rank == 0 ? "" : kind.second_id_prefix) + std::string(id);
      }
    }
    if (role.is_image) AddPictures(cell, item);
    if (role.metadata.empty()) continue;
    if (kind.variations_stand_with_parents && LooseName(role.metadata) == "type") {
      item.may_lack_picture = FoldedForm(cell.text).find("variation") != std::string::npos;
    }
    // A feed may repeat an element.
    const auto [first, is_new] = table_.has_header
                                     ? std::pair(fields.end(), true)
                                     : fields.emplace(cell.column, item.metadata.size());
    if (is_new) {
      item.metadata.push_back({&role, std::move(cell.text)});
    } else {
      item.metadata[first->second].text += ", " + cell.text;
    }
  }
  if (item.problem.empty() && item.id.empty()) item.problem = "no id";
  return item;
}

Status RowItems::Visit(const std::filesystem::path& path,
                       const std::function<void(RowItem&&)>& visit) {
  const VisitRow take = [&](StreamedRow&& row) -> Status {
    const bool is_first = roles_.kind() == nullptr;
    INLIER_RETURN_IF_ERROR(roles_.LookAt(table_));
    if (is_first && table_.has_header) INLIER_RETURN_IF_ERROR(roles_.CheckComplete(table_));
    // Rows of JSON or a feed may come before any column.
    if (roles_.kind() == nullptr) {
      if (row.problem.empty()) row.problem = "no id";
      visit({.line = row.line, .problem = std::move(row.problem)});
      return {};
    }
    visit(ItemOf(std::move(row)));
    return {};
  };
  INLIER_RETURN_IF_ERROR(StreamRows(path, {.delimiter = options_.delimiter}, table_, take));
  INLIER_RETURN_IF_ERROR(roles_.LookAt(table_));
  return roles_.CheckComplete(table_);
}

}  // namespace inlier
