// Rows that are JSON objects: one a line, or as the elements of a list. A list is cut into its
// objects before anything is parsed, so that memory holds one of them and a bad one costs no other.
#include <algorithm>

#include <fmt/format.h>

#include "core/json.h"
#include "engine/tables/line_splitter.h"
#include "engine/tables/row_reader.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string RowFrom(const Json& object, TableColumns& columns, StreamedRow& row) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    const auto column = columns.Number(TrimSpaces(name));
    if (!column) return "too many columns";
    std::string text = value.is_string() ? value.get<std::string>() : DumpJson(value);
    if (!text.empty()) row.cells.push_back({*column, std::move(text), value.is_array()});
  }
  return "";
}

Status VisitObject(std::size_t line, std::string_view text, StreamedTable& table,
                   const VisitRow& visit) {
  StreamedRow row{.line = line};
  if (text.size() > kMaxRow_bytes) {
    row.problem = "the row is longer than 1 MiB";
  } else if (const auto json = ParseJson(text); !json) {
    row.problem = json.error().message;
  } else if (!json->is_object()) {
    row.problem = "not a JSON object";
  } else {
    row.problem = RowFrom(*json, table.columns, row);
  }
  return visit(std::move(row));
}

class JsonLinesReader : public RowReader {
 public:
  JsonLinesReader(StreamedTable& table, const VisitRow& visit)
      : lines_([&table, &visit](std::size_t number, const std::string& line) {
          if (std::ranges::all_of(line, IsSpace)) return Status();
          if (line.size() <= kMaxRow_bytes) return VisitObject(number, line, table, visit);
          return visit({.line = number, .problem = "the line is longer than 1 MiB"});
        }) {}

  Status Add(std::string_view part) override { return lines_.Add(part); }
  Status Finish() override { return lines_.Finish(); }

 private:
  LineSplitter lines_;
};

class JsonListReader : public RowReader {
 public:
  JsonListReader(StreamedTable& table, const VisitRow& visit) : table_(table), visit_(visit) {}

  Status Add(std::string_view part) override {
    for (const char c : part) {
      if (c == '\n') ++line_;
      INLIER_RETURN_IF_ERROR(Take(c));
    }
    return {};
  }

  Status Finish() override { return element_.empty() ? Status() : End(); }

 private:
  // Elements are kept as they are; between them there is only the punctuation of the list.
  Status Take(char c) {
    if (depth_ == 0 && !in_string_) {
      const bool ends = IsSpace(c) || c == ',' || c == ']' || (c == '[' && !in_list_);
      if (ends) {
        in_list_ = in_list_ || c == '[';
        return element_.empty() ? Status() : End();
      }
    }
    if (element_.empty()) first_line_ = line_;
    if (element_.size() <= kMaxRow_bytes) element_ += c;
    if (in_string_) {
      if (after_backslash_) {
        after_backslash_ = false;
      } else if (c == '\\') {
        after_backslash_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      return {};
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) return End();
    return {};
  }

  Status End() {
    Status status = VisitObject(first_line_, element_, table_, visit_);
    element_.clear();
    depth_ = 0;
    in_string_ = after_backslash_ = false;
    return status;
  }

  StreamedTable& table_;
  const VisitRow& visit_;
  std::string element_;
  std::size_t line_ = 1, first_line_ = 1, depth_ = 0;
  bool in_list_ = false, in_string_ = false, after_backslash_ = false;
};

}  // namespace

std::unique_ptr<RowReader> MakeJsonLinesReader(StreamedTable& table, const VisitRow& visit) {
  return std::make_unique<JsonLinesReader>(table, visit);
}

std::unique_ptr<RowReader> MakeJsonListReader(StreamedTable& table, const VisitRow& visit) {
  return std::make_unique<JsonListReader>(table, visit);
}

}  // namespace inlier
