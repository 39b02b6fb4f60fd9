// Fuzz targets for what users write: tables, options, and configurations of networks.
#include <array>
#include <set>

#include "deep/model_config.h"
#include "deep/projection.h"
#include "engine/queries.h"
#include "engine/recipe.h"
#include "engine/utf8.h"
#include "inlier/catalogue.h"
#include "inlier/options.h"
#include "tests/fuzz/targets.h"
#include "tests/support/files.h"

namespace inlier::test {
using namespace std::string_literals;

namespace {

constexpr std::array<const char*, 5> kTableNames{
    "catalogue.csv", "catalogue.jsonl", "catalogue.json", "catalogue.xml", "catalogue.tsv"};

// A folder with files that the URLs of the seeds may mean.
std::filesystem::path FolderOfImages() {
  static const TempFolder* const folder = [] {
    auto* const made = new TempFolder;
    for (const char* name : {"1.jpg", "a/2.jpg", "b/2.jpg", "3.jpg?v=1"}) {
      WriteBytes(*made / name, "x");
    }
    return made;
  }();
  return folder->path();
}

// The first byte says what kind of table it is and how it is read.
void RunTable(std::span<const std::uint8_t> bytes) {
  static const TempFolder* const folder = new TempFolder;
  if (bytes.empty()) return;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1);
  const auto path = *folder / kTableNames[bytes[0] % kTableNames.size()];
  WriteBytes(path, text);
  CatalogueOptions options;
  const unsigned ways = bytes[0] / kTableNames.size();
  if (ways % 2 == 1) options.images = FolderOfImages();
  if (ways / 2 % 2 == 1) options.columns = {{"id", "sku"}, {"title", "name"}};
  if (ways / 4 % 2 == 1) options.picture_separator = ",";
  const auto catalogue = ReadCatalogue(path, options);
  std::set<std::string> ids;
  for (std::size_t i = 0; catalogue && i < catalogue->entries.size(); ++i) {
    const CatalogueEntry& entry = catalogue->entries[i];
    if (entry.id.empty() || entry.images.empty() || !entry.images.front().is_absolute() ||
        ValidUtf8Bytes(entry.id) != entry.id.size() || !ids.insert(entry.id).second)
      __builtin_trap();
  }
  (void)ListUrls(path, options);
  (void)ReadQueries(path);
  if (UnescapedForm(EscapedForm(text)) != text) __builtin_trap();
}

std::string Kind(int table, int ways) {
  return {static_cast<char>(table + static_cast<int>(kTableNames.size()) * ways)};
}

std::string Utf16(std::string_view text) {
  std::string wide = "\xFF\xFE";
  for (const char c : text) wide += {c, '\0'};
  return wide;
}

std::vector<std::string> TableSeeds() {
  const std::string feed =
      "<?xml version='1.0' encoding='UTF-8'?><rss xmlns:g='http://base.google.com/ns/1.0'>"
      "<channel><item><g:id>a&amp;b</g:id><title>T</title><link href='x'/>"
      "<g:image_link>https://c.com/1.jpg</g:image_link><g:additional_image_link>//c.com/b/2.jpg"
      "</g:additional_image_link><g:x><g:y>1</g:y></g:x></item></channel></rss>";
  return {
      "\0id,image\na,a.jpg\n"s + "b,\"b, c.jpg\"\n",
      "\0id,image,brand\r\n1,x.png,\"A \"\"B\"\"\"\r\n\r\n2,y.png,\r\n"s,
      "\1{\"id\":\"a\",\"image\":\"a.jpg\"}\n{\"id\":\"b\",\"image\":\"../b.jpg\",\"n\":[1,{\"x\":null}],\"f\":1e9}\n"s,
      "\0image,id,tag\na.jpg,,none\n"s,
      "\0\xEF\xBB\xBFid,image\n\"open\n"s,
      Kind(0, 0) + Utf16("id;image\r\na;1.jpg|2.jpg\r\na;3.jpg\r\n"),
      Kind(0, 0) + "sep=;\rid;image;n\rcaf\xE9;a.jpg;19\" x\r",
      Kind(2, 0) + R"([{"id":"a","image":["1.jpg","2.jpg"]},{"id":"\u00e9","image":"x"}])",
      Kind(3, 0) + feed,
      Kind(3, 1) + feed,
      Kind(4, 2) + "SKU\tname\timage\ta\n1\tx\t1.jpg\ty\n2\n",
      Kind(0, 1) +
          "Handle,Title,Variant SKU,Image Src,Variant Image\nm,M,S1,https://c.com/1.jpg?v=2,\n"
          "m,,S2,https://c.com/a/2.jpg,//c.com/2.jpg\n",
      Kind(0, 1) +
          "ID,Type,SKU,Name,Images,Parent\n4,variable,s,N,\"https://c.com/1.jpg, "
          "https://c.com/3.jpg?v=1\",\n5,variation,,N,,id:4\n",
      Kind(0, 5) + "sku,base_image,additional_images,name\nm,/m/b/1.jpg,\"/1.jpg,/2.jpg\",x\n"};
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
    WriteBytes(*folder / "projection", Sealed(rest, "INPJ", 2));
    const auto projection = Projection::Read(*folder / "projection");
    if (projection &&
        projection->Apply(std::vector<float>(projection->in())).size() != projection->dims())
      __builtin_trap();
  }
}

std::vector<std::string> ModelSeeds() {
  const std::string input =
      R"("input":{"width_px":32,"height_px":32,"fit":"letterbox","mean":[1,2,3]})";
  const std::string config =
      R"({"name":"n","embedding":{"onnx":"network.onnx",)" + input +
      R"(,"outputs":["o",{"name":"p","weight":2,"whitened":9}],"pooling":"gem"},"detector":{"onnx":"network.onnx",)" +
      input + R"(,"strides":[8],"scores":["s"],"boxes":["b"]},"crops":[0.5],)" +
      R"("calibration":{"offset":-1,"similarity":2,"margin":3}})";
  static const TempFolder* const folder = new TempFolder;
  const Projection projection{
      .model_hash = "hash",
      .parts = {{.in = 2, .mean = {1, 2}, .matrix = {1, 2, 3, 4}}, {.begin = 2, .in = 3}}};
  if (!projection.Write(*folder / "projection")) __builtin_trap();
  return {char{0} + config, char{1} + FileOf(*folder / "projection").substr(kBlobHeaderBytes)};
}

}  // namespace

FuzzTarget TableTarget() { return {"table", RunTable, TableSeeds}; }
FuzzTarget ModelTarget() { return {"model", RunModel, ModelSeeds}; }
FuzzTarget OptionsTarget() { return {"options", RunOptions, OptionsSeeds}; }

}  // namespace inlier::test
