#include "engine/tables/item_merger.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/tables/picture_cells.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxMetadata_bytes = 64 << 10;  // of an item
constexpr std::size_t kMaxPicture_bytes = 4096;       // of a path or URL
constexpr std::size_t kMaxPictures = 1000;            // of an item

std::string Shown(std::string_view value) {
  constexpr std::size_t kLongest = 40;
  if (value.size() <= kLongest) return std::string(value);
  return std::string(value.substr(0, ValidUtf8Bytes(value.substr(0, kLongest)))) + "…";
}

// 4.00638E+12: what a spreadsheet makes of a long number.
bool LooksRounded(std::string_view id) {
  const auto e = id.find_first_of("eE");
  if (e == std::string_view::npos || e == 0 || id.substr(e + 1).size() < 2) return false;
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto is_number = [](unsigned char c) { return std::isdigit(c) || c == '.' || c == ','; };
  return is_digit(id[0]) && std::ranges::all_of(id.substr(0, e), is_number) && id[e + 1] == '+' &&
         std::ranges::all_of(id.substr(e + 2), is_digit);
}

bool HasPart(std::string_view joined, std::string_view part) {
  while (true) {
    const std::size_t end = std::min(joined.find(", "), joined.size());
    if (joined.substr(0, end) == part) return true;
    if (end == joined.size()) return false;
    joined.remove_prefix(end + 2);
  }
}

}  // namespace

void ItemMerger::Tally::Add(std::size_t at, const std::string& text) {
  if (count++ > 0) return;
  line = at;
  first = text;
}

std::string ItemMerger::LineName(std::size_t line) const {
  return line == 0 ? rows_.table().name : fmt::format("{}, line {}", rows_.table().name, line);
}

void ItemMerger::Add(RowItem&& row) {
  if (!row.problem.empty()) return Reject(row.line, std::move(row.problem));
  if (row.id.size() > kMaxIdBytes) {
    return Reject(row.line,
                  fmt::format("the id has {} bytes, more than {}", row.id.size(), kMaxIdBytes));
  }
  if (row.is_short) short_rows_.Add(row.line, "");
  if (LooksRounded(row.id)) rounded_.Add(row.line, row.id);
  const std::size_t entry = EntryOf(row);
  states_[entry].may_lack_picture |= row.may_lack_picture;
  for (const std::string& picture : row.pictures) AddPicture(entry, row.line, picture);
  AddMetadata(entry, row);
}

std::size_t ItemMerger::EntryOf(const RowItem& row) {
  if (const auto found = by_id_.find(std::string_view(row.id)); found != by_id_.end()) {
    return *found;
  }
  entries_.push_back({.id = row.id});
  states_.push_back({.line = row.line});
  by_id_.insert(entries_.size() - 1);
  if (const auto other = alike_.Add(row.id)) {
    warnings_.emplace_back(row.line, AlikeText(row.id, *other));
  }
  return entries_.size() - 1;
}

void ItemMerger::AddPicture(std::size_t entry, std::size_t line, const std::string& picture) {
  const auto fail = [&](std::string reason) {
    states_[entry].has_failed_picture = true;
    Reject(line, std::move(reason));
  };
  if (picture.size() > kMaxPicture_bytes) {
    return fail(fmt::format("the image's name has {} bytes, more than {}", picture.size(),
                            kMaxPicture_bytes));
  }
  if (IsUrl(picture) && !finder_.HasFolderForUrls()) {
    states_[entry].has_failed_picture = true;
    return urls_.Add(line, picture);
  }
  auto path = finder_.Find(picture);
  if (!path) return fail(path.error().message);
  auto& images = entries_[entry].images;
  if (std::ranges::any_of(images, [&](const auto& i) { return i.native() == path->native(); })) {
    return;
  }
  if (images.size() >= kMaxPictures) {
    return fail(fmt::format("the item has more than {} images", kMaxPictures));
  }
  images.push_back(std::move(*path));
}

void ItemMerger::AddMetadata(std::size_t entry, RowItem& row) {
  Metadata& metadata = entries_[entry].metadata;
  metadata.reserve(metadata.size() + row.metadata.size());  // so that no name moves below
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < metadata.size(); ++i) known.emplace(metadata[i].first, i);
  for (RowItem::Field& field : row.metadata) {
    const auto found = known.find(field.column->metadata);
    const bool is_new = found == known.end();
    AddField(entry, row, field, is_new ? nullptr : &metadata[found->second]);
    if (is_new && metadata.size() > known.size()) {
      known.emplace(metadata.back().first, metadata.size() - 1);
    }
  }
}

void ItemMerger::AddField(std::size_t entry, const RowItem& row, RowItem::Field& field,
                          std::pair<std::string, std::string>* known) {
  const std::string& name = field.column->metadata;
  const bool joins = known != nullptr && field.column->is_joined;
  if (known != nullptr && !joins) {
    if (known->second == field.text || rows_.kind()->rows_may_differ) return;
    differing_[name].Add(row.line,
                         fmt::format("'{}', but '{}' in an earlier row of '{}'", Shown(field.text),
                                     Shown(known->second), Shown(entries_[entry].id)));
    return;
  }
  if (joins && HasPart(known->second, field.text)) return;
  const std::size_t bytes = field.text.size() + (joins ? 2 : name.size());
  if (states_[entry].metadata_bytes + bytes > kMaxMetadata_bytes) {
    return cut_.Add(row.line, fmt::format("column '{}' of '{}'", name, Shown(entries_[entry].id)));
  }
  states_[entry].metadata_bytes += bytes;
  if (joins) {
    known->second += ", " + field.text;
  } else {
    entries_[entry].metadata.emplace_back(name, std::move(field.text));
  }
}

void ItemMerger::DropEntriesWithoutPictures() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const State& state = states_[i];
    if (!entries_[i].images.empty()) {
      entries_[i].metadata.shrink_to_fit();
      if (kept != i) entries_[kept] = std::move(entries_[i]);
      ++kept;
    } else if (state.may_lack_picture && !state.has_failed_picture) {
      without_picture_.Add(state.line, entries_[i].id);
    } else if (!state.has_failed_picture) {
      Reject(state.line, "no image");
    }
  }
  by_id_.clear();
  entries_.resize(kept);
}

std::vector<Catalogue::Rejected> ItemMerger::Warnings() {
  const auto warn = [this](const Tally& tally, const std::string& text) {
    if (tally.count == 0) return;
    const std::string others = tally.count == 1 ? "" : fmt::format(" ({} times)", tally.count);
    warnings_.emplace_back(tally.line, text + others);
  };
  if (const std::string& encoding = rows_.table().encoding_guessed; !encoding.empty()) {
    warnings_.emplace_back(
        0,
        fmt::format("read as {}, though it does not say so; save it as UTF-8 if letters are wrong",
                    encoding));
  }
  warn(short_rows_, "fewer cells than the header; the missing ones count as empty");
  warn(rounded_, fmt::format("the id '{}' looks like a number that a spreadsheet has rounded, so "
                             "that several products may have become one; make the column a text "
                             "and export it again",
                             rounded_.first));
  for (const auto& [column, tally] : differing_) {
    warn(tally, fmt::format("column '{}' is {}; the first is kept", column, tally.first));
  }
  warn(cut_, fmt::format("an id has more than {} bytes of metadata, so that {} is left out",
                         kMaxMetadata_bytes, cut_.first));
  warn(without_picture_,
       fmt::format("the variation '{}' has no picture of its own, so its parent's "
                   "pictures stand for it",
                   without_picture_.first));
  std::ranges::stable_sort(warnings_, {}, [](const auto& warning) { return warning.first; });
  std::vector<Catalogue::Rejected> named;
  for (auto& [line, text] : warnings_) named.push_back({LineName(line), std::move(text)});
  return named;
}

Catalogue ItemMerger::Finish() && {
  DropEntriesWithoutPictures();
  if (urls_.count > 0) {
    const std::string others = urls_.count == 1 ? "" : fmt::format(" ({} URLs)", urls_.count);
    Reject(urls_.line,
           fmt::format("{} is a URL: inlier downloads nothing; fetch them into a folder "
                       "and give it as --images; 'inlier urls' lists them{}",
                       urls_.first, others));
  }
  Catalogue catalogue;
  catalogue.warnings = Warnings();
  std::ranges::stable_sort(rejected_, {}, [](const auto& rejected) { return rejected.first; });
  for (auto& [line, reason] : rejected_) {
    catalogue.rejected.push_back({LineName(line), std::move(reason)});
  }
  catalogue.entries = std::move(entries_);
  return catalogue;
}

}  // namespace inlier
