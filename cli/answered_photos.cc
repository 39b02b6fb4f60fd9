#include "cli/answered_photos.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "cli/format.h"
#include "core/json.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kJsonStart = R"({"photo":")";

bool BeginsAlike(std::string_view a, std::string_view b) {
  const std::size_t both = std::min(a.size(), b.size());
  return a.substr(0, both) == b.substr(0, both);
}

// The fields of one record, as CsvLine writes them.
std::vector<std::string> SplitCsv(std::string_view record) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record[i] == '"' && quoted && i + 1 < record.size() && record[i + 1] == '"') {
      fields.back() += record[i++];
    } else if (record[i] == '"') {
      quoted = !quoted;
    } else if (record[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += record[i];
    }
  }
  return fields;
}

// Takes one record after the other off a file. A line break within quotes does not end a record of
// CSV.
class Records {
 public:
  Records(const std::string& path, bool is_csv) : in_(path, std::ios::binary), is_csv_(is_csv) {}

  // Empty at the end of the file; what is left then is torn.
  std::optional<std::string> Next() {
    begin_bytes_ = end_bytes_;
    torn_.clear();
    bool in_quotes = false;
    for (std::string line; std::getline(in_, line); torn_ += '\n') {
      torn_ += line;
      if (in_.eof()) return std::nullopt;
      ++line_;
      if (is_csv_ && std::ranges::count(line, '"') % 2 != 0) in_quotes = !in_quotes;
      if (in_quotes) continue;
      end_bytes_ += torn_.size() + 1;
      return std::move(torn_);
    }
    return std::nullopt;
  }
  bool failed() const { return in_.bad() || (!in_.is_open()); }
  const std::string& torn() const { return torn_; }
  std::size_t line() const { return line_; }  // of the end of the record
  std::uint64_t begin_bytes() const { return begin_bytes_; }
  std::uint64_t end_bytes() const { return end_bytes_; }

 private:
  std::ifstream in_;
  bool is_csv_;
  std::string torn_;
  std::size_t line_ = 0;
  std::uint64_t begin_bytes_ = 0, end_bytes_ = 0;
};

tl::unexpected<Error> Foreign(const std::string& path, const std::string& format,
                              std::string_view start) {
  std::string what = "holds something else than answers";
  if (format == "jsonl" && start.starts_with("photo,"))
    what = "holds answers as CSV";
  else if (format == "csv" && start.starts_with(kJsonStart))
    what = "holds answers as JSON lines";
  else if (format == "csv" && start.starts_with("photo,"))
    what = "has another header than the answers of this version";
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{} {}; to go on with it, --format would have to be that of the run which "
                  "began it. For a new run, name a file that is not there yet",
                  path, what));
}

tl::unexpected<Error> NoAnswer(const std::string& path, std::size_t line) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}, line {}: this is no answer of a photo", path, line));
}

Status TakeCsv(const std::string& record, const std::vector<std::string>& columns,
               const Records& records, const std::string& path, AnsweredPhotos& found) {
  const std::vector<std::string> fields = SplitCsv(record);
  if (fields.size() != columns.size()) return NoAnswer(path, records.line());
  const std::string& rank = fields[1];
  if (rank.empty() || rank == "1") {
    ++found.answers[fields[0]];
    const auto error = std::ranges::find(columns, "error") - columns.begin();
    found.failed += !fields[static_cast<std::size_t>(error)].empty();
    found.last = rank.empty() ? "" : fields[0];
    found.last_begin_bytes = records.begin_bytes();
  }
  return {};
}

Status TakeJson(const std::string& record, const Records& records, const std::string& path,
                AnsweredPhotos& found) {
  const auto json = ParseJson(record);
  if (!json || !json->is_object() || !json->contains("photo"))
    return NoAnswer(path, records.line());
  ++found.answers[DumpJson((*json)["photo"])];
  found.failed += json->contains("error");
  return {};
}

}  // namespace

std::string NameIn(const std::string& format, const std::string& photo) {
  return format == "jsonl" ? DumpJson(Json(photo)) : photo;
}

Result<AnsweredPhotos> ReadAnsweredPhotos(const std::string& path, const std::string& format) {
  const bool is_csv = format == "csv";
  const std::string header = AnswerHeader(format);  // empty for JSON
  const std::vector<std::string> columns = SplitCsv(header);
  AnsweredPhotos found;
  Records records(path, is_csv);
  bool is_first = true;
  while (const auto record = records.Next()) {
    const bool fits = is_csv ? *record + "\n" == header : record->starts_with(kJsonStart);
    if (is_first && !fits) return Foreign(path, format, *record);
    if (!is_csv) {
      INLIER_RETURN_IF_ERROR(TakeJson(*record, records, path, found));
    } else if (!is_first) {
      INLIER_RETURN_IF_ERROR(TakeCsv(*record, columns, records, path, found));
    }
    is_first = false;
  }
  if (records.failed()) return Fail(ErrorCode::kIo, path + ": cannot be read");
  // What is cut off has to be part of our own output too.
  const std::string_view expected = is_first && is_csv ? std::string_view(header) : kJsonStart;
  if ((is_first || !is_csv) && !BeginsAlike(records.torn(), expected))
    return Foreign(path, format, records.torn());
  found.complete_bytes = records.end_bytes();
  return found;
}

}  // namespace inlier::cli
