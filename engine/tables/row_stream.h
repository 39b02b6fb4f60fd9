#pragma once

#include <filesystem>

#include "core/result.h"
#include "engine/tables/streamed_table.h"

namespace inlier {

/// Reads `.csv`, `.tsv` and `.txt` (delimited), `.jsonl` (an object a line), `.json` (a list of
/// objects) and `.xml` (a feed). Errors: kNotFound, kIo, kInvalidArgument (another ending, text
/// that cannot be read), and those of `visit`.
Status StreamRows(const std::filesystem::path& path, const TableFormat& format,
                  StreamedTable& table, const VisitRow& visit);

}  // namespace inlier
