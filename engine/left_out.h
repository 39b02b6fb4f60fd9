#pragma once

#include <span>
#include <string>

#include "inlier/catalogue.h"

namespace inlier {

/// "9 files left out: 6 without an ending (not pictures), 2 .txt, 1 .pdf". Empty when there are
/// none.
std::string LeftOutText(std::span<const LeftOut> left_out);

/// The id of the item whose picture is this file: its path from the folder of the catalogue,
/// without the ending, in the escaped form of engine/utf8.h if it is not UTF-8.
std::string IdOfFile(const std::filesystem::path& relative);

}  // namespace inlier
