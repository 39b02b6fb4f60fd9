#include "server/multipart.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier::server {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=edge";

Result<std::vector<Part>> Parse(std::string_view body, std::string_view type = kType,
                                std::size_t most = 10) {
  return ParseMultipart(type, {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()},
                        most);
}

std::string_view Text(const Part& part) {
  return {reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size()};
}

constexpr std::string_view kHead = "--edge\r\nContent-Disposition: form-data; name=\"a\"";

TEST(Multipart, GivesTheParts) {
  const std::string body =
      "preamble\r\n--edge  \r\ncontent-disposition: form-data; filename=\"x;\\\"y\"; name=a\r\n"
      "Content-Type: image/png\r\n\r\n\r\n--edgy\r\n--edge\r\n"
      "Content-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--edge--\r\nepilogue";
  const auto parts = Parse(body);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].name, "a");
  EXPECT_EQ((*parts)[0].filename, "x;\"y");
  EXPECT_EQ((*parts)[0].content_type, "image/png");
  EXPECT_EQ(Text((*parts)[0]), "\r\n--edgy");
  EXPECT_EQ((*parts)[1].name, "b");
  EXPECT_EQ(Text((*parts)[1]), "");
}

TEST(Multipart, APartMayBeEmptyWithoutALineOfItsOwn) {
  const auto parts = Parse(fmt::format("{}\r\n\r\n--edge--", kHead));
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(Text(parts->at(0)), "");
}

TEST(Multipart, RefusesWhatIsNotWhole) {
  const std::string head(kHead);
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("--edge"), std::string("--edge\r\n"), head, head + "\r\n\r\n",
           head + "\r\n\r\nx", head + "\r\n\r\nx\r\n--edge", head + "\r\n\r\nx\r\n--edge-",
           head + "\r\n\r\nx\r\n--edgeX\r\n", "--edge\r\nno colon\r\n\r\nx\r\n--edge--",
           "--edge\r\nContent-Type: a/b\r\n\r\nx\r\n--edge--",
           head + "\r\nX: " + std::string(5000, 'x')})
    EXPECT_FALSE(Parse(bad)) << bad.substr(0, 80);
  EXPECT_FALSE(Parse(head + "\r\n\r\nx\r\n--edge--", "multipart/form-data"));
  EXPECT_FALSE(Parse(head + "\r\n\r\nx\r\n--edge--", "multipart/form-data; boundary="));
  EXPECT_FALSE(Parse(head + "\r\n\r\nx\r\n--edge--",
                     "multipart/form-data; boundary=" + std::string(71, 'e')));
}

TEST(Multipart, CountsItsParts) {
  const std::string two = fmt::format("{0}\r\n\r\n1\r\n{0}\r\n\r\n2\r\n--edge--", kHead);
  EXPECT_EQ(Parse(two)->size(), 2u);
  EXPECT_FALSE(Parse(two, kType, 1));
}

TEST(Multipart, ReadsParametersOfHeaders) {
  EXPECT_EQ(HeaderParameter("a/b; Boundary = \"x y\"; c=d", "boundary"), "x y");
  EXPECT_EQ(HeaderParameter("a/b; c=d; boundary=e", "boundary"), "e");
  EXPECT_EQ(HeaderParameter("a/b; c; boundary=e ;f", "boundary"), "e");
  EXPECT_EQ(HeaderParameter("a/b; boundary=\"e", "boundary"), "");
  EXPECT_EQ(HeaderParameter("boundary=e", "boundary"), "");
}

}  // namespace
}  // namespace inlier::server
