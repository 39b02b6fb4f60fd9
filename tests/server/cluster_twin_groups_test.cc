// The groups of twins of a whole catalogue at the gateway of a cluster.
#include <cmath>
#include <csignal>
#include <set>
#include <thread>

#include "tests/server/cluster_shop.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

constexpr int kWidth = 360, kHeight = 280;

// A drawn label. Exports of it are more and more bright, which is no difference, and one part of it
// is, which is one from twice on.
struct Look {
  unsigned export_of_it = 0, part = 0;
};
Image Label(unsigned seed, Look look) {
  constexpr double kBrighter = 0.02;
  constexpr int kLeft = 120, kTop = 90, kSide = 90, kPart = 5;  // grey levels
  Image image = DrawTexture(300 + seed, kWidth, kHeight);
  const double gain = 1 - kBrighter * look.export_of_it;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth * 3; ++x) {
      auto& value = image.pixels[static_cast<std::size_t>(y * kWidth * 3 + x)];
      const bool inside =
          y >= kTop && y < kTop + kSide && x >= 3 * kLeft && x < 3 * (kLeft + kSide);
      const double changed = value * 0.8 * gain + (inside ? kPart * look.part : 0);
      value = static_cast<std::uint8_t>(std::lround(changed));
    }
  }
  return image;
}

class ClusterTwinGroups : public ClusterShop {
 protected:
  void SetUp() override {
    ClusterShop::SetUp();
    parts_.resize(kShards);
    for (unsigned shard = 0; shard < kShards; ++shard)
      for (unsigned i = 0; i < 8; ++i)
        Add(shard, "only-" + std::to_string(shard) + std::to_string(i), 8 * shard + i, {});
    // Within a shard.
    for (const unsigned shard : {0u, 2u})
      Add(shard, "near-" + std::to_string(shard), shard * 8, {1});
    Add(1, "copy", 8, {});
    // In two shards and in three, of which some are in one.
    Add(2, "far", 1, {1});
    for (const unsigned shard : {1u, 2u}) {
      Add(shard, "wide-" + std::to_string(shard), 2, {shard});
      Add(shard, "wider-" + std::to_string(shard), 2, {shard + 2});
    }
    // The first is like the second and this like the third, or the first like both others.
    for (unsigned shard = 0; shard < kShards; ++shard) {
      Add(shard, "chain-" + std::to_string(shard), 40, {0, shard});
      Add(shard, "link-" + std::to_string(shard), 41, {0, (shard + 1) % kShards});
    }
    Add(1, "chain-1-too", 40, {1, 1});
    // A second picture lies with the item, wherever others have the same one.
    parts_[2].entries.back().images.push_back(parts_[0].entries[3].images[0]);
    Catalogue all;
    for (unsigned shard = 0; shard < kShards; ++shard) {
      const std::string name = "part-" + std::to_string(shard);
      Make(name, parts_[shard]);
      shards_.push_back(Serve(name));
      all.entries.insert(all.entries.end(), parts_[shard].entries.begin(),
                         parts_[shard].entries.end());
    }
    Make("whole", all);
    one_ = Serve("whole");
    Write(Placement());
    StartGateway();
    ASSERT_TRUE(server().WaitUntilReady()) << server().Log();
  }
  void Add(unsigned shard, const std::string& id, unsigned seed, Look look) {
    const auto path = folder_ / ("labels/" + id + ".png");
    WriteImage(path, Label(seed, look));
    parts_[shard].entries.push_back({id, {path}, {{"shard", std::to_string(shard)}}});
  }
  // Gives the gateway the pairs in different shards.
  void TellPairs() {
    std::set<std::string> pairs;
    for (unsigned shard = 0; shard < kShards; ++shard) {
      const Json found = Parsed(
          server().Ask("GET", "/v1/cluster/twins?limit=1000&shard=" + std::to_string(shard)));
      for (const Json& pair : found["pairs"]) pairs.insert(pair.dump() + "\n");
    }
    ASSERT_GT(pairs.size(), 6u);
    std::string lines;
    for (const std::string& line : pairs) lines += line;
    Tell(lines);
  }
  void Tell(const std::string& lines, bool changes_something = true) {
    const std::string name = "twins-" + std::to_string(++told_) + ".jsonl";
    WriteBytes(folder_ / name, lines);
    const std::string before = server().Ask("GET", "/v1/twins").body;
    Json placement = Placement();
    placement["twins"] = name;
    Write(placement);
    if (changes_something)
      server().AskUntil("/v1/twins", [&](const auto& answer) { return answer.body != before; });
    else
      std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  void ExpectSame(const std::string& parameters) const {
    const auto expected = one_->Ask("GET", "/v1/twins" + parameters),
               answer = server().Ask("GET", "/v1/twins" + parameters);
    EXPECT_EQ(answer.status, expected.status) << parameters;
    EXPECT_EQ(answer.body, expected.body) << parameters;
    EXPECT_EQ(answer.Header("content-type"), expected.Header("content-type"));
  }

  std::vector<Catalogue> parts_;
  std::unique_ptr<ServerProcess> one_;
  int told_ = 0;
};

TEST_F(ClusterTwinGroups, AreThoseOfOneServer) {
  const Json apart = Parsed(server().Ask("GET", "/v1/twins"));
  EXPECT_EQ(apart["total"], 6) << "those in one shard need no file: " << apart;
  TellPairs();
  const Json groups = Parsed(one_->Ask("GET", "/v1/twins"));
  SCOPED_TRACE(groups.dump(1));
  const auto total = groups["total"].get<int>();
  EXPECT_GE(total, 9);
  std::size_t largest = 0, copies = 0;
  std::set<std::string> in_chains;
  std::size_t chained = 0;
  for (const Json& group : groups["groups"]) {
    largest = std::max(largest, group["ids"].size());
    copies += group["kind"] == "copies";
    for (const Json& id : group["ids"]) {
      const auto name = id.get<std::string>();
      if (name.starts_with("chain") || name.starts_with("link"))
        chained += !in_chains.insert(name).second;
    }
  }
  EXPECT_EQ(largest, 5u);
  EXPECT_EQ(copies, 2u);
  EXPECT_GT(chained, 0u) << "no item is in two groups";
  for (const char* parameters :
       {"", "?limit=1", "?limit=3&offset=2", "?offset=4", "?offset=1000", "?limit=1000", "?id=copy",
        "?id=far", "?id=chain-1", "?id=wide-2", "?id=only-07", "?id=nothing",
        "?id=", "?id=link-2&limit=1&offset=1", "?limit=0", "?limit=1001", "?offset=-1", "?page=2"})
    ExpectSame(parameters);
  std::vector<Json> paged;
  for (int offset = 0; offset < total; offset += 2) {
    const Json page =
        Parsed(server().Ask("GET", "/v1/twins?limit=2&offset=" + std::to_string(offset)));
    EXPECT_EQ(page["total"], total);
    paged.insert(paged.end(), page["groups"].begin(), page["groups"].end());
  }
  EXPECT_EQ(Json(paged), groups["groups"]);
}

TEST_F(ClusterTwinGroups, FollowWhatIsAddedAndRemoved) {
  TellPairs();
  for (const auto& [id, shard] : std::vector<std::pair<std::string, std::size_t>>{
           {"chain-1", 1}, {"wide-2", 2}, {"only-03", 0}, {"link-0", 0}}) {
    for (const ServerProcess* process : {one_.get(), shards_[shard].get()})
      EXPECT_EQ(process->Ask("DELETE", "/v1/items/" + id).status, 204);
    ExpectSame("");
  }
  // A shard finds at once what is in it.
  const auto again = PictureBytes(2000, kWidth, kHeight);
  for (const char* id : {"new-a", "new-b"})
    for (const ServerProcess* process : {one_.get(), shards_[2].get()})
      EXPECT_EQ(
          process->Ask("PUT", std::string("/v1/items/") + id, again, {"Content-Type: image/jpeg"})
              .status,
          201);
  ExpectSame("");
  ExpectSame("?id=new-b");
}

TEST_F(ClusterTwinGroups, APairThatIsNotThereAnyMoreDoesNothing) {
  const std::string before = server().Ask("GET", "/v1/twins").body;
  const std::string gone(32, '0');
  Tell(R"({"first": {"shard": 0, "pixels": ")" + gone +
           R"("}, "second": {"shard": 2, "pixels": ")" + gone + R"("}, "likeness": 0.8})" + "\n",
       false);
  EXPECT_EQ(server().Ask("GET", "/v1/twins").body, before);
}

TEST_F(ClusterTwinGroups, WithoutAShardThereAreNone) {
  shards_[1]->Signal(SIGKILL);
  EXPECT_EQ(shards_[1]->Wait(), 128 + SIGKILL);
  for (const char* target : {"/v1/twins", "/v1/twins?id=far"})
    ExpectProblem(server().Ask("GET", target), 503, "unavailable");
  EXPECT_THAT(server().Log(), HasSubstr("shard 1"));
}

}  // namespace
}  // namespace inlier::test
