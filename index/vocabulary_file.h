#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "index/vocabulary.h"

namespace inlier {

/// A vocabulary by itself, as sealed bytes: a file, or what a store was given when it was made.
std::string EncodeVocabulary(const Vocabulary& vocabulary);
/// `name` stands in messages. Errors: kCorrupt, kIncompatible.
Result<std::shared_ptr<const Vocabulary>> DecodeVocabulary(std::string_view bytes,
                                                           const std::string& name);

/// Errors: kIo, kDiskFull; kNotFound, kCorrupt, kIncompatible.
Status WriteVocabulary(const std::filesystem::path& path, const Vocabulary& vocabulary);
Result<std::shared_ptr<const Vocabulary>> ReadVocabulary(const std::filesystem::path& path);

}  // namespace inlier
