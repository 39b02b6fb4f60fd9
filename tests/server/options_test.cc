#include "server/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier::server {
namespace {

using testing::HasSubstr;

TEST(ServerOptions, AreSetFromText) {
  ServerOptions options;
  ASSERT_TRUE(SetOption(options, "workers", "7"));
  ASSERT_TRUE(SetOption(options, "read_only", "yes"));
  ASSERT_TRUE(SetOption(options, "listen", "[::1]:80"));
  EXPECT_EQ(options.workers, 7);
  EXPECT_TRUE(options.read_only);
  EXPECT_TRUE(Validate(options));
  EXPECT_FALSE(SetOption(options, "workers", "7 "));
  EXPECT_FALSE(SetOption(options, "workers", ""));
  EXPECT_FALSE(SetOption(options, "read_only", "maybe"));
  EXPECT_FALSE(SetOption(options, "worker", "7"));
}

TEST(ServerOptions, TheDefaultsAreValid) { EXPECT_TRUE(Validate(ServerOptions{})); }

TEST(ServerOptions, OutsideItsRangeAFieldIsNamed) {
  ServerOptions options;
  options.io_threads = 0;
  EXPECT_THAT(Validate(options).error().message, HasSubstr("io_threads"));
}

TEST(ServerOptions, OtherMachinesNeedKeys) {
  ServerOptions options;
  for (const char* open : {"0.0.0.0:80", "192.168.1.2:80", "[::]:80"}) {
    options.listen = open;
    EXPECT_THAT(Validate(options).error().message, HasSubstr("keys_file")) << open;
  }
  options.allow_without_keys = true;
  EXPECT_TRUE(Validate(options));
}

TEST(ServerOptions, AddressesHaveAPort) {
  EXPECT_EQ(ParseEndpoint("localhost:8080")->address, "127.0.0.1");
  EXPECT_EQ(ParseEndpoint("[::1]:0")->address, "::1");
  for (const char* bad : {"", "8080", ":8080", "a:", "a:99999", "::1:80", "[::1]", "a:-1"})
    EXPECT_FALSE(ParseEndpoint(bad)) << bad;
}

TEST(ServerOptions, ANameThatBeginsLikeThisMachineIsAnother) {
  for (const char* own : {"127.0.0.1", "127.8.9.10", "localhost", "::1"})
    EXPECT_TRUE(IsLoopback(own)) << own;
  for (const char* other : {"127.evil.example", "127.0.0.1.evil.example", "127.", "128.0.0.1", ""})
    EXPECT_FALSE(IsLoopback(other)) << other;
}

TEST(ServerOptions, ListsAreSplit) {
  EXPECT_THAT(SplitList(" a, b ,,c"), testing::ElementsAre("a", "b", "c"));
  EXPECT_TRUE(SplitList(" , ").empty());
}

}  // namespace
}  // namespace inlier::server
