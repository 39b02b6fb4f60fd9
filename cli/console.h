#pragma once

#include <string_view>

namespace inlier::cli {

/// Writes "inlier: …" as one line to stderr. A progress line that is shown is erased first.
void Complain(std::string_view message);

/// Writes a part of the results to stdout, as it is.
void Print(std::string_view text);

/// True when everything that was printed has reached stdout. Complains otherwise, for example when
/// the disk is full.
bool FlushOutput();

/// Shows a progress line on the terminal, in place of the one that is there. An empty one erases
/// it.
void ShowStatusLine(std::string_view line);

}  // namespace inlier::cli
