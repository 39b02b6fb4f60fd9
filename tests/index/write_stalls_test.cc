#include <memory>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "index/store_state.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// RocksDB tells these figures by names of its own, which may change.
TEST(WriteStalls, AreCountedWhenTheFirstLevelIsFull) {
  const test::TempFolder folder;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.level0_file_num_compaction_trigger = 2;
  options.level0_slowdown_writes_trigger = 2;
  options.max_background_jobs = 1;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, (folder / "db").string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  EXPECT_EQ(WriteStalls(*db, db->DefaultColumnFamily()), 0u);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(db->Put({}, std::to_string(i), "value").ok());
    ASSERT_TRUE(db->Flush({}).ok());
  }
  EXPECT_GT(WriteStalls(*db, db->DefaultColumnFamily()), 0u);
}

}  // namespace
}  // namespace inlier
