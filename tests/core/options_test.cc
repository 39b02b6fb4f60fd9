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

  template <class Visitor>
  void Visit(Visitor&& visit) {
    visit(Field{"heat", "degrees", 30, 300}, heat);
    visit(Field{"salt", "share", 0, 1}, salt);
    visit(Field{"name", "what it makes"}, name);
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

TEST(Trim, WritesNumbersAsAPersonDoes) {
  EXPECT_EQ(Trim(800), "800");
  EXPECT_EQ(Trim(0.01), "0.01");
  EXPECT_EQ(Trim(100'000), "100000");
  EXPECT_EQ(Trim(20'000'000), "20000000");
}

}  // namespace
}  // namespace inlier
