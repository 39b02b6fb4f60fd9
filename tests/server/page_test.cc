// The page, and what the service tells it besides answers: how it is, what a key may do, which
// points match and where features are.
#include "tests/server/shop_server.h"
#include "web/page_files.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kReader = "Authorization: Bearer read-key-0123456789";
constexpr const char* kAdmin = "Authorization: Bearer admin-key-0123456789";

class PageTest : public ShopServer {};

TEST_F(PageTest, ComesWithoutAKeyAndLetsNothingIn) {
  WriteBytes(folder_ / "keys", "read page read-key-0123456789\n");
  Start({"--keys-file", (folder_ / "keys").string()});
  const HttpAnswer page = server().Ask("GET", "/");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  const std::string policy = page.Header("content-security-policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("require-trusted-types-for 'script'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_EQ(page.Header("referrer-policy"), "no-referrer");
  for (const web::PageFile& file : web::PageFiles()) {
    const HttpAnswer answer = server().Ask("GET", "/page/" + std::string(file.name));
    EXPECT_EQ(answer.status, 200) << file.name;
    EXPECT_EQ(answer.body, file.text) << file.name;
  }
  ExpectProblem(server().Ask("GET", "/page/none.js"), 404, "no_such_path");
  ExpectProblem(server().Ask("GET", "/page"), 404, "no_such_path");
  ExpectProblem(server().Ask("POST", "/"), 405, "method_not_allowed");
}

TEST_F(PageTest, NamesNoAddressOutsideAndIsSmall) {
  std::size_t bytes = 0;
  for (const web::PageFile& file : web::PageFiles()) {
    bytes += file.text.size();
    std::string text(file.text);
    const std::string svg = "http://www.w3.org/2000/svg";  // a name, and no address
    for (std::size_t at = 0; (at = text.find(svg)) != std::string::npos;)
      text.replace(at, svg.size(), "");
    EXPECT_THAT(text, Not(HasSubstr("://"))) << file.name;
    EXPECT_THAT(text, Not(HasSubstr("innerHTML"))) << file.name;
    // Every address is relative.
    for (const char* absolute : {"src=\"/", "href=\"/", "from '/", "'/v1", "`/v1", "url(/"})
      EXPECT_THAT(text, Not(HasSubstr(absolute))) << file.name;
  }
  EXPECT_LE(bytes, 150'000u);
  RecordProperty("page_bytes", static_cast<int>(bytes));
}

TEST_F(PageTest, IsNotSentAgainToWhoHasIt) {
  Start();
  const HttpAnswer first = server().Ask("GET", "/page/main.js");
  EXPECT_EQ(first.Header("cache-control"), "no-cache");
  const std::string tag = first.Header("etag");
  ASSERT_FALSE(tag.empty());
  const HttpAnswer again = server().Ask("GET", "/page/main.js", "", {"If-None-Match: " + tag});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(server().Ask("GET", "/page/main.js", "", {"If-None-Match: \"other\""}).status, 200);
}

TEST_F(PageTest, LearnsHowTheServerIsAndWhatItsKeyMayDo) {
  WriteBytes(folder_ / "keys", "read page read-key-0123456789\nadmin boss admin-key-0123456789\n");
  Start({"--keys-file", (folder_ / "keys").string()});
  ExpectProblem(server().Ask("GET", "/v1/status"), 401, "key_needed");
  const Json reader = Parsed(server().Ask("GET", "/v1/status", "", {kReader}));
  EXPECT_EQ(reader["key"], (Json{{"name", "page"}, {"role", "read"}}));
  EXPECT_EQ(reader["keys"], true);
  EXPECT_EQ(reader["ready"], true);
  EXPECT_EQ(reader["rejected"]["key"], 1);
  EXPECT_EQ(reader["levels"]["items"], 0);
  const Json boss = Parsed(server().Ask("GET", "/v1/status", "", {kAdmin}));
  EXPECT_EQ(boss["key"]["role"], "admin");
  ExpectProblem(server().Ask("GET", "/v1/snapshots", "", {kReader}), 403, "key_may_not");
}

TEST_F(PageTest, CountsWhatPhotosShowed) {
  Start();
  Put("tea", 1);
  Query(PhotoBytes(1));
  Query(PictureBytes(77, 300, 240));
  const Json status = Parsed(server().Ask("GET", "/v1/status"));
  EXPECT_EQ(status["answers"]["found"], 1);
  EXPECT_EQ(status["answers"]["not_in_catalogue"], 1);
  EXPECT_EQ(status["keys"], false);
  EXPECT_EQ(status["key"]["role"], "admin");
}

TEST_F(PageTest, ListsSnapshots) {
  Start();
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/snapshots"))["snapshots"], Json::array());
  const Json job = WaitForJob(server().Ask("POST", "/v1/snapshots"));
  ASSERT_EQ(job["state"], "done");
  const Json snapshots = Parsed(server().Ask("GET", "/v1/snapshots"))["snapshots"];
  ASSERT_EQ(snapshots.size(), 1u);
  EXPECT_EQ(job["result"], "/v1/snapshots/" + snapshots[0]["id"].get<std::string>());
  EXPECT_GT(snapshots[0]["bytes"], 0);
}

class ComparedTest : public ShopServer {
 protected:
  ComparedTest() {
    Start();
    Put("tea", 1);
  }
  HttpAnswer Match(const std::string& path, const std::string& photo) const {
    return server().Ask("POST", "/v1/items/" + path, photo, {"Content-Type: image/jpeg"});
  }
};

TEST_F(ComparedTest, APhotoAndAStoredPicture) {
  const HttpAnswer answer = Match("tea/pictures/0/match", PhotoBytes(1));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Parsed(answer);
  EXPECT_EQ(json["accepted"], true);
  EXPECT_EQ(json["matches"].size(), json["inliers"]);
  EXPECT_EQ(json["evidence"]["matches"].get<std::size_t>(),
            json["matches"].size() + json["others"].size());
  EXPECT_EQ(json["item_width"], 200);
  EXPECT_EQ(json["photo_height"], 260);
  std::size_t alike = 0;
  ASSERT_GT(json["blocks"].size(), 20u);
  for (const Json& block : json["blocks"]) {
    EXPECT_LT(block[0], block[2]);
    EXPECT_GE(block[0], -1);
    EXPECT_LE(block[2], 201);
    alike += block[4].get<std::size_t>();
  }
  EXPECT_GT(alike * 2, json["blocks"].size());
}

TEST_F(ComparedTest, AnotherPhotoHasNoPlaceForIt) {
  const Json json = Parsed(Match("tea/pictures/0/match", PictureBytes(77, 300, 240)));
  EXPECT_TRUE(json["polygon"].is_null());
  EXPECT_TRUE(json["homography"].is_null());
  EXPECT_TRUE(json["matches"].empty());
  EXPECT_TRUE(json["blocks"].empty());
}

TEST_F(ComparedTest, BadRequestsAreRefused) {
  ExpectProblem(Match("none/pictures/0/match", PhotoBytes(1)), 404, "not_found");
  ExpectProblem(Match("tea/pictures/3/match", PhotoBytes(1)), 404, "not_found");
  ExpectProblem(Match("tea/pictures/x/match", PhotoBytes(1)), 400, "invalid_argument");
  ExpectProblem(Match("tea/pictures/0/match", "no picture"), 415, "not_a_picture");
  for (const char* crop : {"1,2,3", "1,2,3,4,", "a,b,c,d", "0,0,0,0", "-1,0,20,20", "0,0,341,20",
                           "2147483647,0,2147483647,1", "", "99999999999,0,1,1"}) {
    const HttpAnswer answer =
        Match(std::string("tea/pictures/0/match?crop=") + crop, PhotoBytes(1));
    ExpectProblem(answer, 400, "invalid_argument");
    EXPECT_EQ(Parsed(answer)["field"], "crop") << crop;
  }
}

TEST_F(ComparedTest, ACropIsAskedAndAnsweredInPixelsOfThePhoto) {
  const std::string photo = PhotoBytes(1);
  const Json whole = Parsed(Query(photo));
  EXPECT_EQ(whole["photo_width"], 340);
  const Json part = Parsed(Query(photo, "?crop=40,20,280,230"));
  EXPECT_EQ(part["photo_width"], 280);
  ASSERT_EQ(part["status"], "found");
  for (int corner = 0; corner < 4; ++corner)
    for (int axis = 0; axis < 2; ++axis)
      EXPECT_NEAR(part["hits"][0]["polygon"][corner][axis],
                  whole["hits"][0]["polygon"][corner][axis], 4);
  EXPECT_EQ(Parsed(Query(photo, "?crop=0,0,40,40"))["accepted_count"], 0);
  ExpectProblem(Query(photo, "?crop=330,0,20,20"), 400, "invalid_argument");
}

TEST_F(ComparedTest, FeaturesLieInThePicture) {
  const Json json = Parsed(server().Ask("GET", "/v1/items/tea/pictures/0/features"));
  const Json item = Parsed(server().Ask("GET", "/v1/items/tea"));
  ASSERT_EQ(json["features"].size(), item["features"]);
  for (const Json& feature : json["features"]) {
    EXPECT_LT(feature[0], 200);
    EXPECT_LT(feature[1], 160);
    EXPECT_GT(feature[2], 0);
  }
  ExpectProblem(server().Ask("GET", "/v1/items/tea/pictures/1/features"), 404, "not_found");
}

TEST_F(ComparedTest, AHitSaysWhichPictureItIsAndTwinsAreFoundByItem) {
  const std::string body = MultipartBody({FilePart("picture", "a.jpg", PictureBytes(5)),
                                          FilePart("picture", "b.jpg", PictureBytes(6))});
  ASSERT_EQ(server().Ask("PUT", "/v1/items/two", body, {kMultipartHeader}).status, 201);
  const Json hit = Parsed(Query(PhotoBytes(6), "?explain"))["hits"][0];
  EXPECT_EQ(hit["id"], "two");
  EXPECT_EQ(hit["picture_number"], 1);
  Put("copy", 1);
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/twins?id=copy"))["total"], 1);
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/twins?id=two"))["total"], 0);
}

}  // namespace
}  // namespace inlier::test
