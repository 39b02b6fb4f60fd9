// A disk that fills while the server writes to it.
#include <string>

#include "tests/server/shop_server.h"
#include "tests/support/small_disk.h"

namespace inlier {
namespace {

class FullDiskTest : public test::ShopServer {
 protected:
  void TearDown() override {
    server_ = nullptr;
    umount2(folder_.path().c_str(), MNT_DETACH);
  }
  int PutStatus(unsigned item) const {
    const std::string path = "/v1/items/item-" + std::to_string(item);
    return server().Ask("PUT", path, PictureBytes(item), {"Content-Type: image/jpeg"}).status;
  }
};

TEST_F(FullDiskTest, APutWithoutRoomIs507AndNothingOfItIsThere) {
  if (!test::MountSmallDisk(folder_.path(), "size=8m"))
    GTEST_SKIP() << "mounting a small disk needs root";
  Start({"--min-free-disk-mb", "0"});
  constexpr unsigned kMost = 1000;
  unsigned put = 0;
  while (put < kMost && PutStatus(put) == 201) ++put;
  ASSERT_GT(put, 3u);
  ASSERT_LT(put, kMost);
  ExpectProblem(
      server().Ask("PUT", "/v1/items/late", PictureBytes(put), {"Content-Type: image/jpeg"}), 507,
      "disk_full");
  ExpectProblem(server().Ask("GET", "/v1/items/late"), 404, "not_found");
  ExpectProblem(server().Ask("GET", "/v1/items/item-" + std::to_string(put)), 404, "not_found");
  EXPECT_EQ(Parsed(Query(PhotoBytes(1)))["hits"][0]["id"], "item-1");

  // With room again it goes on, at the latest when it is started again, and has lost nothing.
  ASSERT_TRUE(test::ResizeSmallDisk(folder_.path(), "size=64m"));
  server_ = nullptr;
  Start({"--min-free-disk-mb", "0"});
  for (unsigned i = 0; i < put; ++i)
    EXPECT_EQ(server().Ask("GET", "/v1/items/item-" + std::to_string(i)).status, 200) << i;
  EXPECT_EQ(Parsed(server().Ask("GET", "/v1/stats"))["items"], put);
  EXPECT_EQ(PutStatus(put), 201);
}

}  // namespace
}  // namespace inlier
