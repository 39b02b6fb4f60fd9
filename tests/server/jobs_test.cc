// Snapshots that open, and imports into an empty database.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>

#include "inlier/engine.h"
#include "server/archive.h"
#include "server/jobs.h"
#include "server/restore.h"
#include "server/work_pool.h"
#include "tests/server/shop_server.h"

namespace inlier::test {
namespace {

class JobsTest : public ShopServer {
 protected:
  JobsTest() { Start(); }
};

TEST_F(JobsTest, ASnapshotIsTheDatabaseOfOneMoment) {
  Put("tea", 1);
  Put("cup", 2);
  const Json job = WaitForJob(server().Ask("POST", "/v1/snapshots"));
  ASSERT_EQ(job["state"], "done") << job;
  const std::string path = job["result"];
  Put("late", 3);
  const HttpAnswer whole = server().Ask("GET", path);
  ASSERT_EQ(whole.status, 200);
  EXPECT_EQ(whole.Header("content-type"), "application/x-tar");

  const HttpAnswer first = server().Ask("GET", path, "", {"Range: bytes=0-99"});
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(first.Header("content-range"), "bytes 0-99/" + std::to_string(whole.body.size()));
  const HttpAnswer rest = server().Ask("GET", path, "", {"Range: bytes=100-"});
  EXPECT_EQ(first.body + rest.body, whole.body);
  EXPECT_EQ(server().Ask("GET", path, "", {"Range: bytes=-10"}).body,
            whole.body.substr(whole.body.size() - 10));
  EXPECT_EQ(server().Ask("GET", path, "", {"Range: bytes=999999999-"}).status, 416);
  EXPECT_EQ(server().Ask("GET", path, "", {"Range: lines=1-2"}).status, 200);

  WriteBytes(folder_ / "snapshot.tar", whole.body);
  ASSERT_TRUE(server::Restore(folder_ / "snapshot.tar", folder_ / "restored"));
  const auto engine = Engine::Open(folder_ / "restored", OpenMode::kRead);
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->Stats()->items, 2u);
  const auto answer = (*engine)->Query(DrawTexture(2, 200, 160));
  EXPECT_EQ(answer->hits.at(0).id, "cup");
  EXPECT_EQ(server::Restore(folder_ / "snapshot.tar", folder_ / "restored").error().code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/jobs"))["jobs"].size(), 1u);
  ExpectProblem(server().Ask("GET", "/v1/jobs/none"), 404, "not_found");
}

TEST_F(JobsTest, ASnapshotThatIsDamagedLeavesNothing) {
  WriteBytes(folder_ / "no.tar", "this is no archive");
  EXPECT_EQ(server::Restore(folder_ / "no.tar", folder_ / "new").error().code,
            ErrorCode::kInvalidArgument);
  WriteBytes(folder_ / "some/file", "text");
  ASSERT_TRUE(server::PackFolder(folder_ / "some", folder_ / "some.tar"));
  EXPECT_EQ(server::Restore(folder_ / "some.tar", folder_ / "new").error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(server::Restore(folder_ / "absent.tar", folder_ / "new").error().code,
            ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "new"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "new.restoring"));
}

TEST_F(JobsTest, ImportsATableWithItsPictures) {
  const std::string table =
      "id,image,kind\ntea,a.jpg,drink\ncup,b.jpg,ware\nbad,c.jpg,ware\ngone,d.jpg,x\n";
  const Json job = WaitForJob(server().Ask(
      "POST", "/v1/import",
      MultipartBody(
          {FilePart("table", "shop.csv", table), FilePart("picture", "a.jpg", PictureBytes(1)),
           FilePart("picture", "b.jpg", PictureBytes(2)), FilePart("picture", "c.jpg", "no")}),
      {kMultipartHeader}));
  ASSERT_EQ(job["state"], "done") << job;
  EXPECT_EQ(job["failed"], 2) << job;  // c.jpg is no picture, and d.jpg is not there
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/items/tea"))["metadata"]["kind"], "drink");
  EXPECT_EQ(Parsed(Query(PhotoBytes(2)))["hits"][0]["id"], "cup");
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/stats"))["items"], 2);
}

// A client that may write must not learn or copy what else is on the machine.
TEST_F(JobsTest, AnImportTakesNoPictureFromElsewhere) {
  const std::string secret = (folder_ / "private.jpg").string();
  WriteBytes(secret, PictureBytes(3));
  const std::string relative = "../../private.jpg";  // from the folder in which it is unpacked
  const std::string table = "id,image\ntea,a.jpg\nabsolute," + secret + "\nabsent," + secret +
                            ".not\nurl,file://" + secret + "\nup," + relative +
                            "\nescaped,..%2F..%2Fprivate.jpg\ndevice,/dev/zero\n";
  const Json job =
      WaitForJob(server().Ask("POST", "/v1/import",
                              MultipartBody({FilePart("table", "shop.csv", table),
                                             FilePart("picture", "a.jpg", PictureBytes(1))}),
                              {kMultipartHeader}));
  ASSERT_EQ(job["state"], "done") << job;
  EXPECT_EQ(job["failed"], 6) << job;
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/stats"))["items"], 1);
  for (const std::string message : job["messages"]) {
    const std::string_view same = ": its picture 1 is not among the files of the import";
    EXPECT_EQ(std::string_view(message).substr(message.find(':')), same) << message;
  }
}

TEST_F(JobsTest, AnImportRefusesPicturesThatAPutWouldRefuse) {
  server_.reset();
  Start({"--max-body-kb=100", "--max-import-mb=10"});
  const std::string table = "id,image\ntea,a.jpg\nlarge,b.jpg\n";
  const Json job = WaitForJob(server().Ask(
      "POST", "/v1/import",
      MultipartBody({FilePart("table", "shop.csv", table),
                     FilePart("picture", "a.jpg", PictureBytes(1)),
                     FilePart("picture", "b.jpg", PictureBytes(2) + std::string(100'000, ' '))}),
      {kMultipartHeader}));
  ASSERT_EQ(job["state"], "done") << job;
  EXPECT_EQ(job["failed"], 1) << job;
  EXPECT_EQ(server().Ask("GET", "/v1/items/large").status, 404);
  EXPECT_EQ(server().Ask("GET", "/v1/items/tea").status, 200);
}

TEST_F(JobsTest, WhatThrowsFailsItsJobAlone) {
  server::Jobs jobs;
  const auto bad =
      jobs.Start("import", [](server::Jobs::Report&) -> Status { throw std::bad_alloc(); });
  const auto good = jobs.Start("import", [](server::Jobs::Report&) { return Status(); });
  ASSERT_TRUE(bad && good);
  while (jobs.running()) std::this_thread::yield();
  EXPECT_EQ(jobs.Find(bad->id)->state, "failed");
  EXPECT_EQ(jobs.Find(good->id)->state, "done");

  server::WorkPool pool(1, 4, std::chrono::milliseconds(60'000));
  std::atomic<int> failed = 0, worked = 0;
  ASSERT_TRUE(pool.Submit([](double) -> server::WorkPool::Completion { throw std::bad_alloc(); },
                          [] {}, [&] { ++failed; }));
  pool.Continue([&](double) -> server::WorkPool::Completion {
    ++worked;
    return nullptr;
  });
  EXPECT_TRUE(pool.Drain(server::WorkPool::Clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(worked, 1);
}

TEST_F(JobsTest, TwoPartsOfOneNameAreAnError) {
  const Json job = WaitForJob(server().Ask(
      "POST", "/v1/import",
      MultipartBody({FilePart("p", "a.jpg", PictureBytes(1)), FilePart("p", "./a.jpg", "other")}),
      {kMultipartHeader}));
  EXPECT_EQ(job["state"], "failed") << job;
  EXPECT_EQ(job["messages"][0], "two parts have the same file name");
}

TEST_F(JobsTest, EachEntryOfAnArchiveCounts) {
  for (const char* name : {"a", "b", "c"}) WriteBytes(folder_ / "up" / name, "");
  ASSERT_TRUE(server::PackFolder(folder_ / "up", folder_ / "up.tar"));
  int asked = 0;
  const auto unpack = [&](std::uint64_t most_bytes, int most_calls) {
    asked = 0;
    return server::UnpackArchive(folder_ / "up.tar", folder_ / "out", most_bytes,
                                 [&](std::uint64_t) -> Status {
                                   if (++asked <= most_calls) return {};
                                   return Fail(ErrorCode::kDiskFull, "full");
                                 });
  };
  EXPECT_TRUE(unpack(3 * 512, 100));
  EXPECT_GE(asked, 3);  // empty files too
  const auto too_much = unpack(3 * 512 - 1, 100);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().code, ErrorCode::kInvalidArgument);
  const auto full = unpack(3 * 512, 2);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kDiskFull);
}

TEST_F(JobsTest, ImportsAnArchive) {
  WriteBytes(folder_ / "up/catalogue.csv", "id,image\ntea,a.jpg\n");
  WriteBytes(folder_ / "up/a.jpg", PictureBytes(1));
  ASSERT_TRUE(server::PackFolder(folder_ / "up", folder_ / "up.tar"));
  std::string bytes;
  FILE* const file = fopen((folder_ / "up.tar").c_str(), "rb");
  for (int c = 0; (c = fgetc(file)) != EOF;) bytes += static_cast<char>(c);
  fclose(file);
  const Json job =
      WaitForJob(server().Ask("POST", "/v1/import", bytes, {"Content-Type: application/x-tar"}));
  EXPECT_EQ(job["state"], "done") << job;
  EXPECT_EQ(server().Ask("GET", "/v1/items/tea").status, 200);

  const Json cut = WaitForJob(server().Ask("POST", "/v1/import", bytes.substr(0, 700),
                                           {"Content-Type: application/x-tar"}));
  EXPECT_EQ(cut["state"], "failed") << cut;
  ExpectProblem(server().Ask("POST", "/v1/import", "x", {"Content-Type: text/plain"}), 415,
                "wrong_content_type");
  // The uploads go with the last who know of them.
  const std::string work = database_.string() + ".work";
  server().AskUntil("/livez", [&](const HttpAnswer&) { return std::filesystem::is_empty(work); });
  EXPECT_TRUE(std::filesystem::is_empty(work));
}

}  // namespace
}  // namespace inlier::test
