// A learnt projection: how it is applied, and how it is stored (projection_fit.cc learns it).
//
// It turns an embedding x into M (x − μ), scaled to unit length again so that cosines of the
// results can be compared. The file is a sealed blob with the hash of the model that M belongs to,
// because the map has no meaning for the embeddings of any other.
#include "deep/projection.h"

#include "core/blob.h"
#include "core/file.h"
#include "core/image.h"
#include "deep/embedder.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INPJ";
constexpr std::uint16_t kVersion = 1;
constexpr std::int64_t kMost_bytes = std::int64_t{1} << 32;

}  // namespace

std::vector<float> Projection::Apply(std::span<const float> values) const {
  const std::size_t in = mean.size();
  std::vector<float> centred(in), out(dims());
  for (std::size_t i = 0; i < in; ++i) centred[i] = values[i] - mean[i];
  for (std::size_t row = 0; row < out.size(); ++row) {
    float sum = 0;
    for (std::size_t i = 0; i < in; ++i) sum += matrix[row * in + i] * centred[i];
    out[row] = sum;
  }
  Normalise(out);
  return out;
}

Status Projection::Write(const std::filesystem::path& path) const {
  BlobWriter writer;
  writer.PutString(model_hash);
  writer.PutArray(std::span<const float>(mean));
  writer.PutArray(std::span<const float>(matrix));
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
  projection.mean = reader.GetArray<float>();
  projection.matrix = reader.GetArray<float>();
  projection.calibration.offset = reader.Get<double>();
  projection.calibration.similarity = reader.Get<double>();
  projection.calibration.margin = reader.Get<double>();
  if (!reader.Complete() || projection.dims() == 0 ||
      projection.dims() * projection.mean.size() != projection.matrix.size() ||
      projection.dims() > 0xffff) {
    return Fail(ErrorCode::kCorrupt, path.string() + ": its fields contradict each other");
  }
  return projection;
}

}  // namespace inlier
