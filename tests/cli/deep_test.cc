// These tests run 'inlier learn' and use the method deep from the command line.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/shop.h"
#include "tests/support/tiny_onnx.h"

namespace inlier::test {
namespace {

using testing::HasSubstr;

class CliDeep : public Shop {
 protected:
  void SetUp() override {
    if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
    WriteTinyModel(File("model"));
  }
};

TEST_F(CliDeep, LearnsIndexesAndAnswers) {
  const Outcome learn = Inlier({"learn", "items", "--out", "shop.proj", "--model",
                                "model/tiny.json", "--views", "3", "--threads", "2"});
  ASSERT_EQ(learn.exit, 0) << learn.err;
  EXPECT_THAT(learn.out, HasSubstr("3 items, 0 failed; 2 dimensions"));
  EXPECT_THAT(learn.out, HasSubstr("kept apart: "));
  const Outcome index =
      Inlier({"index", "items", "--db", "deep.db", "--features", "deep", "--set",
              "extract.deep_model=model/tiny.json", "--set", "extract.deep_projection=shop.proj"});
  ASSERT_EQ(index.exit, 0) << index.err;
  const Outcome stats = Inlier({"stats", "--db", "deep.db", "--format", "jsonl"});
  const auto json = nlohmann::json::parse(stats.out);
  EXPECT_EQ(json["method"], "deep");
  EXPECT_EQ(json["embeddings"], 3);
  EXPECT_EQ(Inlier({"check", "--db", "deep.db"}).exit, 0);
  WriteImage(File("photo.png"), DrawTexture(1, 90, 90));
  const Outcome query =
      Inlier({"query", "photo.png", "--db", "deep.db", "--all", "--format", "jsonl"});
  ASSERT_EQ(query.exit, 0) << query.err;
  const auto answer = nlohmann::json::parse(query.out);
  ASSERT_EQ(answer["hits"].size(), 3u);
  EXPECT_EQ(answer["hits"][0]["inliers"], 0);
  EXPECT_EQ(answer["hits"][0]["polygon"].size(), 4u);
}

TEST_F(CliDeep, HybridAcceptsWhatIsTheSameAndSaysWhatThePhotoLooksLike) {
  const Outcome index = Inlier({"index", "items", "--db", "hybrid.db", "--features", "hybrid",
                                "--set", "extract.deep_model=model/tiny.json"});
  ASSERT_EQ(index.exit, 0) << index.err;
  const Outcome stats = Inlier({"stats", "--db", "hybrid.db", "--format", "jsonl"});
  EXPECT_EQ(nlohmann::json::parse(stats.out)["method"], "hybrid");
  EXPECT_EQ(Inlier({"check", "--db", "hybrid.db"}).exit, 0);
  WritePhotoOf(mug_, "same.png");
  const Outcome same = Inlier({"query", "same.png", "--db", "hybrid.db", "--format", "jsonl"});
  const auto found = nlohmann::json::parse(same.out);
  ASSERT_EQ(found["hits"].size(), 1u) << same.out;
  EXPECT_EQ(found["hits"][0]["id"], "mug");
  EXPECT_EQ(found["hits"][0]["accepted"], true);
  EXPECT_FALSE(found["hits"][0].contains("kind"));
  // Of a picture without texture there is nothing but its colours.
  WriteImage(File("plain.png"), Image{64, 48, 3, std::vector<std::uint8_t>(64 * 48 * 3, 120)});
  const std::vector<std::string> ask = {"query",     "plain.png", "--db",
                                        "hybrid.db", "--set",     "decide.similar_probability=0"};
  const Outcome text = Inlier(ask);
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("plain.png: looks like "));
  EXPECT_THAT(text.out, HasSubstr("similar"));
  std::vector<std::string> as_json = ask;
  as_json.insert(as_json.end(), {"--format", "jsonl"});
  for (const auto& hit : nlohmann::json::parse(Inlier(as_json).out)["hits"]) {
    EXPECT_EQ(hit["kind"], "similar");
    EXPECT_EQ(hit["accepted"], false);
  }
}

// The program starts without ONNX Runtime and misses it only when a network is asked for.
TEST_F(CliDeep, AMissingRuntimeIsMissedWhenItIsNeeded) {
  const std::vector<std::string> index = {
      "index",      "items", "--db",  "deep.db",
      "--features", "deep",  "--set", "extract.deep_model=model/tiny.json"};
  for (const auto& [runtime, why] : std::vector<std::pair<std::string, std::string>>{
           {File("none.so"), "run scripts/setup-deep"},
           {File("items/mug.png"), "invalid ELF header"}}) {
    setenv("INLIER_ONNXRUNTIME", runtime.c_str(), /*overwrite=*/1);
    const Outcome refused = Inlier(index), version = Inlier({"version"});
    unsetenv("INLIER_ONNXRUNTIME");
    EXPECT_EQ(refused.exit, 3);
    EXPECT_THAT(refused.err, HasSubstr("there is no ONNX Runtime here"));
    EXPECT_THAT(refused.err, HasSubstr(why));
    EXPECT_EQ(version.exit, 0);
  }
  EXPECT_EQ(Inlier(index).exit, 0);
}

TEST_F(CliDeep, BadArgumentsAreExplained) {
  EXPECT_EQ(Inlier({"learn", "items"}).exit, 2);
  const Outcome model = Inlier({"learn", "items", "--out", "p", "--model", "none.json"});
  EXPECT_NE(model.exit, 0);
  EXPECT_THAT(model.err, HasSubstr("none.json: there is no such model configuration"));
  EXPECT_EQ(Inlier({"learn", "none", "--out", "p"}).exit, 1);
  EXPECT_EQ(Inlier({"learn", "items", "--out", "p", "--views", "0"}).exit, 2);
  WriteBytes(File("bad.proj"), "no projection");
  const Outcome index =
      Inlier({"index", "items", "--db", "deep.db", "--features", "deep", "--set",
              "extract.deep_model=model/tiny.json", "--set", "extract.deep_projection=bad.proj"});
  EXPECT_NE(index.exit, 0);
  EXPECT_THAT(index.err, HasSubstr("bad.proj"));
}

}  // namespace
}  // namespace inlier::test
