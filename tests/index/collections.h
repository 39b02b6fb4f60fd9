#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/blob.h"
#include "index/collection.h"
#include "tests/index/made_items.h"

namespace inlier::test {

/// Opens a database and expects that this succeeds.
inline std::unique_ptr<Collection> OpenCollection(const std::filesystem::path& folder,
                                                  Collection::OpenOptions options) {
  if (options.recipe.empty()) options.recipe = "test";
  auto opened = Collection::Open(folder, std::move(options));
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

inline std::unique_ptr<Collection> OpenForWriting(const std::filesystem::path& folder,
                                                  int threads = 1) {
  return OpenCollection(folder, {.mode = OpenMode::kCreate, .threads = threads});
}

/// Returns the index files of a database and their sizes.
inline std::map<std::string, std::uint64_t> IndexFiles(const std::filesystem::path& folder) {
  std::map<std::string, std::uint64_t> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".inlier") != std::string::npos) files[name] = entry.file_size();
  }
  return files;
}

/// Flips a bit in every `stride`th byte of the first half of a file.
inline void Damage(const std::filesystem::path& path, std::uint64_t stride) {
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uint64_t at = 0; at < std::filesystem::file_size(path) / 2; at += stride) {
    stream.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(byte);
  }
  EXPECT_TRUE(stream.good());
}

/// The id of the first item that has a face; empty when there is none.
inline std::string IdOf(const Collection& collection, FaceNumber number) {
  const auto face = collection.Face(number);
  if (!face || !*face) return "";
  const auto item = collection.Record((*face)->owners.front());
  return item && *item ? (*item)->id : "";
}

/// Searches with photos of some of the first `items` made items and returns a hash of the answers:
/// the items, the votes to the last bit, and the pairs. Each photo's own item must come first.
inline std::string Answers(const Collection& collection, unsigned items) {
  std::string text;
  for (unsigned i = 0; i < items; i += 1 + items / 9) {
    const auto found = collection.Search(MakePhoto(MakeItem(i), 10, i), 10, {});
    EXPECT_TRUE(found) << found.error().message;
    if (!found || found->empty()) return "no answer";
    EXPECT_EQ(IdOf(collection, found->front().number), MakeItem(i).id);
    for (const Candidate& candidate : *found) {
      const auto& votes = candidate.votes;
      text += std::to_string(candidate.number) + ":";
      text.append(reinterpret_cast<const char*>(&votes), sizeof(votes));
      for (const VotingPair& pair : candidate.pairs) {
        for (const int value : {int{pair.photo}, int{pair.face}, int{pair.distance_bits}})
          text += std::to_string(value) + ' ';
      }
      text += "\n";
    }
  }
  return ContentHash({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace inlier::test
