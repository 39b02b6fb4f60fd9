// A learnt projection: how it is applied, and how it is stored (projection_fit.cc learns it).
//
// It turns an embedding x, or some parts of it, into M (x − μ), scaled to unit length again so that
// cosines of the results can be compared. The file is a sealed blob with the hash of the model that
// M belongs to, because the map has no meaning for the embeddings of any other.
#include "deep/projection.h"

#include <algorithm>

#include "core/blob.h"
#include "core/file.h"
#include "core/image.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INPJ";
constexpr std::uint16_t kVersion = 2;
constexpr std::int64_t kMost_bytes = std::int64_t{1} << 32;
constexpr std::size_t kMaxDims = 0xffff;  // of an embedding and of its projection

// True when the sizes of its arrays agree. One without a matrix has none.
bool IsWhole(const ProjectedPart& part) {
  if (part.in == 0 || part.in > kMaxDims || part.begin > kMaxDims) return false;
  if (part.matrix.empty()) return part.mean.empty();
  return part.mean.size() == part.in && part.matrix.size() % part.in == 0;
}

void Project(const ProjectedPart& part, std::span<const float> values, std::span<float> out) {
  if (part.matrix.empty()) {
    std::ranges::copy(values, out.begin());
    return;
  }
  std::vector<float> centred(part.in);
  for (std::size_t i = 0; i < centred.size(); ++i) centred[i] = values[i] - part.mean[i];
  for (std::size_t row = 0; row < out.size(); ++row) {
    float sum = 0;
    for (std::size_t i = 0; i < centred.size(); ++i)
      sum += part.matrix[row * part.in + i] * centred[i];
    out[row] = sum;
  }
}

}  // namespace

std::size_t Projection::in() const {
  std::size_t most = 0;
  for (const ProjectedPart& part : parts)
    most = std::max<std::size_t>(most, std::size_t{part.begin} + part.in);
  return most;
}

std::size_t Projection::dims() const {
  std::size_t sum = 0;
  for (const ProjectedPart& part : parts) sum += part.dims();
  return sum;
}

std::vector<float> Projection::Apply(std::span<const float> values) const {
  std::vector<float> out(dims());
  std::size_t at = 0;
  for (const ProjectedPart& part : parts) {
    const std::span<float> projected = std::span(out).subspan(at, part.dims());
    Project(part, values.subspan(part.begin, part.in), projected);
    Normalise(projected, part.weight);
    at += projected.size();
  }
  Normalise(out);
  return out;
}

Projection WithoutWhitening(std::span<const EmbeddingPart> parts) {
  Projection projection;
  for (const EmbeddingPart& part : parts) {
    if (part.whitened > 0) continue;
    projection.parts.push_back({.begin = static_cast<std::uint32_t>(part.begin),
                                .in = static_cast<std::uint32_t>(part.dims),
                                .weight = part.weight});
  }
  return projection;
}

Status Projection::Write(const std::filesystem::path& path) const {
  BlobWriter writer;
  writer.PutString(model_hash);
  writer.Put(static_cast<std::uint32_t>(parts.size()));
  for (const ProjectedPart& part : parts) {
    writer.Put(part.begin);
    writer.Put(part.in);
    writer.Put(part.weight);
    writer.PutArray(std::span<const float>(part.mean));
    writer.PutArray(std::span<const float>(part.matrix));
  }
  writer.Put(calibration.offset);
  writer.Put(calibration.similarity);
  writer.Put(calibration.margin);
  return PublishFile(path, writer.Seal(kMagic, kVersion));
}

Result<Projection> Projection::Read(const std::filesystem::path& path) {
  const auto bytes = ReadFileBytes(path, kMost_bytes);
  if (!bytes) return Within(path.string(), bytes.error());
  INLIER_ASSIGN_OR_RETURN(
      BlobReader reader,
      BlobReader::Open({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, kMagic,
                       kVersion, path.string()));
  Projection projection;
  projection.model_hash = reader.GetString();
  const auto count = reader.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    ProjectedPart part{.begin = reader.Get<std::uint32_t>(),
                       .in = reader.Get<std::uint32_t>(),
                       .weight = reader.Get<float>()};
    part.mean = reader.GetArray<float>();
    part.matrix = reader.GetArray<float>();
    projection.parts.push_back(std::move(part));
  }
  projection.calibration.offset = reader.Get<double>();
  projection.calibration.similarity = reader.Get<double>();
  projection.calibration.margin = reader.Get<double>();
  if (!reader.Complete() || !std::ranges::all_of(projection.parts, IsWhole) ||
      projection.dims() == 0 || projection.dims() > kMaxDims) {
    return Fail(ErrorCode::kCorrupt, path.string() + ": its fields contradict each other");
  }
  return projection;
}

}  // namespace inlier
