// Reads tables line by line, so that a row that cannot be read costs that row alone and messages
// can name its line. Cells of CSV come from libcsv, rows of JSONL from core/json.h. Lines, rows and
// files are bounded: tables come from strangers, and an unclosed quote must not swallow a whole
// file.
#include "engine/table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>

#include <csv.h>
#include <fmt/format.h>
#include "core/json.h"

namespace inlier {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 2ULL << 30;
constexpr std::size_t kMaxLineBytes = 1 << 20;
constexpr const char* kTooLong = "the line is longer than 1 MiB";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

tl::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Makes rows of cells from lines. libcsv does not count lines, so it is fed one at a time.
class CsvReader {
 public:
  CsvReader() { csv_init(&parser_, kFlags); }
  ~CsvReader() { csv_free(&parser_); }
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  void Feed(std::size_t number, const std::string& line) {
    if (!row_open_) {
      if (IsBlank(line)) return;
      row_line_ = number;
      row_bytes_ = 0;
    }
    row_open_ = true;
    row_bytes_ += line.size();
    if (line.size() > kMaxLineBytes) return RejectAndRestart(kTooLong);
    if (row_bytes_ > kMaxLineBytes)
      return RejectAndRestart("the row is longer than 1 MiB: a quote that is not closed?");
    if (csv_parse(&parser_, line.data(), line.size(), OnCell, OnRow, this) != line.size()) {
      RejectAndRestart(csv_strerror(csv_error(&parser_)));
    }
  }

  void Finish() {
    if (csv_fini(&parser_, OnCell, OnRow, this) != 0) Reject("a quote is opened and never closed");
  }

  // Makes the first row the names of the columns.
  Status TakeHeader(Table& table) {
    if (raw_.empty()) return {};
    if (!raw_.front().problem.empty()) {
      return Invalid(
          fmt::format("{}, line {}: {}", table.name, raw_.front().line, raw_.front().problem));
    }
    for (auto& [unused, name] : raw_.front().cells) table.columns.push_back(std::move(name));
    raw_.erase(raw_.begin());
    return {};
  }

  void MoveRowsInto(Table& table) {
    for (TableRow& row : raw_) {
      if (row.problem.empty() && row.cells.size() != table.columns.size()) {
        row.problem =
            fmt::format("{} cells where the header has {}", row.cells.size(), table.columns.size());
      }
      for (std::size_t i = 0; row.problem.empty() && i < row.cells.size(); ++i) {
        row.cells[i].first = table.columns[i];
      }
    }
    table.rows = std::move(raw_);
  }

 private:
  static constexpr unsigned char kFlags = CSV_STRICT | CSV_STRICT_FINI;

  static void OnCell(void* text, std::size_t size, void* self) {
    static_cast<CsvReader*>(self)->cells_.emplace_back(
        std::string(), std::string(static_cast<const char*>(text), size));
  }
  static void OnRow(int, void* self) {
    auto& reader = *static_cast<CsvReader*>(self);
    reader.raw_.push_back({.line = reader.row_line_, .cells = std::move(reader.cells_)});
    reader.cells_.clear();
    reader.row_open_ = false;
  }
  void Reject(std::string problem) {
    raw_.push_back({.line = row_line_, .problem = std::move(problem)});
    cells_.clear();
    row_open_ = false;
  }

  // Gives up this row and starts again on the next line.
  void RejectAndRestart(std::string problem) {
    Reject(std::move(problem));
    csv_free(&parser_);
    csv_init(&parser_, kFlags);
  }

  csv_parser parser_;
  std::vector<TableRow> raw_;
  std::vector<std::pair<std::string, std::string>> cells_;
  std::size_t row_line_ = 0, row_bytes_ = 0;
  bool row_open_ = false;
};

TableRow ReadJsonRow(std::size_t number, std::string_view line) {
  TableRow row{.line = number};
  const auto problem = [&row](std::string text) {
    row.problem = std::move(text);
    return row;
  };
  if (line.size() > kMaxLineBytes) return problem(kTooLong);
  const auto json = ParseJson(line);
  if (!json) return problem(json.error().message);
  if (!json->is_object()) return problem("not a JSON object");
  for (const auto& [column, value] : json->items()) {
    row.cells.emplace_back(column, value.is_string() ? value.get<std::string>()
                                   : value.is_null() ? std::string()
                                                     : DumpJson(value));
  }
  return row;
}

// Reads the next line without its line feed. Of a line that is too long it keeps a little more than
// kMaxLineBytes, which is enough to see that it is too long.
bool GetLine(std::istream& in, std::string& line) {
  std::array<char, 4096> part;
  line.clear();
  for (bool any = false;; any = true) {
    in.getline(part.data(), part.size());
    const auto count = static_cast<std::size_t>(in.gcount());
    const bool goes_on = in.fail() && count == part.size() - 1;
    // getline counts the line feed, unless the file ends before one.
    const std::size_t size = goes_on || in.eof() || count == 0 ? count : count - 1;
    if (line.size() <= kMaxLineBytes) line.append(part.data(), size);
    if (!goes_on) return any || !in.fail();
    in.clear();
  }
}

Status ReadLines(const std::filesystem::path& path,
                 const std::function<void(std::size_t, const std::string&)>& visit) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  const auto io_error = [&](const char* fallback) {
    return Fail(ErrorCode::kIo,
                fmt::format("{}: {}", path.string(), errno ? std::strerror(errno) : fallback));
  };
  if (!in) return io_error("cannot be opened");
  std::string line;
  for (std::size_t number = 1; GetLine(in, line); ++number) {
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (number == 1 && (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"))) {
      return Invalid(fmt::format("{} is UTF-16; save it as UTF-8", path.string()));
    }
    if (!in.eof()) line += '\n';
    visit(number, line);
  }
  if (in.bad()) return io_error("cannot be read to the end");
  return {};
}

Status CheckSize(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    const bool absent = error == std::errc::no_such_file_or_directory;
    return Fail(absent ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{}: {}", path.string(), error.message()));
  }
  if (size > kMaxFileBytes) return Invalid(fmt::format("{} is larger than 2 GiB", path.string()));
  return {};
}

Status CheckColumns(const Table& table, const std::vector<std::string>& required) {
  std::vector<std::string> sorted = table.columns;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(
      sorted, [](const auto& a, const auto& b) { return a == b && !a.empty(); });
  if (twice != sorted.end()) {
    return Invalid(fmt::format("{}: column '{}' is there twice", table.name, *twice));
  }
  for (const std::string& column : required) {
    if (std::ranges::binary_search(sorted, column)) continue;
    return Invalid(fmt::format("{}: no column '{}'; it has: {}", table.name, column,
                               fmt::join(table.columns, ", ")));
  }
  return {};
}

}  // namespace

std::string_view TableRow::operator[](std::string_view column) const {
  const auto found = std::ranges::find(cells, column, [](const auto& cell) { return cell.first; });
  return found == cells.end() ? std::string_view() : found->second;
}

Result<Table> ReadTable(const std::filesystem::path& path,
                        const std::vector<std::string>& required_columns) {
  INLIER_RETURN_IF_ERROR(CheckSize(path));
  Table table{.name = path.filename().string()};
  if (path.extension() == ".csv") {
    CsvReader reader;
    INLIER_RETURN_IF_ERROR(ReadLines(path, std::bind_front(&CsvReader::Feed, &reader)));
    reader.Finish();
    INLIER_RETURN_IF_ERROR(reader.TakeHeader(table));
    reader.MoveRowsInto(table);
  } else if (path.extension() == ".jsonl") {
    INLIER_RETURN_IF_ERROR(ReadLines(path, [&table](std::size_t number, const std::string& line) {
      if (IsBlank(line)) return;
      table.rows.push_back(ReadJsonRow(number, line));
      for (const auto& [column, value] : table.rows.back().cells) {
        if (std::ranges::find(table.columns, column) == table.columns.end()) {
          table.columns.push_back(column);
        }
      }
    }));
  } else {
    return Invalid(fmt::format("{}: a table must end in .csv or .jsonl", path.string()));
  }
  INLIER_RETURN_IF_ERROR(CheckColumns(table, required_columns));
  return table;
}

Result<Table> ReadTableWithoutHeader(const std::filesystem::path& path,
                                     std::vector<std::string> columns) {
  INLIER_RETURN_IF_ERROR(CheckSize(path));
  Table table{.name = path.filename().string(), .columns = std::move(columns)};
  CsvReader reader;
  INLIER_RETURN_IF_ERROR(ReadLines(path, std::bind_front(&CsvReader::Feed, &reader)));
  reader.Finish();
  reader.MoveRowsInto(table);
  return table;
}

}  // namespace inlier
