// Measures the index of fields (index/field_index.h): how long it takes to find the items that
// satisfy a condition, and to look for a field, among items that are made up. The store of a
// database has the same options.
#include <algorithm>
#include <memory>
#include <random>

#include <fmt/format.h>
#include <rocksdb/db.h>

#include "benchmarks/program.h"
#include "core/clock.h"
#include "index/field_index.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Options : CommonOptions {
  std::uint32_t items = 1'000'000;
};

constexpr std::uint32_t kItemsPerBatch = 1000;
constexpr int kRounds = 9;

// One item in 100 has a given category, one in 10,000 a given brand, one in 100 a price in a range
// of 10; each has a SKU of its own.
Metadata MadeUp(std::uint32_t item, std::mt19937& random) {
  return {{"brand", fmt::format("Brand {:04}", random() % 10'000)},
          {"category", fmt::format("category {:02}", random() % 100)},
          {"price", fmt::format("{}.{:02}", random() % 1000, random() % 100)},
          {"sku", fmt::format("SKU-{:08}", item)}};
}

// A family of a database of its own.
class Fields {
 public:
  Status Open(const fs::path& folder) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kLZ4Compression;
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, folder.string(), &opened);
    if (!status.ok()) return Fail(ErrorCode::kIo, status.ToString());
    db_.reset(opened);
    return {};
  }
  Status Fill(std::uint32_t items) {
    std::mt19937 random(1);
    for (std::uint32_t item = 0; item < items;) {
      rocksdb::WriteBatch batch;
      for (std::uint32_t i = 0; i < kItemsPerBatch && item < items; ++i, ++item)
        StageFields(batch, family(), item, {&item, 1}, MadeUp(item, random));
      if (const auto status = db_->Write({}, &batch); !status.ok())
        return Fail(ErrorCode::kIo, status.ToString());
    }
    if (const auto status = db_->CompactRange({}, nullptr, nullptr); !status.ok())
      return Fail(ErrorCode::kIo, status.ToString());
    return {};
  }
  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* family() { return db_->DefaultColumnFamily(); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

// The median of some rounds, in CPU milliseconds. `work` returns how many it has found.
Result<Json> Measured(const std::string& what, const std::function<Result<std::size_t>()>& work) {
  std::vector<double> cpu_ms;
  std::size_t found = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double before_ms = ThreadCpu_ms();
    INLIER_ASSIGN_OR_RETURN(found, work());
    cpu_ms.push_back(ThreadCpu_ms() - before_ms);
  }
  std::nth_element(cpu_ms.begin(), cpu_ms.begin() + kRounds / 2, cpu_ms.end());
  return Json{{"what", what}, {"found", found}, {"cpu_ms", cpu_ms[kRounds / 2]}};
}

Status Run(const Options& options) {
  const fs::path folder = options.out / "fields.db";
  fs::remove_all(folder);
  Fields fields;
  INLIER_RETURN_IF_ERROR(fields.Open(folder));
  INLIER_RETURN_IF_ERROR(fields.Fill(options.items));
  const auto where = [&fields](const std::vector<Condition>& conditions) {
    return [&fields, conditions]() -> Result<std::size_t> {
      std::size_t found = 0;
      INLIER_RETURN_IF_ERROR(
          VisitWhere(fields.db(), fields.family(), conditions,
                     [&found](ItemNumber, auto faces) { found += faces.size(); }));
      return found;
    };
  };
  const Condition category{.column = "category", .values = {"category 42"}},
      price{.column = "price", .ranges = {{100, 109.99}}},
      brand{.column = "brand", .prefixes = {"Brand 42"}},
      cheap{.column = "price", .ranges = {{.most = 499.99}}};
  std::vector<std::pair<std::string, std::function<Result<std::size_t>()>>> works = {
      {"a value", where({category})},
      {"a range", where({price})},
      {"a prefix", where({brand})},
      {"a value and a range", where({category, price})},
      {"a range of half of the items", where({cheap})},
      {"a field that is there",
       [&fields] { return HasField(fields.db(), fields.family(), "price"); }},
      {"a field that is not there",
       [&fields] { return HasField(fields.db(), fields.family(), "prise"); }},
      {"names of fields", [&fields]() -> Result<std::size_t> {
         INLIER_ASSIGN_OR_RETURN(const auto names, FieldNames(fields.db(), fields.family(), 100));
         return names.size();
       }}};
  for (const auto& [what, work] : works) {
    INLIER_ASSIGN_OR_RETURN(const Json result, Measured(what, work));
    PrintResult(result, options.json);
  }
  std::uint64_t bytes = 0;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".sst") bytes += file.file_size();
  }
  PrintResult({{"what", "bytes of disk an item"}, {"bytes", bytes / options.items}}, options.json);
  fs::remove_all(folder);
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Finding items by their metadata");
  flags.add_options()("items", po::value(&options.items)->default_value(options.items),
                      "how many items to make up");
  return inlier::RunProgram("inlier-bench-fields", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
