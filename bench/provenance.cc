#include "bench/provenance.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/blob.h"
#include "core/parallel.h"

namespace inlier {

std::string Machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(std::min(line.find(':') + 2, line.size()));
      break;
    }
  }
  return fmt::format("{}, {} processors", model, HardwareThreads());
}

std::string Today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

std::string DataHash(const Gallery& gallery, int threads,
                     const std::function<void(const Progress&)>& progress) {
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  for (const CatalogueEntry& entry : gallery.catalogue.entries)
    files.emplace_back(entry.id, entry.images.front());
  for (const BenchPhoto& photo : gallery.photos) {
    files.emplace_back(fmt::format("{} {} {}", photo.dataset, fmt::join(photo.truth.relevant, " "),
                                   fmt::join(photo.truth.junk, " ")),
                       photo.image);
  }
  std::vector<std::string> hashes(files.size());
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(files.size(), threads, [&](std::size_t i) {
    const auto bytes = ReadFileBytes(files[i].second, DecodeLimits{}.max_file_bytes);
    // A file that cannot be read is reported later, when it is indexed or asked about.
    hashes[i] = files[i].first + " " + (bytes ? ContentHash(*bytes) : "unreadable") + "\n";
    std::lock_guard lock(mutex);
    if (progress) progress({"reading the data", ++done, files.size()});
  });
  std::string all;
  for (const std::string& hash : hashes) all += hash;
  return fmt::format("{:016x}", Hash64(all));
}

}  // namespace inlier
