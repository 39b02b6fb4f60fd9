#pragma once

#include <string_view>

namespace inlier::cli {

/// Writes "inlier: …" as one line to stderr, after erasing a progress line that stands there.
void Complain(std::string_view message);

/// Writes result text to stdout as it is.
void Print(std::string_view text);

/// True when everything printed has reached stdout; complains when not (a full disk, for one).
bool FlushOutput();

/// The progress line that is on the terminal now; replaced in place. Empty erases it.
void ShowStatusLine(std::string_view line);

}  // namespace inlier::cli
