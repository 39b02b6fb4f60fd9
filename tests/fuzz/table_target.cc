// Fuzz targets for what users write: tables, options, and configurations of networks.
#include "deep/model_config.h"
#include "deep/projection.h"
#include "engine/queries.h"
#include "engine/recipe.h"
#include "inlier/catalogue.h"
#include "inlier/options.h"
#include "tests/fuzz/targets.h"
#include "tests/support/files.h"

namespace inlier::test {
using namespace std::string_literals;

namespace {

void RunTable(std::span<const std::uint8_t> bytes) {
  static const TempFolder* const folder = new TempFolder;
  if (bytes.empty()) return;
  const auto path = *folder / (bytes[0] % 2 == 0 ? "catalogue.csv" : "catalogue.jsonl");
  WriteBytes(path, {reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1});
  const auto catalogue = ReadCatalogue(path);
  for (std::size_t i = 0; catalogue && i < catalogue->entries.size(); ++i) {
    const CatalogueEntry& entry = catalogue->entries[i];
    if (entry.id.empty() || entry.images.empty() || !entry.images.front().is_absolute())
      __builtin_trap();
  }
  (void)ReadQueries(path);
}

std::vector<std::string> TableSeeds() {
  return {
      "\0id,image\na,a.jpg\n"s + "b,\"b, c.jpg\"\n",
      "\0id,image,brand\r\n1,x.png,\"A \"\"B\"\"\"\r\n\r\n2,y.png,\r\n"s,
      "\1{\"id\":\"a\",\"image\":\"a.jpg\"}\n{\"id\":\"b\",\"image\":\"../b.jpg\",\"n\":[1,{\"x\":null}],\"f\":1e9}\n"s,
      "\0image,id,tag\na.jpg,,none\n"s, "\0\xEF\xBB\xBFid,image\n\"open\n"s};
}

void RunOptions(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const auto options = OptionsFromJson(text)) {
    const auto again = OptionsFromJson(ToJson(*options));
    if (!again || ToJson(*again) != ToJson(*options)) __builtin_trap();
  }
  if (const auto extract = OptionsFromRecipe(text)) {
    if (!OptionsFromRecipe(Recipe(*extract))) __builtin_trap();
  }
  EngineOptions options;
  const std::size_t equals = std::min(text.find('='), text.size());
  (void)SetOption(options, text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
}

std::vector<std::string> OptionsSeeds() {
  const EngineOptions options;
  return {ToJson(options),
          Recipe(options.extract),
          "extract.method=orb",
          "shortlist.sigma_bits=9.5",
          "decide.candidates=20",
          R"({"shortlist":{"probes":-1}})",
          R"({"extract":{"features":1e30}})"};
}

// The first byte says whether the rest is a configuration or the body of a projection.
void RunModel(std::span<const std::uint8_t> bytes) {
  static const TempFolder* const folder = new TempFolder;
  if (bytes.empty()) return;
  const std::string_view rest(reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1);
  if (bytes[0] % 2 == 0) {
    WriteBytes(*folder / "network.onnx", "network");
    WriteBytes(*folder / "model.json", rest);
    const auto config = ReadModelConfig(*folder / "model.json");
    if (config && (config->embedding.outputs.empty() || config->embedding.input.width_px <= 0))
      __builtin_trap();
  } else {
    WriteBytes(*folder / "projection", Sealed(rest, "INPJ", 1));
    const auto projection = Projection::Read(*folder / "projection");
    if (projection && projection->Apply(projection->mean).size() != projection->dims())
      __builtin_trap();
  }
}

std::vector<std::string> ModelSeeds() {
  const std::string input =
      R"("input":{"width_px":32,"height_px":32,"fit":"letterbox","mean":[1,2,3]})";
  const std::string config =
      R"({"name":"n","embedding":{"onnx":"network.onnx",)" + input +
      R"(,"outputs":["o"],"pooling":"gem"},"detector":{"onnx":"network.onnx",)" + input +
      R"(,"strides":[8],"scores":["s"],"boxes":["b"]},"crops":[0.5],)" +
      R"("calibration":{"offset":-1,"similarity":2,"margin":3}})";
  static const TempFolder* const folder = new TempFolder;
  const Projection projection{.model_hash = "hash", .mean = {1, 2}, .matrix = {1, 2, 3, 4}};
  if (!projection.Write(*folder / "projection")) __builtin_trap();
  return {char{0} + config, char{1} + FileOf(*folder / "projection").substr(kBlobHeaderBytes)};
}

}  // namespace

FuzzTarget TableTarget() { return {"table", RunTable, TableSeeds}; }
FuzzTarget ModelTarget() { return {"model", RunModel, ModelSeeds}; }
FuzzTarget OptionsTarget() { return {"options", RunOptions, OptionsSeeds}; }

}  // namespace inlier::test
