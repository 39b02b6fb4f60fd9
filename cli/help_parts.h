#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"

namespace inlier::cli {

// What a help page is made of. The help of the terminal and the man pages both show it.

constexpr std::string_view kTagline = "finds the items of a catalogue that a photo shows";

constexpr std::string_view kQuickStart =
    "Index a folder of images, ask which of them a photo shows, and write a page that shows why:";
constexpr std::string_view kQuickStartExamples = R"(
inlier index products/ --db shop.db
inlier query photo.jpg --db shop.db
inlier query photo.jpg --db shop.db --report answer.html
)";

constexpr std::string_view kOutputs = "Results go to stdout. Progress and errors go to stderr.";

struct ExitMeaning {
  std::string_view code;
  std::string_view meaning;
};
const std::vector<ExitMeaning>& ExitMeanings();

constexpr std::string_view kEngineOptions =
    "The options that --set STAGE.FIELD=VALUE can set. The options of the stage 'extract' are "
    "fixed when a database is made; the others can differ from query to query.";

/// "inlier query PHOTO… --db DIR [OPTION]…"
std::string Synopsis(const Command& command);

/// Each without line breaks. An empty line of `text` separates two.
std::vector<std::string> ParagraphsOf(std::string_view text);

/// Those that are not empty.
std::vector<std::string_view> LinesOf(std::string_view text);

/// The flags under their headings, in the order in which a page shows them: the required ones
/// first.
using FlagGroup = std::pair<std::string_view, std::vector<const Flag*>>;
std::vector<FlagGroup> GroupsOf(const std::vector<Flag>& flags);

}  // namespace inlier::cli
