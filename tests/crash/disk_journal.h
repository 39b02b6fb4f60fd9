#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace inlier::test {

/// One thing that happened to a name below a watched folder: create, rename, unlink, mkdir or
/// sync-folder. A sync-folder makes all earlier changes in that folder durable.
struct JournalLine {
  std::string what;
  std::string name;      // below the watched folder; "" is the folder itself
  std::string to;        // of a rename
  std::uint64_t id = 0;  // of a file, for as long as it lives
};

inline std::string ToText(const JournalLine& line) {
  return line.what + "\t" + line.name + "\t" + line.to + "\t" + std::to_string(line.id) + "\n";
}

/// The lines that were written completely; a torn last line is left out.
inline std::vector<JournalLine> ReadJournal(const std::string& path) {
  std::ifstream in(path);
  std::vector<JournalLine> lines;
  std::string text;
  while (std::getline(in, text) && !in.eof()) {
    JournalLine line;
    std::string* const fields[] = {&line.what, &line.name, &line.to};
    std::size_t at = 0;
    for (std::string* field : fields) {
      const std::size_t end = text.find('\t', at);
      *field = text.substr(at, end - at);
      at = end + 1;
    }
    line.id = std::stoull(text.substr(at));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace inlier::test
