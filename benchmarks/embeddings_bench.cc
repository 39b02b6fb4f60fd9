// Measures the search among embeddings (index/embedding_rows.h), whose rows are all compared: CPU
// time and bytes by the number of items and the length of a row. Rows are random; the time does not
// depend on what they are.
#include <algorithm>
#include <random>

#include "benchmarks/program.h"
#include "core/clock.h"
#include "index/embedding_rows.h"

namespace inlier {
namespace {

struct Options : CommonOptions {
  std::uint32_t items = 1'000'000;
};

constexpr int kRounds = 9;
constexpr int kFound = 50;
constexpr std::uint32_t kItemsPerBatch = 4096;

struct Shape {
  const char* name;
  std::uint16_t row_bytes;
  std::size_t photo_rows;
};
constexpr Shape kShapes[] = {{"look", 968, 1}, {"deep", 1536, 3}};

Features Rows(std::mt19937& random, std::size_t rows, std::uint16_t row_bytes) {
  Features features{.kind = DescriptorKind::kEmbedding, .descriptor_bytes = row_bytes};
  features.keypoints.resize(rows);
  features.descriptors.resize(rows * row_bytes);
  for (std::uint8_t& byte : features.descriptors) byte = static_cast<std::uint8_t>(random());
  return features;
}

Status Run(const Options& options) {
  for (const Shape& shape : kShapes) {
    std::mt19937 random(1);
    EmbeddingRows index;
    const std::vector<std::uint32_t> live(options.items, 1);
    for (FaceNumber face = 0; face < options.items;) {
      std::vector<Features> batch;
      for (std::uint32_t i = 0; i < kItemsPerBatch && face + i < options.items; ++i)
        batch.push_back(Rows(random, 1, shape.row_bytes));
      std::vector<EmbeddingRows::NewRows> added;
      for (const Features& features : batch) added.push_back({face++, &features});
      index = index.With(added, live);
    }
    const Features photo = Rows(random, shape.photo_rows, shape.row_bytes);
    std::vector<double> cpu_ms;
    for (int round = 0; round < kRounds; ++round) {
      const double before_ms = ThreadCpu_ms();
      const auto found = index.Nearest(photo, kFound, {live, {}});
      cpu_ms.push_back(ThreadCpu_ms() - before_ms);
      if (found.size() != std::min<std::size_t>(kFound, options.items))
        return Fail(ErrorCode::kCorrupt, "too few faces were found");
    }
    std::nth_element(cpu_ms.begin(), cpu_ms.begin() + kRounds / 2, cpu_ms.end());
    PrintResult({{"method", shape.name},
                 {"items", options.items},
                 {"row_bytes", shape.row_bytes},
                 {"photo_rows", shape.photo_rows},
                 {"cpu_ms", cpu_ms[kRounds / 2]},
                 {"bytes_an_item", static_cast<double>(index.bytes()) / options.items}},
                options.json);
  }
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Searching among embeddings");
  flags.add_options()("items", po::value(&options.items)->default_value(options.items),
                      "how many items to make up");
  return inlier::RunProgram("inlier-bench-embeddings", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
