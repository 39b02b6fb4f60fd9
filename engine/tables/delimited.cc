// Delimited tables, as spreadsheets and shops write them. libcsv finds the cells; it does not count
// lines, so it is fed one at a time. It is not made to be strict: a quote within a cell (19"
// monitor) is an ordinary character, as it is for spreadsheets.
#include <algorithm>
#include <array>

#include <csv.h>
#include <fmt/format.h>

#include "engine/tables/line_splitter.h"
#include "engine/tables/row_reader.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The delimiter that is most often in the header, outside quotes.
char FindDelimiter(std::string_view header) {
  constexpr std::array<char, 4> kDelimiters{',', '\t', ';', '|'};
  std::array<std::size_t, 4> counts{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const auto found = std::ranges::find(kDelimiters, c);
    if (!quoted && found != kDelimiters.end()) ++counts[std::size_t(found - kDelimiters.begin())];
  }
  return kDelimiters[std::size_t(std::ranges::max_element(counts) - counts.begin())];
}

// What Excel writes above the header: "sep=;".
std::optional<char> DeclaredDelimiter(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.size() >= 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  const bool declares = line.size() == 5 && FoldedForm(line.substr(0, 4)) == "sep=";
  return declares ? std::optional(line[4]) : std::nullopt;
}

class DelimitedReader : public RowReader {
 public:
  DelimitedReader(const TableFormat& format, StreamedTable& table, const VisitRow& visit)
      : table_(table),
        visit_(visit),
        given_(format.delimiter),
        in_header_(format.has_header),
        lines_([this](std::size_t number, const std::string& line) { return Feed(number, line); }) {
    csv_init(&parser_, kFlags);
  }
  ~DelimitedReader() override { csv_free(&parser_); }

  Status Add(std::string_view part) override { return lines_.Add(part); }

  Status Finish() override {
    INLIER_RETURN_IF_ERROR(lines_.Finish());
    // Only strict parsers report a quote that is open at the end.
    csv_set_opts(&parser_, kFlags | CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&parser_, OnCell, OnRow, this) != 0) {
      Reject("a quote is opened and never closed");
    }
    return status_;
  }

 private:
  static constexpr unsigned char kFlags = 0;

  Status Feed(std::size_t number, const std::string& line) {
    if (!row_open_) {
      if (IsBlank(line)) return {};
      row_line_ = number;
      row_bytes_ = 0;
    }
    if (!delimiter_is_set_) {
      if (!given_) {
        if ((given_ = DeclaredDelimiter(line))) return {};
      } else if (DeclaredDelimiter(line)) {
        return {};
      }
      csv_set_delim(&parser_, static_cast<unsigned char>(given_ ? *given_ : FindDelimiter(line)));
      delimiter_is_set_ = true;
    }
    row_open_ = true;
    row_bytes_ += line.size();
    if (line.size() > kMaxRow_bytes) {
      RejectAndRestart("the line is longer than 1 MiB");
    } else if (row_bytes_ > kMaxRow_bytes) {
      RejectAndRestart("the row is longer than 1 MiB: a quote that is not closed?");
    } else if (csv_parse(&parser_, line.data(), line.size(), OnCell, OnRow, this) != line.size()) {
      RejectAndRestart(csv_strerror(csv_error(&parser_)));
    }
    return status_;
  }

  static void OnCell(void* text, std::size_t size, void* self) {
    auto& reader = *static_cast<DelimitedReader*>(self);
    // A header has its cells by place, whatever is in them.
    if (size > 0 || reader.in_header_) {
      reader.row_.cells.push_back(
          {reader.cell_count_, std::string(static_cast<const char*>(text), size)});
    }
    ++reader.cell_count_;
  }
  static void OnRow(int, void* self) { static_cast<DelimitedReader*>(self)->EndRow(); }

  void EndRow() {
    if (in_header_) {
      for (StreamedCell& cell : row_.cells) {
        table_.columns.Append(std::string(TrimSpaces(cell.text)));
      }
      in_header_ = false;
      table_.has_header = true;
      Clear();
      return;
    }
    const std::size_t columns = table_.columns.names().size();
    row_.missing_cells = columns - std::min(columns, cell_count_);
    if (!row_.cells.empty() && row_.cells.back().column >= columns) {
      return Reject(fmt::format("{} cells where the header has {}", cell_count_, columns));
    }
    if (!row_.cells.empty()) Hand();
    Clear();
  }

  void Hand() {
    row_.line = row_line_;
    if (status_) status_ = visit_(std::move(row_));
  }

  void Reject(std::string problem) {
    if (in_header_) {
      if (status_) {
        status_ = Fail(ErrorCode::kInvalidArgument,
                       fmt::format("{}, line {}: {}", table_.name, row_line_, problem));
      }
    } else {
      row_.cells.clear();
      row_.problem = std::move(problem);
      Hand();
    }
    Clear();
  }

  // Gives up this row and starts again on the next line.
  void RejectAndRestart(std::string problem) {
    Reject(std::move(problem));
    const unsigned char delimiter = csv_get_delim(&parser_);
    csv_free(&parser_);
    csv_init(&parser_, kFlags);
    csv_set_delim(&parser_, delimiter);
  }

  void Clear() {
    row_ = {};
    cell_count_ = 0;
    row_open_ = false;
  }

  StreamedTable& table_;
  const VisitRow& visit_;
  std::optional<char> given_;
  bool in_header_, delimiter_is_set_ = false;
  LineSplitter lines_;
  csv_parser parser_;
  StreamedRow row_;
  std::size_t cell_count_ = 0, row_line_ = 0, row_bytes_ = 0;
  bool row_open_ = false;
  Status status_;
};

}  // namespace

std::unique_ptr<RowReader> MakeDelimitedReader(const TableFormat& format, StreamedTable& table,
                                               const VisitRow& visit) {
  return std::make_unique<DelimitedReader>(format, table, visit);
}

}  // namespace inlier
