#include "engine/tables/row_stream.h"

#include <memory>

#include <fmt/format.h>

#include "engine/tables/encoding.h"
#include "engine/tables/row_reader.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

std::unique_ptr<RowReader> ReaderOf(const std::filesystem::path& path, const TableFormat& format,
                                    StreamedTable& table, const VisitRow& visit) {
  const std::string ending = FoldedForm(path.extension().string());
  if (format.is_delimited || ending == ".csv" || ending == ".tsv" || ending == ".txt") {
    return MakeDelimitedReader(format, table, visit);
  }
  if (ending == ".jsonl") return MakeJsonLinesReader(table, visit);
  if (ending == ".json") return MakeJsonListReader(table, visit);
  if (ending == ".xml") return MakeFeedReader(table, visit);
  return nullptr;
}

}  // namespace

Status StreamRows(const std::filesystem::path& path, const TableFormat& format,
                  StreamedTable& table, const VisitRow& visit) {
  table.name = path.filename().string();
  const auto reader = ReaderOf(path, format, table, visit);
  std::error_code ignored;
  if (!reader && std::filesystem::exists(path, ignored)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a table must end in .csv, .tsv, .txt, .jsonl, .json or .xml",
                            path.string()));
  }
  INLIER_ASSIGN_OR_RETURN(const TextEncoding encoding, FindEncoding(path));
  if (encoding.is_guessed) table.encoding_guessed = encoding.name;
  INLIER_RETURN_IF_ERROR(
      ReadAsUtf8(path, encoding, [&reader](std::string_view part) { return reader->Add(part); }));
  return reader->Finish();
}

}  // namespace inlier
