#include "engine/recipe.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/json.h"
#include "deep/deep.h"
#include "deep/xfeat.h"
#include "deep/xfeat_network.h"
#include "engine/hybrid/hybrid_extractor.h"
#include "extractor/look.h"

namespace inlier {
namespace {

// Raise it when the same options no longer give comparable features.
constexpr int kRecipeVersion = 3;

// True when the method reads this option. A method that a program has added is taken to read the
// options of the method that its name contains: "opencv-sift" those of "sift".
bool ReadBy(const Field& field, std::string_view method) {
  if (field.only.empty()) return true;
  for (std::size_t begin = 0; begin < field.only.size();) {
    const std::size_t end = std::min(field.only.find(',', begin), field.only.size());
    if (method.find(field.only.substr(begin, end - begin)) != std::string_view::npos) return true;
    begin = end + 1;
  }
  return false;
}

bool UsesNetwork(std::string_view method) {
  return method == kDeepMethod || method == kHybridMethod;
}

}  // namespace

std::string Recipe(const ExtractorOptions& options) {
  Json extract = Json::object();
  ExtractorOptions::Visit(options, [&](const Field& field, const auto& value) {
    // An option that the method does not read cannot make its features differ.
    if (ReadBy(field, options.method)) extract[std::string(field.name)] = value;
  });
  Json recipe{{"recipe", kRecipeVersion}, {"extract", extract}};
  if (UsesNetwork(options.method)) {
    // The contents of these files determine the features, so their hashes are compared; the paths
    // are kept to find the files again.
    for (const char* file : {"deep_model", "deep_projection"}) {
      const auto& path = extract[file].get_ref<const std::string&>();
      std::error_code ec;
      if (!path.empty()) extract[file] = std::filesystem::weakly_canonical(path, ec).string();
    }
    recipe["extract"] = extract;
    const auto identity = IdentifyDeep(options);
    recipe["deep"] = Json{{"model", identity ? identity->model : ""},
                          {"projection", identity ? identity->projection : ""}};
  }
  if (options.method == kXfeatMethod) {
    const auto network = IdentifyXfeat();
    recipe["xfeat"] = Json{{"network", network ? *network : ""}};
  }
  return DumpJson(recipe);
}

bool IsEmbeddingMethod(std::string_view method) {
  return method == kDeepMethod || method == kLookMethod;
}

FeatureSpaces SpacesOfRecipe(std::string_view recipe) {
  const auto json = ParseJson(recipe);
  if (!json || !json->is_object()) return {};
  const auto extract = json->find("extract");
  if (extract == json->end() || !extract->is_object() || !extract->contains("method") ||
      !extract->at("method").is_string())
    return {};
  const auto method = extract->at("method").get<std::string>();
  if (method == kHybridMethod) return {.local = true, .globals = kHybridSpaces};
  return {.local = !IsEmbeddingMethod(method)};
}

Result<ExtractorOptions> OptionsFromRecipe(std::string_view recipe) {
  const auto incompatible = [](std::string reason) {
    return Fail(ErrorCode::kIncompatible, "recipe of the features: " + std::move(reason));
  };
  auto json = ParseJson(recipe);
  if (!json || !json->is_object()) return incompatible("text: not a JSON object");
  const Json version = json->value("recipe", Json());
  if (!version.is_number_integer() || version != kRecipeVersion) {
    return incompatible(
        fmt::format("version {} where this program knows {}", DumpJson(version), kRecipeVersion));
  }
  json->erase("recipe");
  json->erase("deep");
  json->erase("xfeat");
  const auto options = OptionsFromJson(DumpJson(*json));
  if (!options) return incompatible(options.error().message);
  if (UsesNetwork(options->extract.method) && Recipe(options->extract) != recipe) {
    return incompatible("the model or the projection that it was made with has changed since");
  }
  if (options->extract.method == kXfeatMethod) {
    if (const auto network = IdentifyXfeat(); !network)
      return incompatible(network.error().message);
    if (Recipe(options->extract) != recipe)
      return incompatible("the network that it was made with has changed since");
  }
  return options->extract;
}

}  // namespace inlier
