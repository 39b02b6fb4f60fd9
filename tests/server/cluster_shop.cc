#include "tests/server/cluster_shop.h"

#include "inlier/engine.h"

namespace inlier::test {

void ClusterShop::SetUp() {
  Catalogue all;
  std::vector<Catalogue> parts(kShards);
  for (unsigned i = 0; i < kItems; ++i) {
    const auto path = folder_ / ("items/" + std::to_string(i) + ".png");
    WriteImage(path, DrawTexture(i, 200, 160));
    const CatalogueEntry entry{"item-" + std::to_string(i), {path}, {{"of", i % 2 ? "b" : "a"}}};
    all.entries.push_back(entry);
    parts[i * 5 % kShards].entries.push_back(entry);
  }
  auto sample = Engine::Open(folder_ / "sample", OpenMode::kCreate);
  ASSERT_TRUE((*sample)->IndexCatalogue(all, {}));
  ASSERT_TRUE((*sample)->WriteVocabulary(folder_ / "vocabulary"));
  Make("one", all);
  for (unsigned i = 0; i < kShards; ++i) Make("shard-" + std::to_string(i), parts[i]);
}

void ClusterShop::Make(const std::string& name, const Catalogue& catalogue) const {
  auto engine =
      Engine::Open(folder_ / name, OpenMode::kCreate, {.vocabulary = folder_ / "vocabulary"});
  ASSERT_TRUE(engine) << engine.error().message;
  ASSERT_TRUE((*engine)->IndexCatalogue(catalogue, {}));
}

std::unique_ptr<ServerProcess> ClusterShop::Serve(const std::string& name,
                                                  const std::vector<std::string>& flags) const {
  auto process = std::make_unique<ServerProcess>(folder_ / name, flags);
  EXPECT_TRUE(process->WaitUntilReady()) << process->Log();
  return process;
}

void ClusterShop::ServeShards(const std::vector<std::string>& flags) {
  for (unsigned i = 0; i < kShards; ++i)
    shards_.push_back(Serve("shard-" + std::to_string(i), flags));
}

ShopServer::Json ClusterShop::Placement(int epoch) const {
  Json shards = Json::array();
  for (unsigned i = 0; i < shards_.size(); ++i) {
    const Json replica{{"url", Url(shards_[i]->port())}, {"epoch", epoch}, {"applied", 7}};
    shards.push_back({{"shard", i}, {"items", kItems / kShards}, {"replicas", {replica}}});
  }
  return {{"version", 1}, {"collection_version", 7}, {"shards", shards}};
}

void ClusterShop::Write(const Json& placement) const {
  WriteBytes(folder_ / "placement.new", placement.dump());
  std::filesystem::rename(folder_ / "placement.new", folder_ / "placement");
}

void ClusterShop::StartGateway(const std::vector<std::string>& more) {
  std::vector<std::string> flags{"--cluster", (folder_ / "placement").string()};
  flags.insert(flags.end(), more.begin(), more.end());
  server_ = std::make_unique<ServerProcess>("", flags);
  ASSERT_GT(server_->port(), 0) << server_->Errors();
}

ShopServer::Json ClusterShop::Told(const HttpAnswer& answer) {
  Json json = Parsed(answer);
  for (const char* name : {"timings_ms", "coverage", "generation", "last_change"}) json.erase(name);
  return json;
}

}  // namespace inlier::test
