// The text of each line to the last byte: scripts rely on the names and on the order of the fields.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/round.h"
#include "wire/writer.h"

namespace inlier::wire {
namespace {

Hit SomeHit() {
  return {.id = "mug",
          .accepted = true,
          .probability = 0.998765,
          .score = 6.689,
          .inliers = 143,
          .polygon = {{{{-0.001f, 1.5f}, {10, 1}, {10.126f, 20}, {0, 20}}}},
          .metadata = {{"price", "12"}, {"category", "kitchen"}},
          .picture = {.path = "/shop/mug.png"},
          .twins = {"cup", "jug"}};
}

TEST(Wire, AnAnswerHasItsFieldsInOrder) {
  const Answer answer{.features = 812,
                      .hits = {SomeHit(), {.id = "tea", .score = -0.001}},
                      .timings = {.decode_ms = 9.14, .extract_ms = 14, .total_ms = 31.96}};
  EXPECT_EQ(
      AnswerLine("p.jpg", answer),
      R"({"photo":"p.jpg","features":812,"hits":[{"rank":1,"id":"mug","accepted":true,)"
      R"("probability":0.9988,"score":6.69,"inliers":143,)"
      R"("polygon":[[0.0,1.5],[10.0,1.0],[10.13,20.0],[0.0,20.0]],)"
      R"("metadata":{"price":"12","category":"kitchen"},"picture":"/shop/mug.png",)"
      R"("twins":["cup","jug"],"reason":null},{"rank":2,"id":"tea","accepted":false,)"
      R"("probability":0.0,"score":0.0,"inliers":0,"polygon":null,"metadata":{},"picture":"","reason":null}],)"
      R"("timings_ms":{"decode":9.1,"extract":14.0,"shortlist":0.0,"verify":0.0,"second_look":0.0,"total":32.0}})"
      "\n");
}

TEST(Wire, AHitThatIsNotAcceptedHasAReason) {
  const Hit hit{.id = "mug", .reason = Reason::kDiffers};
  EXPECT_NE(AnswerLine("p.jpg", Answer{.hits = {hit}}).find(R"("reason":"differs"})"),
            std::string::npos);
}

TEST(Wire, EvidenceComesWhenItIsAskedFor) {
  Hit hit{.id = "mug"};
  hit.evidence = {.inliers = 12, .matches = 30, .item_coverage = 0.25004, .colour_differs = 0.125};
  const std::string line = AnswerLine("p.jpg", Answer{.hits = {hit}}, /*with_evidence=*/true);
  EXPECT_NE(line.find(R"("evidence":{"inliers":12,"matches":30,"item_coverage":0.25,)"),
            std::string::npos);
  EXPECT_NE(line.find(R"("colour_differs":0.125,)"), std::string::npos);
  EXPECT_EQ(AnswerLine("p.jpg", Answer{.hits = {hit}}).find("evidence"), std::string::npos);
}

TEST(Wire, AFailureNamesThePhoto) {
  EXPECT_EQ(AnswerLine("p.jpg", Fail(ErrorCode::kBadImage, "the file is empty")),
            "{\"photo\":\"p.jpg\",\"error\":\"the file is empty\"}\n");
}

TEST(Wire, AMatchWithoutAHitHasNoScore) {
  EXPECT_EQ(MatchLine("p.jpg", "i.jpg", SomeHit()),
            R"({"photo":"p.jpg","item":"i.jpg","accepted":true,"probability":0.9988,"score":6.69,)"
            R"("inliers":143,"polygon":[[0.0,1.5],[10.0,1.0],[10.13,20.0],[0.0,20.0]]})"
            "\n");
  EXPECT_EQ(MatchLine("p.jpg", "i.jpg", std::nullopt),
            R"({"photo":"p.jpg","item":"i.jpg","accepted":false,"probability":0.0,"score":null,)"
            R"("inliers":0,"polygon":null})"
            "\n");
}

TEST(Wire, AnItemHasItsFieldsInOrder) {
  ItemRecord item{.id = "mug",
                  .metadata = {{"b", "1"}, {"a", "\"2\"\n"}},
                  .pictures = {{.path = "/shop/mug.png",
                                .content_hash = "0a1b",
                                .feature_count = 7,
                                .width_px = 240,
                                .height_px = 120},
                               {.content_hash = "2c3d", .feature_count = 1}}};
  EXPECT_EQ(ItemLine(item),
            R"({"id":"mug","image":"/shop/mug.png","width":240,"height":120,"features":8,)"
            R"("content_hash":"0a1b","metadata":{"b":"1","a":"\"2\"\n"},)"
            R"("pictures":[{"picture":"/shop/mug.png","width":240,"height":120,"features":7,)"
            R"("content_hash":"0a1b"},{"picture":"2c3d","width":0,"height":0,"features":1,)"
            R"("content_hash":"2c3d"}]})"
            "\n");
  EXPECT_EQ(MetadataText(item.metadata), R"({"b":"1","a":"\"2\"\n"})");
  EXPECT_EQ(MetadataText({}), "{}");
}

TEST(Wire, TextThatIsNotUtf8IsReplaced) {
  EXPECT_EQ(MetadataText({{"caf\xe9", "\xff"}}), "{\"caf\uFFFD\":\"\uFFFD\"}");
}

TEST(Wire, StatsHaveTheirFieldsInOrder) {
  const CollectionStats stats{.items = 1,
                              .items_without_features = 15,
                              .pictures = 16,
                              .faces = 17,
                              .features = 2,
                              .removed = 6,
                              .cells = 3,
                              .code_bits = 4,
                              .postings = 5,
                              .segments = 7,
                              .embeddings = 8,
                              .index_bytes = 9,
                              .mapped_bytes = 10,
                              .disk_bytes = 11,
                              .last_change = 13,
                              .covered_change = 14,
                              .generation = 12};
  EXPECT_EQ(StatsLine(stats, {}),
            R"({"items":1,"features":2,"method":"sift","cells":3,"code_bits":4,"postings":5,)"
            R"("removed_postings":6,"segments":7,"embeddings":8,"index_bytes":9,"mapped_bytes":10,)"
            R"("disk_bytes":11,"generation":12,"last_change":13,"covered_change":14,)"
            R"("items_without_features":15,"pictures":16,"faces":17})"
            "\n");
}

TEST(Wire, OutcomesHaveTheirFieldsInOrder) {
  const CatalogueEntry entry{.id = "mug", .images = {"/shop/mug.jpg"}};
  EXPECT_EQ(OutcomeLine(entry, {.image = "/shop/mug.jpg",
                                .kind = PictureOutcome::Kind::kAdded,
                                .features = 7,
                                .warnings = {"no end marker", "stray bytes"}}),
            R"({"id":"mug","image":"/shop/mug.jpg","outcome":"added","features":7,)"
            R"("warnings":["no end marker","stray bytes"],"error":null,"cause":null})"
            "\n");
  EXPECT_EQ(OutcomeLine(entry, {.image = "/shop/mug.jpg",
                                .kind = PictureOutcome::Kind::kFailed,
                                .error = {ErrorCode::kBadImage, "cut", BadImage::kDamaged}}),
            R"({"id":"mug","image":"/shop/mug.jpg","outcome":"failed","features":0,)"
            R"("warnings":[],"error":"cut","cause":"damaged"})"
            "\n");
  EXPECT_EQ(RejectedLine({"shop.csv, line 4", "no id"}),
            R"({"id":null,"image":null,"outcome":"failed","features":0,"warnings":[],)"
            R"("error":"shop.csv, line 4: no id","cause":"unusable entry"})"
            "\n");
}

TEST(Wire, TotalsOfAnIndexHaveTheirFieldsInOrder) {
  const IndexReport report{.added = 1,
                           .updated = 2,
                           .unchanged = 3,
                           .removed = 4,
                           .failed = 5,
                           .without_features = 6,
                           .stale_pictures = 8,
                           .shared_pictures = 9,
                           .ids_of_shared = 10,
                           .items_with_twins = 11,
                           .spared = 7,
                           .causes = {{"not there", 2}, {"damaged", 3}}};
  EXPECT_EQ(IndexTotalsLine(report, {{".txt", {"a.txt", "b.txt"}}, {LeftOut::kHidden, {".x"}}}),
            R"({"added":1,"updated":2,"unchanged":3,"removed":4,"failed":5,)"
            R"("causes":{"damaged":3,"not there":2},"without_features":6,"removed_pictures":0,)"
            R"("stale_pictures":8,"shared_pictures":9,"ids_of_shared_pictures":10,)"
            R"("items_with_twins":11,"spared":7,)"
            R"("left_out":[{"kind":".txt","files":2},{"kind":"hidden","files":1}]})"
            "\n");
}

TEST(Wire, APlanHasItsFieldsInOrder) {
  const Plan plan{.items = 1,
                  .features_per_item = 2.34,
                  .extract_ms_per_item = 3.456,
                  .sampled = true,
                  .cells = 4,
                  .code_bits = 5,
                  .memory_bytes = 6,
                  .build_memory_bytes = 7,
                  .disk_bytes = 8,
                  .build_disk_bytes = 9,
                  .open_files = 11,
                  .build_s = 10.04};
  EXPECT_EQ(PlanLine(plan),
            R"({"items":1,"features_per_item":2.3,"extract_ms_per_item":3.46,"sampled":true,)"
            R"("cells":4,"code_bits":5,"memory_bytes":6,"build_memory_bytes":7,"disk_bytes":8,)"
            R"("build_disk_bytes":9,"open_files":11,"build_s":10.0})"
            "\n");
  Plan of_cluster = plan;
  of_cluster.cluster = ClusterPlan{.nodes = 1,
                                   .replicas = 2,
                                   .shards = 3,
                                   .nodes_needed = 0,
                                   .shards_per_node = 5,
                                   .cells = 6,
                                   .shard_memory_bytes = 7,
                                   .memory_bytes = 8,
                                   .disk_bytes = 9,
                                   .candidate_bytes = 10,
                                   .query_network_bytes = 11};
  EXPECT_THAT(PlanLine(of_cluster),
              testing::EndsWith(
                  R"(,"cluster":{"nodes":1,"replicas":2,"shards":3,"nodes_needed":null,)"
                  R"("shards_per_node":5,"cells":6,"shard_memory_bytes":7,"node_memory_bytes":8,)"
                  R"("node_disk_bytes":9,"candidate_bytes":10,"query_network_bytes":11}})"
                  "\n"));
}

TEST(Wire, RoundedNumbersAreNeverMinusZero) {
  EXPECT_FALSE(std::signbit(RoundTo(-0.001, 2)));
  EXPECT_EQ(RoundTo(-0.006, 2), -0.01);
  EXPECT_EQ(RoundTo(2.345678, 4), 2.3457);
}

}  // namespace
}  // namespace inlier::wire
