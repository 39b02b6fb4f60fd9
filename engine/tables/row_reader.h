#pragma once

#include <memory>
#include <string_view>

#include "engine/tables/streamed_table.h"

namespace inlier {

/// Makes rows of text that comes in parts, for one way in which tables are written.
class RowReader {
 public:
  RowReader() = default;
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  virtual Status Add(std::string_view part) = 0;
  virtual Status Finish() = 0;
};

// Each in a file of its own. `table` and `visit` must outlive the reader.
std::unique_ptr<RowReader> MakeDelimitedReader(const TableFormat& format, StreamedTable& table,
                                               const VisitRow& visit);
std::unique_ptr<RowReader> MakeJsonLinesReader(StreamedTable& table, const VisitRow& visit);
std::unique_ptr<RowReader> MakeJsonListReader(StreamedTable& table, const VisitRow& visit);
std::unique_ptr<RowReader> MakeFeedReader(StreamedTable& table, const VisitRow& visit);

}  // namespace inlier
