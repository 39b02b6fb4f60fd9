#include "index/vocabulary_file.h"

#include <cstdint>
#include <utility>

#include "core/blob.h"
#include "core/file.h"
#include "core/image.h"

namespace inlier {
namespace {

constexpr std::string_view kMagic = "INVO";
constexpr std::uint16_t kVersion = 1;
constexpr std::int64_t kMaxBytes = std::int64_t{4} << 30;

}  // namespace

std::string EncodeVocabulary(const Vocabulary& vocabulary) {
  BlobWriter writer;
  vocabulary.Write(writer);
  return writer.Seal(kMagic, kVersion);
}

Result<std::shared_ptr<const Vocabulary>> DecodeVocabulary(std::string_view bytes,
                                                           const std::string& name) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, kMagic, kVersion, name));
  auto vocabulary = Vocabulary::Read(reader);
  if (!vocabulary) return Within(name, vocabulary.error());
  if (!reader.Complete())
    return Fail(ErrorCode::kCorrupt, name + ": it contains more than a vocabulary");
  return std::shared_ptr<const Vocabulary>(std::move(*vocabulary));
}

Status WriteVocabulary(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  return PublishFile(path, EncodeVocabulary(vocabulary));
}

Result<std::shared_ptr<const Vocabulary>> ReadVocabulary(const std::filesystem::path& path) {
  INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(path, kMaxBytes));
  return DecodeVocabulary({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                          path.string());
}

}  // namespace inlier
