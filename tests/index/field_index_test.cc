// The index of fields against the slow way, which looks at the metadata of every item.
#include "index/field_index.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/field_check.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// An index of fields of its own, and what it should hold.
class FieldIndexTest : public testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, (folder_ / "db").string(), &opened).ok());
    db_.reset(opened);
    ASSERT_TRUE(db_->CreateColumnFamily({}, "fields", &family_).ok());
  }
  void TearDown() override {
    if (family_ != nullptr) db_->DestroyColumnFamilyHandle(family_);
  }

  // Adds an item, or gives it other metadata, or takes it away when there is none.
  void Set(ItemNumber number, const Metadata& metadata) {
    rocksdb::WriteBatch batch;
    if (items_.contains(number)) StageFieldRemoval(batch, family_, number, items_.at(number));
    if (!metadata.empty()) StageFields(batch, family_, number, Faces(number), metadata);
    ASSERT_TRUE(db_->Write({}, &batch).ok());
    items_.erase(number);
    if (!metadata.empty()) items_[number] = metadata;
  }
  static std::vector<std::uint32_t> Faces(ItemNumber number) {
    return std::vector<std::uint32_t>(number % 3, number + 1'000'000);
  }

  std::set<ItemNumber> Where(const std::vector<Condition>& conditions) {
    std::set<ItemNumber> found;
    const Status status = VisitWhere(
        *db_, family_, conditions, [&](ItemNumber number, std::span<const std::uint32_t> faces) {
          EXPECT_TRUE(found.insert(number).second) << "visited twice: " << number;
          EXPECT_TRUE(std::ranges::equal(faces, Faces(number))) << number;
        });
    EXPECT_TRUE(status) << status.error().message;
    return found;
  }
  std::set<ItemNumber> WhereByLooking(const std::vector<Condition>& conditions) const {
    std::set<ItemNumber> found;
    for (const auto& [number, metadata] : items_) {
      if (HoldAll(conditions, metadata)) found.insert(number);
    }
    return found;
  }

  test::TempFolder folder_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* family_ = nullptr;
  std::map<ItemNumber, Metadata> items_;
};

std::string RandomOf(std::mt19937& random, const std::vector<std::string>& texts) {
  return texts[std::uniform_int_distribution<std::size_t>(0, texts.size() - 1)(random)];
}

// Columns and values that are easy to mix up once they are bytes of one key.
const std::vector<std::string> kColumns = {
    "a", "ab",  std::string("a\0", 2), std::string("a\0\1t", 4), std::string("a\0\xff", 3),
    "",  "\xff"};

std::string RandomValue(std::mt19937& random) {
  const std::string more(300, 'x');
  const std::vector<std::string> texts = {"",
                                          "a",
                                          "b",
                                          "ab",
                                          "t",
                                          "n",
                                          std::string("\0", 1),
                                          "\xff",
                                          "-1",
                                          "-0",
                                          "0",
                                          "0.0",
                                          "1e3",
                                          std::string("a\0", 2),
                                          "1000",
                                          "12,5",
                                          "12.50",
                                          "nan",
                                          "-inf",
                                          "1e-300",
                                          std::string("a\0\1", 3),
                                          more,
                                          "-1e9",
                                          "7 EUR",
                                          "7.01",
                                          "+3",
                                          "0x10",
                                          more + "y",
                                          more + "z",
                                          std::string(255, 'x'),
                                          std::string(256, 'x'),
                                          std::string(257, 'x')};
  if (random() % 4 == 0)
    return fmt::format("{}", std::uniform_real_distribution(-2e3, 2e3)(random));
  return RandomOf(random, texts);
}

Condition RandomCondition(std::mt19937& random) {
  Condition condition{.column = RandomOf(random, kColumns)};
  for (auto more = random() % 3 + 1; more > 0; --more) {
    const std::string value = RandomValue(random);
    switch (random() % 3) {
      case 0:
        condition.values.push_back(value);
        break;
      case 1:
        condition.prefixes.push_back(value.substr(0, random() % (kMaxPrefix_bytes + 1)));
        break;
      default: {
        NumberRange range;
        if (random() % 4 != 0) range.least = NumberIn(value).value_or(-5);
        if (random() % 4 != 0)
          range.most =
              std::isfinite(range.least) ? range.least + 100 * static_cast<int>(random() % 9) : 40;
        condition.ranges.push_back(range);
      }
    }
  }
  return condition;
}

TEST_F(FieldIndexTest, FindsWhatLookingAtEveryItemFinds) {
  std::mt19937 random(16);
  std::size_t found = 0;
  for (int round = 0; round < 4; ++round) {
    for (int change = 0; change < 150; ++change) {
      Metadata metadata;
      for (auto columns = random() % 5; columns > 0; --columns)
        metadata.emplace_back(RandomOf(random, kColumns), RandomValue(random));
      Set(static_cast<ItemNumber>(random() % 200 * (random() % 9 == 0 ? 5'000 : 1)), metadata);
    }
    for (int question = 0; question < 500; ++question) {
      std::vector<Condition> conditions;
      for (auto more = random() % 3 + 1; more > 0; --more)
        conditions.push_back(RandomCondition(random));
      const auto expected = WhereByLooking(conditions);
      ASSERT_EQ(Where(conditions), expected) << "round " << round << ", question " << question;
      found += expected.size();
    }
    std::set<std::string> names;
    for (const auto& [number, metadata] : items_) {
      for (const auto& [column, value] : metadata) names.insert(column);
    }
    for (const std::string& column : kColumns)
      EXPECT_EQ(HasField(*db_, family_, column).value(), names.contains(column));
    const auto listed = FieldNames(*db_, family_, 100);
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(std::set<std::string>(listed->begin(), listed->end()), names);
    EXPECT_EQ(listed->size(), names.size());
  }
  EXPECT_GT(found, 5'000u);  // or the questions were empty
}

Condition Price(NumberRange range) { return {.column = "price", .ranges = {range}}; }

TEST_F(FieldIndexTest, NumbersAreInTheirOrder) {
  const std::vector<std::string> ordered = {"-1.7e308", "-2000.5", "-2000", "-1",   "-1e-300",
                                            "0",        "4e-310",  "1e-9",  "0.5",  "1",
                                            "9",        "10",      "1e2",   "1e300"};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    Set(static_cast<ItemNumber>(i), {{"price", ordered[i]}});
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const double number = NumberIn(ordered[i]).value();
    EXPECT_EQ(Where({Price({.least = number})}).size(), ordered.size() - i);
    EXPECT_EQ(Where({Price({.most = number})}).size(), i + 1);
    EXPECT_EQ(Where({Price({number, number})}).size(), 1u);
  }
  EXPECT_EQ(Where({Price({})}).size(), ordered.size());
}

TEST_F(FieldIndexTest, AnEmptyIndexHasNoFields) {
  EXPECT_FALSE(HasField(*db_, family_, "category").value());
  EXPECT_THAT(FieldNames(*db_, family_, 10).value(), ElementsAre());
  EXPECT_TRUE(Where({{.column = "category", .prefixes = {""}}}).empty());
}

TEST_F(FieldIndexTest, ListsAtMostSoManyNames) {
  for (ItemNumber i = 0; i < 100; ++i) Set(i, {{fmt::format("column {:03}", i), "x"}});
  EXPECT_THAT(FieldNames(*db_, family_, 2).value(), ElementsAre("column 000", "column 001"));
  EXPECT_EQ(FieldNames(*db_, family_, 1000)->size(), 100u);
}

// A flipped bit, a value that was put under another key, and a key that is none.
TEST_F(FieldIndexTest, DamageIsAnError) {
  Set(7, {{"brand", "Acme"}});
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, family_));
  it->SeekToFirst();
  const std::string key = it->key().ToString(), value = it->value().ToString();
  const std::vector<Condition> acme{{.column = "brand", .values = {"Acme"}}};
  const auto visit = [](ItemNumber, std::span<const std::uint32_t>) {};
  const auto expect_corrupt = [&] {
    const Status status = VisitWhere(*db_, family_, acme, visit);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kCorrupt) << status.error().message;
  };
  std::string flipped = value;
  flipped.back() ^= 4;
  ASSERT_TRUE(db_->Put({}, family_, key, flipped).ok());
  expect_corrupt();
  ASSERT_TRUE(db_->Put({}, family_, key, value).ok());
  std::string other = key;
  other.back() ^= 1;
  ASSERT_TRUE(db_->Put({}, family_, other, value).ok());
  expect_corrupt();
  ASSERT_TRUE(db_->Put({}, family_, "nothing like it", value).ok());
  const auto names = FieldNames(*db_, family_, 10);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(names.error().message, HasSubstr("index of fields"));
}

TEST_F(FieldIndexTest, ACheckComparesItWithTheItems) {
  for (ItemNumber i = 0; i < 10; ++i)
    Set(i, {{"brand", "Acme"}, {"brand", "Acme"}, {"price", "12"}, {"", std::string(300, 'x')}});
  const auto problems = [this] {
    std::vector<std::string> found;
    FieldCheck check(*db_, family_, [&](const std::string& problem) { found.push_back(problem); });
    for (const auto& [number, metadata] : items_)
      EXPECT_TRUE(check.Item(number, Faces(number), metadata));
    EXPECT_TRUE(check.Finish());
    return found;
  };
  EXPECT_THAT(problems(), ElementsAre());
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, family_));
  it->SeekToLast();
  ASSERT_TRUE(db_->Put({}, family_, it->key(), "damaged").ok());
  it->SeekToFirst();
  ASSERT_TRUE(db_->Delete({}, family_, it->key()).ok());
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("item number 0: 1 of its 4 entries"),
                                      HasSubstr("item number 9: 1 of its 4 entries")));
  items_.erase(0);
  items_.erase(9);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("7 entries of items that are not there")));
}

TEST(NumberIn, TakesWhatTablesCallANumber) {
  const std::vector<std::pair<std::string, double>> numbers = {
      {"0", 0},         {"12", 12},         {"12.50", 12.5},  {"12,50", 12.5},
      {"0,5", 0.5},     {"-3", -3},         {"1e3", 1000},    {"15.00 USD", 15},
      {"7,9 EUR", 7.9}, {"1,2345", 1.2345}, {"-0,25", -0.25}, {".5", 0.5}};
  for (const auto& [text, number] : numbers) {
    ASSERT_TRUE(NumberIn(text)) << text;
    EXPECT_DOUBLE_EQ(*NumberIn(text), number) << text;
  }
  for (const std::string text :
       {"",        " ",   "1,250", "1,250.00", "1.250,00", "12 ",   " 12",   "12 usd",
        "12 EURO", "USD", " USD",  "inf",      "nan",      "-inf",  "1e999", "0x10",
        "+1",      "1,",  ",5",    "12-13",    "1..2",     "twelve"}) {
    EXPECT_FALSE(NumberIn(text)) << text;
  }
  EXPECT_FALSE(NumberIn("1" + std::string(100, '0')));
}

}  // namespace
}  // namespace inlier
