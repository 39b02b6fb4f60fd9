#include "core/blob.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

enum class Colour : std::uint8_t { kRed = 1, kBlue = 7 };

std::string Sealed(std::uint16_t version = 1) {
  BlobWriter writer;
  writer.Put<std::int32_t>(-5);
  writer.Put(2.5);
  writer.Put(Colour::kBlue);
  writer.PutString("naïve");
  writer.PutArray(std::span<const std::uint16_t>(std::vector<std::uint16_t>{3, 1, 2}));
  return writer.Seal("TEST", version);
}

ErrorCode OpenError(std::string_view bytes, std::uint16_t newest = 1) {
  const auto reader = BlobReader::Open(bytes, "TEST", newest, "a blob");
  EXPECT_FALSE(reader.has_value());
  return reader ? ErrorCode::kCancelled : reader.error().code;
}

TEST(Blob, ReadsWhatWasWritten) {
  const std::string bytes = Sealed(3);
  auto reader = BlobReader::Open(bytes, "TEST", 4, "a blob");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->version(), 3);
  EXPECT_EQ(reader->Get<std::int32_t>(), -5);
  EXPECT_EQ(reader->Get<double>(), 2.5);
  EXPECT_EQ(reader->Get<Colour>(), Colour::kBlue);
  EXPECT_EQ(reader->GetString(), "naïve");
  EXPECT_FALSE(reader->Complete());
  EXPECT_THAT(reader->GetArray<std::uint16_t>(), ElementsAre(3, 1, 2));
  EXPECT_TRUE(reader->Complete());
}

TEST(Blob, EmptyStringsAndArrays) {
  BlobWriter writer;
  writer.PutString("");
  writer.PutArray(std::span<const float>());
  const std::string bytes = writer.Seal("TEST", 1);
  auto reader = BlobReader::Open(bytes, "TEST", 1, "a blob");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->GetString(), "");
  EXPECT_TRUE(reader->GetArray<float>().empty());
  EXPECT_TRUE(reader->Complete());
}

TEST(Blob, EveryFlippedBitIsFound) {
  const std::string bytes = Sealed();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(OpenError(damaged), ErrorCode::kCorrupt) << "bit " << bit;
  }
}

TEST(Blob, EveryCutIsFound) {
  const std::string bytes = Sealed();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(OpenError(std::string_view(bytes).substr(0, size)), ErrorCode::kCorrupt) << size;
  }
  EXPECT_EQ(OpenError(bytes + "x"), ErrorCode::kCorrupt);
}

TEST(Blob, ANewerVersionIsIncompatibleNotCorrupt) {
  EXPECT_EQ(OpenError(Sealed(2)), ErrorCode::kIncompatible);
}

TEST(Blob, AnotherMagicIsNamed) {
  const std::string bytes = Sealed();
  const auto reader = BlobReader::Open(bytes, "ELSE", 1, "the snapshot");
  ASSERT_FALSE(reader);
  EXPECT_THAT(reader.error().message, HasSubstr("the snapshot"));
  EXPECT_THAT(reader.error().message, HasSubstr("ELSE"));
}

TEST(Blob, ReadingPastTheEndStaysFailed) {
  BlobWriter writer;
  writer.Put<std::uint8_t>(1);
  const std::string bytes = writer.Seal("TEST", 1);
  auto reader = BlobReader::Open(bytes, "TEST", 1, "a blob");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->Get<std::uint64_t>(), 0u);
  EXPECT_FALSE(reader->ok());
  EXPECT_EQ(reader->Get<std::uint8_t>(), 0);
  EXPECT_FALSE(reader->Complete());
}

// Lengths that BlobWriter never writes, behind a checksum that is right.
TEST(Blob, HugeLengthsDoNotOverflow) {
  for (const std::uint64_t count :
       {std::uint64_t{5}, std::uint64_t{1} << 61, std::numeric_limits<std::uint64_t>::max()}) {
    BlobWriter writer;
    writer.Put(count);
    writer.Put<std::uint32_t>(9);
    const std::string bytes = writer.Seal("TEST", 1);
    auto array = BlobReader::Open(bytes, "TEST", 1, "a blob");
    ASSERT_TRUE(array);
    EXPECT_TRUE(array->GetArray<std::uint64_t>().empty());
    EXPECT_FALSE(array->ok());
  }
  BlobWriter writer;
  writer.Put(std::numeric_limits<std::uint32_t>::max());
  const std::string bytes = writer.Seal("TEST", 1);
  auto text = BlobReader::Open(bytes, "TEST", 1, "a blob");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->GetString(), "");
  EXPECT_FALSE(text->ok());
}

TEST(Hash, ContentHashIsStableAndHexadecimal) {
  // Databases store these hashes. If they came out differently, every image would count as changed.
  EXPECT_EQ(ContentHash({}), "99aa06d3014798d86001c324468d497f");
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  EXPECT_THAT(ContentHash(bytes), testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(ContentHash(bytes), ContentHash({}));
}

}  // namespace
}  // namespace inlier
