// Reads the small JSON file that describes a model (docs/MODELS.md has the format).
//
// People write these files by hand, so every mistake is reported with the name of its field, and a
// field that nobody reads is a mistake too: it is probably misspelt. Fields does this for one
// object of the file. It reads fields by name, checks their type and range, keeps the first error,
// and at its end complains about the fields that were never asked for. The hash covers the contents
// of the file and of the networks, so that a database notices when any of them changes.
#include "deep/model_config.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/blob.h"
#include "core/image.h"
#include "core/json.h"
#include "deep/model_folders.h"

namespace inlier {
namespace {

constexpr std::int64_t kMaxConfig_bytes = 1 << 20;
constexpr std::int64_t kMaxModel_bytes = 2'000'000'000;
constexpr const char* kDefault = "efficientnet-lite0";

// One object of the file, whose name is `where`. The first error goes to `status`.
class Fields {
 public:
  Fields(const Json& json, std::string where, Status& status)
      : json_(json), where_(std::move(where)), status_(status) {
    if (!json_.is_object()) Complain("", "is not an object");
  }
  ~Fields() {
    if (!status_ || !json_.is_object()) return;
    for (const auto& [name, value] : json_.items()) {
      if (!asked_.contains(name)) Complain(name, "is not a known field");
    }
  }

  bool Has(const std::string& name) {
    asked_.insert(name);
    return json_.is_object() && json_.contains(name);
  }
  const Json& At(const std::string& name) {
    static const Json none;
    if (Has(name)) return json_.at(name);
    Complain(name, "is missing");
    return none;
  }
  template <class T>
  void Number(const std::string& name, T& value, double least, double most, bool required = false) {
    if (!required && !Has(name)) return;
    const Json& json = At(name);
    if (!status_) return;
    const bool whole = std::is_integral_v<T>;
    if (!(whole ? json.is_number_integer() : json.is_number()) || json.get<double>() < least ||
        json.get<double>() > most) {
      return Complain(name, fmt::format("is {}, not a {}number from {} to {}", DumpJsonAscii(json),
                                        whole ? "whole " : "", least, most));
    }
    value = json.get<T>();
  }
  // The place of a field's value among `words`; `otherwise` when the field is absent.
  std::size_t Word(const std::string& name, const std::vector<std::string>& words,
                   std::size_t otherwise) {
    if (!Has(name)) return otherwise;
    const Json& json = At(name);
    const auto found = json.is_string()
                           ? std::find(words.begin(), words.end(), json.get<std::string>())
                           : words.end();
    if (found == words.end())
      Complain(name,
               fmt::format("is {}, not one of {}", DumpJsonAscii(json), fmt::join(words, ", ")));
    return found == words.end() ? otherwise : static_cast<std::size_t>(found - words.begin());
  }
  std::string Text(const std::string& name) {
    const Json& json = At(name);
    if (!status_) return {};
    if (json.is_string() && !json.get<std::string>().empty()) return json.get<std::string>();
    Complain(name, "is not a string, or is empty");
    return {};
  }
  template <class T>
  std::vector<T> List(const std::string& name, bool (Json::*is)() const noexcept) {
    const Json& json = At(name);
    std::vector<T> values;
    if (!status_) return values;
    if (!json.is_array() || json.empty()) Complain(name, "is not a list with at least one entry");
    for (const Json& value : json) {
      if (!(value.*is)()) {
        Complain(name, "has an entry of the wrong type");
        return {};
      }
      values.push_back(value.get<T>());
    }
    return values;
  }
  void Three(const std::string& name, std::array<float, 3>& values) {
    if (!Has(name)) return;
    const auto list = List<float>(name, &Json::is_number);
    if (!status_) return;
    if (list.size() != 3) return Complain(name, "does not have three numbers");
    std::copy(list.begin(), list.end(), values.begin());
  }
  void Complain(const std::string& name, const std::string& what) {
    if (!status_) return;
    const std::string field = name.empty() ? where_ : where_.empty() ? name : where_ + "." + name;
    status_ = Fail(ErrorCode::kInvalidArgument, (field.empty() ? "the file" : field) + " " + what);
  }
  std::string Inner(const std::string& name) const {
    return where_.empty() ? name : where_ + "." + name;
  }

 private:
  const Json& json_;
  std::string where_;
  Status& status_;
  std::set<std::string> asked_;
};

void ReadInput(const Json& json, const std::string& where, Status& status, NetworkInput& input) {
  Fields fields(json, where, status);
  fields.Number("width_px", input.width_px, 8, 4096, /*required=*/true);
  fields.Number("height_px", input.height_px, 8, 4096, /*required=*/true);
  input.fit = static_cast<InputFit>(fields.Word("fit", {"stretch", "letterbox", "crop"}, 0));
  input.rgb = fields.Word("channels", {"bgr", "rgb"}, 0) == 1;
  input.nhwc = fields.Word("layout", {"nchw", "nhwc"}, 0) == 1;
  fields.Three("mean", input.mean);
  fields.Three("scale", input.scale);
}

void ReadDetector(const Json& json, const std::filesystem::path& folder, Status& status,
                  DetectorConfig& config) {
  Fields fields(json, "detector", status);
  config.onnx = folder / fields.Text("onnx");
  ReadInput(fields.At("input"), fields.Inner("input"), status, config.input);
  fields.Word("kind", {"fcos"}, 0);
  config.strides_px = fields.List<int>("strides", &Json::is_number_integer);
  config.scores = fields.List<std::string>("scores", &Json::is_string);
  config.boxes = fields.List<std::string>("boxes", &Json::is_string);
  fields.Number("bins", config.bins, 1, 256);
  fields.Number("regions", config.regions, 0, 100);
  fields.Number("least_score", config.least_score, 0, 1);
  fields.Number("most_overlap", config.most_overlap, 0, 1);
  if (!status) return;
  if (config.scores.size() != config.strides_px.size() ||
      config.boxes.size() != config.strides_px.size()) {
    return fields.Complain("", "does not have as many scores and boxes as strides");
  }
  for (const int stride_px : config.strides_px) {
    if (stride_px < 1 || config.input.width_px % stride_px != 0 ||
        config.input.height_px % stride_px != 0) {
      return fields.Complain("strides",
                             fmt::format("has {}, which does not divide the input", stride_px));
    }
  }
}

void ReadPooling(Fields& fields, EmbeddingOutput& output) {
  const auto before = static_cast<std::size_t>(output.pooling);
  output.pooling = static_cast<Pooling>(
      fields.Word("pooling", {"none", "average", "gem", "class_token", "patch_mean"}, before));
  fields.Number("gem_power", output.gem_power, 0.1, 20);
  fields.Number("prefix_tokens", output.prefix_tokens, 0, 64);
}

void ReadEmbedding(const Json& json, const std::filesystem::path& folder, Status& status,
                   EmbeddingConfig& config) {
  Fields fields(json, "embedding", status);
  config.onnx = folder / fields.Text("onnx");
  ReadInput(fields.At("input"), fields.Inner("input"), status, config.input);
  EmbeddingOutput all;  // what an output is that does not say otherwise
  ReadPooling(fields, all);
  fields.Number("crop_padding", config.crop_padding, 0, 1);
  const Json& outputs = fields.At("outputs");
  if (!status) return;
  if (!outputs.is_array() || outputs.empty())
    return fields.Complain("outputs", "is not a list with at least one entry");
  for (const Json& json_of_one : outputs) {
    config.outputs.push_back(all);
    EmbeddingOutput& output = config.outputs.back();
    if (json_of_one.is_string()) {
      output.name = json_of_one.get<std::string>();
      if (output.name.empty()) return fields.Complain("outputs", "has an entry without a name");
      continue;
    }
    if (!json_of_one.is_object())
      return fields.Complain("outputs", "has an entry of the wrong type");
    Fields one(json_of_one, "embedding.outputs", status);
    output.name = one.Text("name");
    ReadPooling(one, output);
    one.Number("weight", output.weight, 0.001, 1000);
    one.Number("whitened", output.whitened, 1, 65'535);
  }
  if (std::ranges::all_of(config.outputs, [](const auto& output) { return output.whitened > 0; }))
    fields.Complain("outputs", "has nothing that is not whitened");
}

Calibration ReadCalibration(Fields& fields, const std::string& name, Status& status) {
  Calibration calibration;
  Fields inner(fields.At(name), name, status);
  inner.Number("offset", calibration.offset, -1e6, 1e6, /*required=*/true);
  inner.Number("similarity", calibration.similarity, 0, 1e6, /*required=*/true);
  inner.Number("margin", calibration.margin, 0, 1e6, /*required=*/true);
  return calibration;
}

}  // namespace

Result<std::filesystem::path> FindModel(const std::string& name) {
  std::error_code ec;
  if (!name.empty() && std::filesystem::is_regular_file(name, ec))
    return std::filesystem::path(name);
  const std::string file = (name.empty() ? kDefault : name) + std::string(".json");
  if (name.find('/') == std::string::npos) {
    if (const auto found = FindModelFile(file)) return *found;
  }
  if (!name.empty())
    return Fail(ErrorCode::kNotFound, name + ": there is no such model configuration");
  return Fail(ErrorCode::kNotFound,
              "method deep has no model yet: run scripts/setup-deep and build again, or name a "
              "configuration with --set extract.deep_model=FILE");
}

Result<ModelConfig> ReadModelConfig(const std::filesystem::path& path) {
  const auto bytes = ReadFileBytes(path, kMaxConfig_bytes);
  if (!bytes) return Within(path.string(), bytes.error());
  const auto json = ParseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  ModelConfig config;
  Status status;
  if (!json) {
    status = tl::unexpected(json.error());
  } else {
    Fields fields(*json, "", status);
    config.name = fields.Text("name");
    config.detects = fields.Has("detector");
    if (config.detects)
      ReadDetector(fields.At("detector"), path.parent_path(), status, config.detector);
    ReadEmbedding(fields.At("embedding"), path.parent_path(), status, config.embedding);
    if (fields.Has("crops")) config.crops = fields.List<float>("crops", &Json::is_number);
    for (const float share : config.crops) {
      if (!(share > 0 && share < 1))
        fields.Complain("crops", "has a share that is not between 0 and 1");
    }
    if (fields.Has("calibration"))
      config.calibration = ReadCalibration(fields, "calibration", status);
    if (fields.Has("calibration_whitened"))
      config.calibration_whitened = ReadCalibration(fields, "calibration_whitened", status);
  }
  if (!status) return Within(path.string(), status.error());
  std::string identity = ContentHash(*bytes);
  for (const auto& onnx :
       {config.detects ? config.detector.onnx : config.embedding.onnx, config.embedding.onnx}) {
    const auto network = ReadFileBytes(onnx, kMaxModel_bytes);
    if (!network) return Within(onnx.string(), network.error());
    identity += ContentHash(*network);
  }
  config.hash =
      ContentHash({reinterpret_cast<const std::uint8_t*>(identity.data()), identity.size()});
  return config;
}

}  // namespace inlier
