// Imports at the gateway of a cluster, which go through the one who takes its changes.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/server/cluster_shop.h"

namespace inlier::test {
namespace {

class ClusterImport : public ClusterShop {
 protected:
  void StartWith(const Json& writer) {
    ServeShards();
    placement_ = Placement();
    placement_["writer"] = writer;
    Write(placement_);
    StartGateway();
    ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  }
  static HttpAnswer Import(const ServerProcess& to) {
    const std::string table =
        "id,image,kind\ntea/green,a.jpg,drink\ncup,b.jpg,ware\nbad,c.jpg,ware\ngone,d.jpg,x\n"
        "both,a.jpg|b.jpg,set\n";
    return to.Ask(
        "POST", "/v1/import",
        MultipartBody(
            {FilePart("table", "shop.csv", table), FilePart("picture", "a.jpg", PictureBytes(71)),
             FilePart("picture", "b.jpg", PictureBytes(72)), FilePart("picture", "c.jpg", "no")}),
        {kMultipartHeader});
  }
  std::filesystem::path WorkFolder() const { return folder_ / "placement.work"; }

  Json placement_;
};

TEST_F(ClusterImport, GoesThroughTheWriterAndSaysWhatOneServerSays) {
  StartWith(nullptr);
  ExpectProblem(Import(server()), 503, "unavailable");
  placement_["writer"] = Url(shards_[1]->port());
  Write(placement_);
  HttpAnswer accepted;
  for (int i = 0; i < 100 && accepted.status != 202; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    accepted = Import(server());
  }
  Json job = WaitForJob(accepted);
  for (const char* id : {"tea%2Fgreen", "cup", "both"})
    EXPECT_EQ(server().Ask("GET", std::string("/v1/items/") + id).status, 200) << id;
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/items/tea%2Fgreen"))["metadata"]["kind"], "drink");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/items/both"))["pictures"].size(), 2u);
  EXPECT_EQ(Parsed(Query(PhotoBytes(71)))["hits"][0]["id"], "tea/green");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/jobs"))["jobs"].size(), 1u);
  EXPECT_EQ(Parsed(server().Ask("GET", accepted.Header("location"))), job);
  ExpectProblem(server().Ask("GET", "/v1/jobs/none"), 404, "not_found");

  server_ = Serve("one");
  Json expected = WaitForJob(Import(server()));
  ASSERT_EQ(expected["state"], "done") << expected;
  EXPECT_EQ(expected["failed"], 2) << expected;
  for (Json* one : {&job, &expected}) {
    for (const char* name : {"id", "created", "finished"}) one->erase(name);
    std::sort((*one)["messages"].begin(), (*one)["messages"].end());  // as they came
  }
  EXPECT_EQ(job, expected);
}

TEST_F(ClusterImport, WaitsForAWriterThatIsAway) {
  StartWith("http://127.0.0.1:1");
  const HttpAnswer accepted = Import(server());
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  Json job = Parsed(server().Ask("GET", accepted.Header("location")));
  EXPECT_EQ(job["state"], "running") << job;
  placement_["writer"] = Url(shards_[2]->port());
  Write(placement_);
  job = WaitForJob(accepted);
  EXPECT_EQ(job["state"], "done") << job;
  EXPECT_EQ(job["failed"], 2) << job;
  EXPECT_EQ(server().Ask("GET", "/v1/items/both").status, 200);
}

TEST_F(ClusterImport, EndsWithItsGatewayAndLeavesNothing) {
  StartWith("http://127.0.0.1:1");
  EXPECT_EQ(Import(server()).status, 202);
  EXPECT_TRUE(std::filesystem::exists(WorkFolder()));
  server().Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(WorkFolder()));
}

}  // namespace
}  // namespace inlier::test
