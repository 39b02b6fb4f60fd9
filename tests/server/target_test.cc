#include "server/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/routes.h"

namespace inlier::server {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Target, IsTakenApart) {
  const auto target = ParseTarget("/v1/items/a%2Fb%20c+d?where=a%3Db&x&y=1+2&&z=%2B");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_THAT(target->segments, ElementsAre("v1", "items", "a/b c+d"));
  EXPECT_THAT(target->parameters,
              ElementsAre(Pair("where", "a=b"), Pair("x", ""), Pair("y", "1 2"), Pair("z", "+")));
}

TEST(Target, BadOnesAreRefused) {
  for (const std::string& bad :
       {std::string(), std::string("x"), std::string("*"), std::string("http://a/b"),
        std::string("/%"), std::string("/%1"), std::string("/%g0"), std::string("/%00"),
        std::string("/a?%00"), std::string("/%C0%AF"), std::string("/%F5%80%80%80"),
        std::string("/%ED%A0%80"), std::string("/a/../b"), std::string("/%2e%2e/b"),
        std::string("/a#b"), "/?" + std::string(500, '&') + std::string("a&a&") + [] {
          std::string many;
          for (int i = 0; i < 200; ++i) many += "a=1&";
          return many;
        }()})
    EXPECT_FALSE(ParseTarget(bad)) << bad.substr(0, 60);
}

TEST(Target, EncodingIsUndone) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  all += "é🍵";
  EXPECT_EQ(*PercentDecoded(PercentEncoded(all), true), all);
}

TEST(Target, NumbersAndTruthsAreChecked) {
  const auto target = ParseTarget("/?n=7&bad=7x&big=99999999999&yes&no=0&what=maybe");
  EXPECT_EQ(*target->Number("n", 1, 0, 9), 7);
  EXPECT_EQ(*target->Number("absent", 1, 0, 9), 1);
  EXPECT_FALSE(target->Number("n", 1, 0, 6));
  EXPECT_FALSE(target->Number("bad", 1, 0, 9));
  EXPECT_FALSE(target->Number("big", 1, 0, 9));
  EXPECT_TRUE(*target->Truth("yes"));
  EXPECT_FALSE(*target->Truth("no"));
  EXPECT_FALSE(*target->Truth("absent"));
  EXPECT_FALSE(target->Truth("what"));
  EXPECT_EQ(*target->Unknown({"n", "bad", "big", "yes", "no"}), "what");
}

TEST(Routes, AreFoundByPathAndMethod) {
  const auto find = [](const char* method, const char* path) {
    return FindRoute(method, *ParseTarget(path));
  };
  EXPECT_THAT(find("GET", "/v1/items/a%2Fb/pictures/0").captured, ElementsAre("a/b", "0"));
  EXPECT_EQ(find("HEAD", "/livez").route, find("GET", "/livez").route);
  const Found wrong = find("DELETE", "/v1/query");
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allow, "POST, OPTIONS");
  EXPECT_EQ(find("GET", "/v1/items/a").allow, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  for (const char* nothing : {"//", "/v1", "/v1/", "/v1/items/", "/v1/items/a/", "/livez/x"})
    EXPECT_EQ(find("GET", nothing).allow, "") << nothing;
}

}  // namespace
}  // namespace inlier::server
