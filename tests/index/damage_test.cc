// Applies every kind of damage to every kind of file. The result must be a clear error, or a
// database that reports what is wrong with it and answers correctly; never a crash or a wrong
// answer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kItems = 45;
constexpr std::size_t kMaxFiles = 7;  // files of one kind: one for each column family

// A kind of file, known by how its name begins or ends.
struct Kind {
  std::string name, beginning, ending;
  /// The file contains no data of Inlier, or none that is needed while the other files are intact.
  bool unnoticed = false;
};
const Kind kKinds[] = {{"Table", "", ".sst"},
                       {"Log", "", ".log"},
                       {"Manifest", "MANIFEST-", ""},
                       {"Current", "CURRENT", ""},
                       {"Head", "index-", ""},
                       {"Lists", "lists-", ""},
                       {"Acknowledged", "ACKNOWLEDGED", "", true},
                       {"Options", "OPTIONS-", "", true},
                       {"Identity", "IDENTITY", "", true},
                       {"Lock", "LOCK", "", true}};

class DamageToTest : public testing::TestWithParam<Kind> {
 protected:
  // Makes two checkpoints, and later changes that only the log contains.
  void SetUp() override {
    const auto writer = test::OpenForWriting(folder_ / "whole");
    ASSERT_TRUE(writer->Put(test::MakeItems(0, 34)) && writer->Checkpoint());
    ASSERT_TRUE(writer->Put(test::MakeItems(34, 40)) && writer->Checkpoint());
    ASSERT_TRUE(writer->Put(test::MakeItems(40, kItems)));
    fs::copy(folder_ / "whole", folder_ / "db",
             fs::copy_options::recursive);  // as after a crash
    fs::remove_all(folder_ / "whole");
    fs::rename(folder_ / "db", folder_ / "whole");
  }

  std::vector<std::string> FilesOfKind() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / "whole")) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(GetParam().beginning) && name.ends_with(GetParam().ending))
        names.push_back(name);
    }
    std::ranges::sort(names);
    if (names.size() > kMaxFiles) names.resize(kMaxFiles);
    return names;
  }

  // Damages a copy of the database with `damage(path)` and checks how it behaves afterwards.
  template <class Damage>
  void Try(const std::string& file, const Damage& damage) {
    fs::remove_all(folder_ / "db");
    fs::copy(folder_ / "whole", folder_ / "db", fs::copy_options::recursive);
    damage(folder_ / "db" / file);
    bool found = Look(OpenMode::kRead);
    found = Look(OpenMode::kWrite) || found;
    EXPECT_TRUE(found || GetParam().unnoticed) << file << ": nobody noticed";
  }

  // Returns true when the damage was noticed.
  bool Look(OpenMode mode) {
    bool noticed = false;
    const auto opened = Collection::Open(
        folder_ / "db", {.mode = mode, .memory_bytes = 0, .notice = [&](const std::string& line) {
                           EXPECT_EQ(line.find('\n'), std::string::npos);
                           noticed = true;
                         }});
    if (!opened) {
      EXPECT_FALSE(opened.error().message.empty());
      EXPECT_EQ(opened.error().message.find('\n'), std::string::npos);
      return true;
    }
    const auto before = (*opened)->Check();
    noticed |= !before || !before->problems.empty();
    ExpectNoWrongAnswer(**opened);
    const bool of_index = GetParam().name == "Head" || GetParam().name == "Lists";
    if (mode != OpenMode::kWrite || !of_index) return noticed;
    EXPECT_TRUE((*opened)->Rebuild());
    EXPECT_THAT((*opened)->Check()->problems, testing::IsEmpty());
    // Everything that the store still contains is there again.
    ExpectNoWrongAnswer(**opened);
    return noticed;
  }

  static void ExpectNoWrongAnswer(const Collection& collection) {
    for (unsigned i = 0; i < kItems; i += 3) {
      const auto found = collection.Search(test::MakePhoto(test::MakeItem(i), 8, i), 1, {});
      const auto own = collection.NumberOf("item-" + std::to_string(i));
      if (!found || !own) continue;  // a clear error is fine
      ASSERT_FALSE(found->empty());
      if (!found->front().pairs.empty()) {
        EXPECT_EQ(found->front().number, *own);
      }
      const std::vector<FaceNumber> numbers{*own};
      auto keypoints = collection.FetchKeypoints(numbers);
      if (!keypoints || keypoints->empty()) continue;
      const auto stored = collection.FetchDescriptors(std::move(*keypoints));
      if (!stored) continue;
      EXPECT_TRUE(stored->front()->features.descriptors ==
                  test::AsStored(test::FeaturesOf(test::MakeItem(i))).descriptors);
    }
  }

  test::TempFolder folder_;
};

TEST_P(DamageToTest, AFlippedByte) {
  for (const std::string& file : FilesOfKind()) {
    const auto size = fs::file_size(folder_ / "whole" / file);
    for (const double at : {0.1, 0.97}) {
      if (size == 0) continue;
      Try(file, [&](const fs::path& path) {
        std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto place = static_cast<std::streamoff>(at * static_cast<double>(size));
        stream.seekg(place);
        const char byte = static_cast<char>(stream.get() ^ 4);
        stream.seekp(place);
        stream.put(byte);
      });
    }
    if (HasFailure()) break;
  }
}

TEST_P(DamageToTest, ATruncatedFile) {
  for (const std::string& file : FilesOfKind()) {
    for (const unsigned part : {0u, 2u}) {
      Try(file, [&](const fs::path& path) {
        fs::resize_file(path, part == 0 ? 0 : fs::file_size(path) / part);
      });
    }
  }
}

TEST_P(DamageToTest, AMissingFile) {
  for (const std::string& file : FilesOfKind())
    Try(file, [](const fs::path& path) { fs::remove(path); });
}

INSTANTIATE_TEST_SUITE_P(Every, DamageToTest, testing::ValuesIn(kKinds),
                         [](const auto& tested) { return tested.param.name; });

TEST(DamageToTheLog, IsSaidUntilTheNextChange) {
  const test::TempFolder folder;
  {
    const auto writer = test::OpenForWriting(folder / "whole");
    ASSERT_TRUE(writer->Put(test::MakeItems(0, 3)) && writer->Checkpoint());
    ASSERT_TRUE(writer->Put(test::MakeItems(3, 4)));
    ASSERT_TRUE(writer->Put({{.id = "item-0",
                              .metadata = Metadata{{"the last", "write"}},
                              .pictures = {},
                              .others = ItemUpdate::Others::kFollow}}));
    fs::copy(folder / "whole", folder / "db", fs::copy_options::recursive);  // as after a crash
  }
  for (const auto& entry : fs::directory_iterator(folder / "db")) {
    // Nothing follows the last record, so damage at its end looks like a torn write.
    if (entry.path().extension() == ".log") fs::resize_file(entry.path(), entry.file_size() - 1);
  }
  std::vector<std::string> lines;
  const auto open = [&](OpenMode mode) {
    lines.clear();
    return *Collection::Open(folder / "db", {.mode = mode, .notice = [&](const std::string& line) {
                                               lines.push_back(line);
                                             }});
  };
  const auto missing = testing::HasSubstr("changes that were acknowledged are missing");
  EXPECT_THAT(open(OpenMode::kRead)->Check()->problems, testing::ElementsAre(missing));
  EXPECT_THAT(lines, testing::ElementsAre(missing));
  {
    const auto writer = open(OpenMode::kWrite);
    EXPECT_THAT(lines, testing::ElementsAre(missing));
    EXPECT_THAT(writer->Check()->problems, testing::ElementsAre(missing));
    // The database shows an earlier state, and that state is intact.
    EXPECT_TRUE(*writer->Find("item-3"));
    EXPECT_EQ((*writer->Find("item-0"))->metadata.front().first, "parity");
    ASSERT_TRUE(writer->Put(test::MakeItems(4, 5)));
    EXPECT_THAT(writer->Check()->problems, testing::IsEmpty());
  }
  open(OpenMode::kRead);
  EXPECT_THAT(lines, testing::IsEmpty());
}

TEST(TwoWriters, TheSecondIsToldAndTheFirstGoesOn) {
  const test::TempFolder folder;
  const auto first = test::OpenForWriting(folder / "db");
  ASSERT_TRUE(first->Put(test::MakeItems(0, 3)));
  const auto second = Collection::Open(folder / "db", {.mode = OpenMode::kWrite});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_THAT(second.error().message, testing::HasSubstr("another process is writing"));
  EXPECT_TRUE(first->Put(test::MakeItems(3, 6)));
  EXPECT_EQ(first->Stats()->items, 6u);
}

// A file shrinks while it is mapped, so that a page is missing when it is read.
TEST(MappedLists, AFileThatShrinksIsAnErrorOfTheSearch) {
  const test::TempFolder folder;
  {
    const auto writer = test::OpenForWriting(folder / "db");
    ASSERT_TRUE(writer->Put(test::MakeItems(0, 40)) && writer->Checkpoint());
  }
  const auto reader = test::OpenCollection(folder / "db", {.memory_bytes = 0});
  fs::resize_file(folder / "db/lists-00000001.inlier", 0);
  const auto found = reader->Search(test::MakePhoto(test::MakeItem(3), 8, 1), 1, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIo);
  EXPECT_THAT(found.error().message, testing::HasSubstr("lists-00000001.inlier"));
}

}  // namespace
}  // namespace inlier
