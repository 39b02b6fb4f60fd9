#include "core/options.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier {
namespace {

struct Oven {
  int heat = 200;
  double salt = 0.5;
  std::string name = "bread";

  static void Visit(auto& self, auto&& visit) {
    visit(Field{"heat", "degrees", 30, 300}, self.heat);
    visit(Field{"salt", "share", 0, 1}, self.salt);
    visit(Field{"name", "what it makes"}, self.name);
  }
};

TEST(ValidateFields, RangesIncludeTheirEnds) {
  EXPECT_TRUE(ValidateFields(Oven{}, "oven"));
  EXPECT_TRUE(ValidateFields(Oven{.heat = 30, .salt = 1}, "oven"));
}

TEST(ValidateFields, NamesFieldAndRange) {
  const Status status = ValidateFields(Oven{.heat = 301}, "oven");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().message, "oven.heat is 301, outside 30 to 300");
}

TEST(ValidateFields, NotANumberIsOutside) {
  EXPECT_FALSE(ValidateFields(Oven{.salt = std::numeric_limits<double>::quiet_NaN()}, "oven"));
}

TEST(NumberText, WritesNumbersAsAPersonDoes) {
  EXPECT_EQ(NumberText(800), "800");
  EXPECT_EQ(NumberText(0.01), "0.01");
  EXPECT_EQ(NumberText(100'000), "100000");
  EXPECT_EQ(NumberText(20'000'000), "20000000");
}

}  // namespace
}  // namespace inlier
