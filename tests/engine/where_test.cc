// The language of conditions: what each text means, and what is refused with which words.
#include "engine/where.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier {
namespace {

using testing::AllOf;
using testing::HasSubstr;

bool Passes(const std::string& text, const std::string& value) {
  const auto condition = ParseCondition("column", text);
  EXPECT_TRUE(condition) << text << ": " << condition.error().message;
  return condition && Holds(*condition, {{"other", "x"}, {"column", value}});
}

TEST(Where, AValueHasToBeEqual) {
  EXPECT_TRUE(Passes("tea", "tea"));
  EXPECT_TRUE(Passes("", ""));
  EXPECT_TRUE(Passes("1.5", "1.5"));
  EXPECT_TRUE(Passes("a.b", "a.b"));
  for (const std::string other : {"Tea", "tea ", "te", "teas", ""}) {
    EXPECT_FALSE(Passes("tea", other)) << other;
  }
  EXPECT_FALSE(Passes("10", "10.0"));
  EXPECT_FALSE(Holds(*ParseCondition("missing", ""), {{"column", ""}}));
}

TEST(Where, ABarSeparatesValues) {
  for (const std::string value : {"a", "b c", ""}) EXPECT_TRUE(Passes("a|b c|", value)) << value;
  EXPECT_FALSE(Passes("a|b c|", "a|b c|"));
  EXPECT_FALSE(Passes("a|b", ""));
  EXPECT_TRUE(Passes("Zeta|Ac*|10..20", "Acme"));
  EXPECT_TRUE(Passes("Zeta|Ac*|10..20", "12"));
  EXPECT_FALSE(Passes("Zeta|Ac*|10..20", "Zet"));
}

TEST(Where, AStarAtTheEndStandsForAnyContinuation) {
  EXPECT_TRUE(Passes("Ac*", "Acme"));
  EXPECT_TRUE(Passes("Ac*", "Ac"));
  EXPECT_FALSE(Passes("Ac*", "acme"));
  EXPECT_FALSE(Passes("Ac*", "A"));
  EXPECT_TRUE(Passes("*", ""));
  EXPECT_TRUE(Passes("*", "anything"));
}

TEST(Where, RangesIncludeTheirEnds) {
  for (const std::string inside : {"10", "20", "10.0", "15.5", "1e1", "12,50", "15.00 USD"}) {
    EXPECT_TRUE(Passes("10..20", inside)) << inside;
  }
  for (const std::string outside : {"9.99", "20.01", "-15", "", "ten", "15 pieces", "1,500"}) {
    EXPECT_FALSE(Passes("10..20", outside)) << outside;
  }
  EXPECT_TRUE(Passes("10..", "1e9"));
  EXPECT_FALSE(Passes("10..", "9"));
  EXPECT_TRUE(Passes("..-2.5", "-1e9"));
  EXPECT_FALSE(Passes("..-2.5", "-2"));
  EXPECT_TRUE(Passes("7..7", "7.0"));
}

TEST(Where, ABackslashTakesTheMeaningAway) {
  EXPECT_TRUE(Passes("a\\|b", "a|b"));
  EXPECT_FALSE(Passes("a\\|b", "a"));
  EXPECT_TRUE(Passes("5\\*", "5*"));
  EXPECT_FALSE(Passes("5\\*", "50"));
  EXPECT_TRUE(Passes("5\\**", "5* rating"));
  EXPECT_TRUE(Passes("and so on\\..", "and so on.."));
  EXPECT_TRUE(Passes("10.\\.20", "10..20"));
  EXPECT_TRUE(Passes("a\\\\|b", "a\\"));
  EXPECT_TRUE(Passes("C:\\new\\", "C:\\new\\"));  // others are what they are
}

TEST(Where, WhatMakesNoSenseIsNamed) {
  const auto message = [](const std::string& text) {
    const auto condition = ParseCondition("price", text);
    EXPECT_FALSE(condition) << text;
    if (condition) return std::string();
    EXPECT_EQ(condition.error().code, ErrorCode::kInvalidArgument);
    return condition.error().message;
  };
  EXPECT_EQ(message("20..10"),
            "price=20..10: the range '20..10' goes from the larger to the smaller number");
  EXPECT_THAT(message("1..x"), AllOf(HasSubstr("price=1..x"), HasSubstr("'x' where a number")));
  EXPECT_THAT(message("a..b"), HasSubstr("write \\.. for two dots"));
  EXPECT_THAT(message("1..2..3"), HasSubstr("'2..3' where a number belongs"));
  EXPECT_THAT(message(".."), HasSubstr("no number on either side"));
  EXPECT_THAT(message("5|a*b"), HasSubstr("'a*b' has a '*' that is not at the end"));
  EXPECT_THAT(message("**"), HasSubstr("not at the end"));
  const std::string longest(kMaxPrefix_bytes, 'x');
  EXPECT_TRUE(ParseCondition("price", longest + '*'));
  EXPECT_THAT(message(longest + "x*"), HasSubstr("may have 256 bytes"));
}

TEST(Where, AnUnknownFieldComesWithTheNamesThereAre) {
  std::vector<std::string> names{"brand", "category"};
  EXPECT_EQ(UnknownField("categry", names).message,
            "no item has a field 'categry'; there is 'category'");
  EXPECT_EQ(UnknownField("weight", names).message,
            "no item has a field 'weight'; there are 'brand', 'category'");
  for (int i = 0; i < 20; ++i) names.push_back(fmt::format("a column number {}", i));
  const std::string many = UnknownField("weight", names).message;
  EXPECT_THAT(many, AllOf(HasSubstr("'a column number 7' and others"),
                          testing::Not(HasSubstr("number 8'"))));
}

}  // namespace
}  // namespace inlier
