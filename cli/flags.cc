#include "cli/flags.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kCommon = "COMMON OPTIONS";
constexpr std::string_view kTables = "TABLES";

}  // namespace

Flag DatabaseFlag() {
  return {.name = "db", .value = "DIR", .help = "The folder of the database.", .required = true};
}

Flag ThreadsFlag(std::string_view help) {
  return {.name = "threads", .value = "N", .help = std::string(help), .heading = kCommon};
}

Flag IndexMemoryFlag() {
  return {.name = "index-memory",
          .value = "MB",
          .help =
              "If the index takes at most MB megabytes, read it when the database is opened. "
              "Otherwise read parts of it from disk when photos need them. Default: half of the "
              "machine's memory.",
          .heading = kCommon};
}

Flag SetFlag() {
  return {
      .name = "set",
      .value = "STAGE.FIELD=VALUE",
      .help = "Set one option of the engine; 'inlier help options' lists them. May be repeated.",
      .repeats = true,
      .heading = kCommon};
}

Flag QuietFlag() {
  return {.name = "quiet",
          .help = "Print only errors on stderr, no progress and no notices.",
          .heading = kCommon};
}

Flag FeaturesFlag(std::string_view help) {
  return {.name = "features", .value = "METHOD", .help = std::string(help)};
}

Flag FormatFlag(std::string_view choices) {
  return {.name = "format",
          .value = choices,
          .help = "How to print the results. The first choice is the default."};
}

Flag WhereFlag(std::string_view help) {
  constexpr std::string_view kLanguage =
      " VALUE is a text, several with '|' between them (a|b: any of them), the start of a text and "
      "a "
      "star (Ac*), or a range of numbers with its ends (10..20, 10.., ..20); a backslash before "
      "| * . or \\ makes it an ordinary character. May be repeated; then all of them must hold.";
  return {.name = "where",
          .value = "KEY=VALUE",
          .help = std::string(help).append(kLanguage),
          .repeats = true};
}

std::vector<Flag> WithTableFlags(std::vector<Flag> flags) {
  flags.push_back(
      {.name = "columns",
       .value = "OURS=THEIRS[,…]",
       .help = "Which columns of the table to use: 'id=sku,image=base_image,title=name'. 'id' has "
               "the ids and 'image' the pictures, and may be given several times; any other name "
               "is what the metadata of that column is called. Default: the columns id, image, "
               "image_2 and so on, or those of an export that is known.",
       .repeats = true,
       .heading = kTables});
  flags.push_back(
      {.name = "delimiter",
       .value = "CHARACTER",
       .help = "What is between cells: , ; | or tab. Default: detected from the header.",
       .heading = kTables});
  flags.push_back({.name = "images",
                   .value = "DIR",
                   .help = "The folder that has the pictures of URLs, by their file names.",
                   .heading = kTables});
  flags.push_back({.name = "separator",
                   .value = "TEXT",
                   .help = "What is between several pictures in one cell; \\n is a line break. "
                           "Default: detected: line break, |, ; or comma.",
                   .heading = kTables});
  return flags;
}

}  // namespace inlier::cli
