// Why a database cannot be opened or is only half safe, on file systems that do not do all that a
// disk does, and after a death at its making.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "tests/cli/shop.h"

namespace inlier {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ShareTest : public test::Shop {
 protected:
  void TearDown() override {
    for (const char* name : {"LD_PRELOAD", "INLIER_TEST_LOCK_ERROR",
                             "INLIER_TEST_FOLDER_SYNC_ERROR", "INLIER_TEST_WRITE_ERROR"})
      unsetenv(name);
  }
  // Calls fail so for programs that are started from now on.
  static void Fail(const char* variable, int error) {
    setenv("LD_PRELOAD", INLIER_POOR_SHARE, 1);
    setenv(variable, std::to_string(error).c_str(), 1);
  }
};

TEST_F(ShareTest, LocksThatAShareRefusesAreNotAnotherProcess) {
  for (const int error : {ENOLCK, EOPNOTSUPP}) {
    Fail("INLIER_TEST_LOCK_ERROR", error);
    const auto run = Inlier({"index", "items", "--db", "shop.db"});
    EXPECT_EQ(run.exit, 1);
    EXPECT_THAT(run.err, AllOf(HasSubstr("does not lock files"), HasSubstr(std::strerror(error)),
                               Not(HasSubstr("another process"))));
  }
}

TEST_F(ShareTest, AFolderThatCannotBeSyncedIsSaidAndBorne) {
  Fail("INLIER_TEST_FOLDER_SYNC_ERROR", EINVAL);
  const auto run = Inlier({"index", "items", "--db", "shop.db"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("folder"));
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "shop.db"}).out, HasSubstr("mug"));
  Fail("INLIER_TEST_FOLDER_SYNC_ERROR", EIO);
  EXPECT_EQ(Inlier({"add", "other.jpg", "--db", "shop.db"}).exit, 1) << "a real failure is none";
}

TEST_F(ShareTest, AReadOnlyDatabaseIsReadAndNotChanged) {
  Index();
  Fail("INLIER_TEST_WRITE_ERROR", EROFS);
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "shop.db"}).out, HasSubstr("mug"));
  EXPECT_EQ(Inlier({"stats", "--db", "shop.db"}).exit, 0);
  EXPECT_EQ(Inlier({"check", "--db", "shop.db"}).exit, 0);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"add", "other.jpg", "--db", "shop.db"},
        {"remove", "mug", "--db", "shop.db"},
        {"rebuild", "--db", "shop.db"},
        {"index", "items", "--db", "new.db"}}) {
    const auto run = Inlier(command);
    EXPECT_EQ(run.exit, 1) << command.front();
    EXPECT_THAT(run.err, HasSubstr("read-only")) << command.front();
  }
}

// The store gets its column families one after the other and its header at the end.
TEST_F(ShareTest, ADatabaseThatDiedAtItsMakingIsUnfinished) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, File("shop.db"), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::ColumnFamilyHandle* items = nullptr;
    ASSERT_TRUE(db->CreateColumnFamily({}, "items", &items).ok());
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(items).ok());
  }
  const auto asked = Inlier({"query", "mug_photo.jpg", "--db", "shop.db"});
  EXPECT_EQ(asked.exit, 1);
  EXPECT_THAT(asked.err, AllOf(HasSubstr("unfinished"), HasSubstr("run index again")));
  Index();
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "shop.db"}).out, HasSubstr("mug"));
}

}  // namespace
}  // namespace inlier
