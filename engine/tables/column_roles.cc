#include "engine/tables/column_roles.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/utf8.h"

namespace inlier {
namespace {

constexpr const char* kId = "id";
constexpr const char* kImage = "image";

tl::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsMapped(const ColumnRoles::Mapping& mapping, std::string_view our_name) {
  return std::ranges::any_of(mapping, [&](const auto& pair) { return pair.first == our_name; });
}

bool Has(const std::vector<std::string_view>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string NamesText(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 40;
  const std::size_t shown = std::min(names.size(), kMost);
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return names.size() > shown ? text + fmt::format(" and {} more", names.size() - shown) : text;
}

}  // namespace

Status ColumnRoles::LookAt(const StreamedTable& table) {
  const auto& columns = table.columns.names();
  if (columns.size() == roles_.size()) return {};
  if (kind_ == nullptr) kind_ = &KindOf(columns);
  for (std::size_t i = roles_.size(); i < columns.size(); ++i) {
    const bool is_new = names_.insert(columns[i]).second;
    if (!is_new && !columns[i].empty() && !IsImageColumn(LooseName(columns[i]))) {
      return Invalid(fmt::format("{}: column '{}' is there twice", table.name, columns[i]));
    }
  }
  while (roles_.size() < columns.size()) roles_.push_back(RoleOf(columns[roles_.size()]));
  return {};
}

// Of two names that differ in case alone, the one that is spelt as `wanted` counts.
bool ColumnRoles::IsNamed(const std::string& column, const std::string& wanted) const {
  if (column == wanted) return true;
  return FoldedForm(column) == FoldedForm(TrimSpaces(wanted)) && !names_.contains(wanted);
}

ColumnRole ColumnRoles::RoleOf(const std::string& column) {
  ColumnRole role;
  if (column.empty()) return role;  // the row number that some programs write
  bool is_renamed = false;
  for (std::size_t i = 0; i < mapping_.size(); ++i) {
    const auto& [our_name, wanted] = mapping_[i];
    if (!IsNamed(column, wanted)) continue;
    found_[i] = true;
    is_renamed = true;
    if (our_name == kId) {
      role.id_rank = 0;
    } else if (our_name == kImage) {
      role.is_image = true;
    } else {
      role.metadata = our_name;
    }
  }
  const std::string loose = LooseName(column);
  const bool is_plain = kind_->signature.empty();
  if (!IsMapped(mapping_, kId)) {
    const auto rank = std::ranges::find(kind_->id, loose);
    const bool fits = rank != kind_->id.end() && (!is_plain || IsNamed(column, kId));
    if (fits) role.id_rank = static_cast<int>(rank - kind_->id.begin());
  }
  if (!IsMapped(mapping_, kImage)) {
    role.is_image = is_plain ? IsImageColumn(loose) : Has(kind_->images, loose);
  }
  role.is_joined = Has(kind_->joined, loose);
  has_id_ = has_id_ || role.id_rank != ColumnRole::kNoId;
  has_image_ = has_image_ || role.is_image;
  if (!is_renamed && role.id_rank != 0 && !role.is_image) role.metadata = column;
  return role;
}

Status ColumnRoles::CheckComplete(const StreamedTable& table) const {
  const auto missing = [&table](const std::string& column, const std::string& what) {
    return Invalid(fmt::format("{}: no column '{}'{}; it has: {}", table.name, column, what,
                               NamesText(table.columns.names())));
  };
  for (std::size_t i = 0; i < mapping_.size(); ++i) {
    const auto& [our_name, wanted] = mapping_[i];
    if (!found_[i]) return missing(wanted, fmt::format(", which '{}' should be", our_name));
  }
  if (!has_id_) return missing(kId, "");
  if (!has_image_) return missing(kImage, "");
  return {};
}

}  // namespace inlier
