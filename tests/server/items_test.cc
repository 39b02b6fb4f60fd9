// Items over HTTP: kept, changed, listed and removed, under conditions where the client asks for
// them.
#include <thread>

#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

using testing::ElementsAre;

class ItemsTest : public ShopServer {
 protected:
  ItemsTest() { Start(); }
  static std::string IfMatch(const HttpAnswer& answer) {
    return "If-Match: " + answer.Header("etag");
  }
  std::vector<std::string> Ids(const std::string& parameters) {
    std::vector<std::string> ids;
    const Json page = Parsed(server().Ask("GET", "/v1/items" + parameters));
    for (const Json& item : page["items"]) ids.push_back(item["id"]);
    return ids;
  }
};

TEST_F(ItemsTest, ArePutReadChangedAndRemoved) {
  const HttpAnswer created = Put("tea", 1, R"({"kind":"drink","price":3.5,"fresh":true})");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(Parsed(created)["metadata"]["price"], "3.5");
  EXPECT_EQ(Put("tea", 2).status, 200);

  const HttpAnswer patched =
      server().Ask("PATCH", "/v1/items/tea", R"({"metadata":{"kind":"green","old":null}})",
                   {"Content-Type: application/merge-patch+json"});
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(Parsed(patched)["metadata"]["kind"], "green");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/items/tea")), Parsed(patched));

  EXPECT_EQ(server().Ask("DELETE", "/v1/items/tea").status, 204);
  ExpectProblem(server().Ask("GET", "/v1/items/tea"), 404, "not_found");
  ExpectProblem(server().Ask("DELETE", "/v1/items/tea"), 404, "not_found");
}

TEST_F(ItemsTest, ChangeOnlyWhenTheyAreAsTheClientThinks) {
  const HttpAnswer first = Put("tea", 1), second = Put("tea", 2);
  const auto put = [&](const std::string& header) {
    return server().Ask("PUT", "/v1/items/tea", PictureBytes(3),
                        {"Content-Type: image/jpeg", header});
  };
  ExpectProblem(put(IfMatch(first)), 412, "item_has_changed");
  ExpectProblem(server().Ask("DELETE", "/v1/items/tea", "", {IfMatch(first)}), 412,
                "item_has_changed");
  ExpectProblem(server().Ask("PUT", "/v1/items/cup", PictureBytes(3),
                             {"Content-Type: image/jpeg", "If-Match: *"}),
                412, "item_has_changed");
  ExpectProblem(put("If-Match: tag"), 400, "invalid_argument");
  EXPECT_EQ(put(IfMatch(second)).status, 200);
  EXPECT_EQ(put("If-Match: *").status, 200);
}

TEST_F(ItemsTest, HaveSinglePictures) {
  Put("tea", 1);
  const HttpAnswer added =
      server().Ask("POST", "/v1/items/tea/pictures", PictureBytes(2), {"Content-Type: image/jpeg"});
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(Parsed(added)["pictures"].size(), 2u);
  const HttpAnswer picture = server().Ask("GET", "/v1/items/tea/pictures/1");
  EXPECT_EQ(Parsed(picture)["width"], 200);
  const HttpAnswer preview = server().Ask("GET", "/v1/items/tea/pictures/1/preview");
  EXPECT_EQ(preview.Header("content-type"), "image/jpeg");
  EXPECT_EQ(preview.body.substr(0, 2), "\xFF\xD8");
  ExpectProblem(server().Ask("GET", "/v1/items/tea/pictures/2"), 404, "not_found");
  ExpectProblem(server().Ask("GET", "/v1/items/tea/pictures/x"), 400, "invalid_argument");
  EXPECT_EQ(Parsed(server().Ask("DELETE", "/v1/items/tea/pictures/0"))["pictures"].size(), 1u);
  ExpectProblem(server().Ask("DELETE", "/v1/items/tea/pictures/0"), 400, "invalid_argument");
}

TEST_F(ItemsTest, MayHaveAnyIds) {
  for (const char* id :
       {"a%2Fb", "%F0%9F%8D%B5", "..%2F..%2Fetc%2Fpasswd", "a%20b%3F%23%26", "%25"}) {
    EXPECT_EQ(Put(id, 4).status, 201) << id;
    EXPECT_EQ(server().Ask("GET", std::string("/v1/items/") + id).status, 200) << id;
  }
  EXPECT_THAT(Ids("?id=etc"), ElementsAre("../../etc/passwd"));
  for (const char* bad : {"a%00b", "%", "%4", "%zz", "%FF", "%ED%A0%80"})
    ExpectProblem(server().Ask("GET", std::string("/v1/items/") + bad), 400, "bad_target");
  for (const char* dots : {"..", "%2e%2e", "."})
    ExpectProblem(server().Ask("GET", std::string("/v1/items/") + dots), 400, "bad_target");
  ExpectProblem(server().Ask("GET", "/v1/items/"), 404, "no_such_path");
  ExpectProblem(server().Ask("PUT", "/v1/items/" + std::string(1025, 'x'), PictureBytes(1),
                             {"Content-Type: image/jpeg"}),
                400, "invalid_argument");
}

TEST_F(ItemsTest, AreListedInPages) {
  for (const char* id : {"d", "a", "c", "b"}) Put(id, 5, R"({"kind":"x"})");
  const Json page = Parsed(server().Ask("GET", "/v1/items?limit=3"));
  EXPECT_EQ(page["next"], "c");
  EXPECT_THAT(Ids("?limit=3"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Ids("?limit=3&after=c"), ElementsAre("d"));
  EXPECT_TRUE(Parsed(server().Ask("GET", "/v1/items?after=c"))["next"].is_null());
  EXPECT_THAT(Ids("?where=kind%3Dx&id=b"), ElementsAre("b"));
  ExpectProblem(server().Ask("GET", "/v1/items?limit=0"), 400, "invalid_argument");
  ExpectProblem(server().Ask("GET", "/v1/items?where=no%3Dx"), 400, "invalid_argument");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/stats"))["items"], 4);
  // All four have one picture, so they are copies of each other.
  const Json twins = Parsed(server().Ask("GET", "/v1/twins"));
  EXPECT_EQ(twins["total"], 1);
  EXPECT_EQ(twins["groups"][0]["ids"].size(), 4u);
}

TEST_F(ItemsTest, BadItemsChangeNothing) {
  const auto put = [&](const std::string& body, const std::string& header) {
    return server().Ask("PUT", "/v1/items/x", body, {header});
  };
  ExpectProblem(put("", "Content-Type: image/jpeg"), 400, "invalid_argument");
  ExpectProblem(put("text", "Content-Type: text/plain"), 415, "wrong_content_type");
  ExpectProblem(put("text", "Content-Type: image/jpeg"), 415, "not_a_picture");
  ExpectProblem(put(MultipartBody({FilePart("metadata", "", "{}")}), kMultipartHeader), 400,
                "invalid_argument");
  const std::string picture = PictureBytes(1);
  for (const char* metadata : {"", "[]", "{", R"({"a":{}})", R"({"":1})"}) {
    ExpectProblem(
        put(MultipartBody({FilePart("picture", "", picture), FilePart("metadata", "", metadata)}),
            kMultipartHeader),
        400, "invalid_argument");
  }
  ExpectProblem(put(MultipartBody({FilePart("picture", "", picture),
                                   FilePart("metadata", "",
                                            "{\"a\":\"" + std::string(200'000, 'x') + "\"}")}),
                    kMultipartHeader),
                400, "invalid_argument");
  ExpectProblem(server().Ask("PATCH", "/v1/items/x", "{}", {"Content-Type: text/plain"}), 415,
                "wrong_content_type");
  ExpectProblem(server().Ask("PATCH", "/v1/items/x", std::string(100'000, '['),
                             {"Content-Type: application/json"}),
                400, "invalid_argument");
  ExpectProblem(server().Ask("PATCH", "/v1/items/x", R"({"metadata":{}})",
                             {"Content-Type: application/json"}),
                404, "not_found");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/stats"))["items"], 0);
}

TEST_F(ItemsTest, ManyClientsPutAtOnce) {
  std::vector<std::thread> clients;
  std::atomic<int> created = 0;
  for (unsigned i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      const HttpAnswer answer =
          server().Ask("PUT", "/v1/items/" + std::to_string(i), PictureBytes(i, 120, 100),
                       {"Content-Type: image/jpeg"});
      if (answer.status == 201) ++created;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(created, 8);
  server_->Signal(SIGKILL);  // what was acknowledged is on disk
  server_->Wait();
  Start();
  EXPECT_EQ(Ids("").size(), 8u);
}

}  // namespace
}  // namespace inlier::test
