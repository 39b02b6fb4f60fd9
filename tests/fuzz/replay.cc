// Runs the fuzz targets without libFuzzer, on their seeds and on simple mutations of the seeds.
//   inlier_fuzz_replay [--mutations N] [TARGET…]
//   inlier_fuzz_replay --write-seeds DIR           writes DIR/TARGET/NUMBER
#include <algorithm>
#include <cstdio>
#include <random>

#include <fmt/format.h>

#include "tests/fuzz/targets.h"
#include "tests/support/files.h"

namespace inlier::test {
namespace {

std::span<const std::uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Flips a bit, overwrites a number, cuts the input, repeats a part of it, or joins two inputs.
std::string Mutate(std::string bytes, const std::string& other, std::mt19937& random) {
  for (std::size_t i = 0; i <= random() % 4; ++i) {
    const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 6) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, random() % 32));
        break;
      case 4:
        bytes.erase(at, random() % 32);
        break;
      default:
        // Extreme lengths and counts.
        for (std::size_t k = at; k < std::min(bytes.size(), at + 4); ++k)
          bytes[k] = static_cast<char>(random() % 2 == 0 ? 0xFF : 0);
        if (random() % 8 == 0)
          bytes = bytes.substr(0, at) + other.substr(std::min(at, other.size()));
    }
  }
  return bytes;
}

int Main(const std::vector<std::string>& words) {
  int mutations = 2000;
  std::string seeds_folder;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--mutations" && i + 1 < words.size())
      mutations = std::stoi(words[++i]);
    else if (words[i] == "--write-seeds" && i + 1 < words.size())
      seeds_folder = words[++i];
    else
      names.push_back(words[i]);
  }
  for (const FuzzTarget& target : FuzzTargets()) {
    if (!names.empty() && std::ranges::find(names, target.name) == names.end()) continue;
    const std::vector<std::string> seeds = target.seeds();
    std::mt19937 random(7);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      if (!seeds_folder.empty())
        WriteBytes(fmt::format("{}/{}/{}", seeds_folder, target.name, i), seeds[i]);
      else
        target.run(Bytes(seeds[i]));
    }
    if (!seeds_folder.empty()) continue;
    for (int i = 0; i < mutations; ++i) {
      target.run(
          Bytes(Mutate(seeds[random() % seeds.size()], seeds[random() % seeds.size()], random)));
    }
    fmt::print("{}: {} seeds, {} mutations\n", target.name, seeds.size(), mutations);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace inlier::test

int main(int argc, char** argv) { return inlier::test::Main({argv + 1, argv + argc}); }
