#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inlier::cli {

/// One row of a command's table of flags. Parsing and help both read it.
struct Flag {
  std::string_view name;   // without the dashes
  std::string_view value;  // what follows the name, as help shows it: "DIR"; empty for a switch
  std::string help;
  bool repeats = false;
  bool required = false;
  std::string_view heading = "OPTIONS";  // where the help page lists it, unless it is required
};

// The flags that several commands share.
Flag DatabaseFlag();
Flag ThreadsFlag(std::string_view help);
Flag IndexMemoryFlag();
Flag SetFlag();
Flag QuietFlag();
Flag FeaturesFlag(std::string_view help);
/// `choices` as "text|jsonl"; the first one is the default.
Flag FormatFlag(std::string_view choices);
Flag WhereFlag(std::string_view help);

/// `flags`, followed by those that say how a catalogue's table is read (cli/catalogue.h).
std::vector<Flag> WithTableFlags(std::vector<Flag> flags);

}  // namespace inlier::cli
