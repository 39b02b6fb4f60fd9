#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bench/bench_method.h"
#include "bench/bench_options.h"
#include "bench/gallery.h"
#include "core/result.h"

namespace inlier {

/// Lets somebody else's method take part without being compiled in. WriteGallery says what there is
/// to find and to ask, another program answers, and its answers are a method like any other. Both
/// files are JSON Lines; docs/PYTHON.md, "A method of your own in the bench", describes them.

/// Writes the items and the photos of a gallery. `data_hash` is that of DataHash. Errors: kIo.
Status WriteGallery(const std::filesystem::path& path, const Gallery& gallery,
                    const std::string& data_hash);

/// The file of the answers of a method, if that is how the method takes part; or null.
const std::filesystem::path* GivenAnswersOf(const BenchOptions& options, std::string_view name);

/// Reads answers. A photo is answered once, in the whole gallery. The answers without the photo's
/// own items, and in its own dataset, are made by leaving items out of it. A method whose score of
/// an item does not depend on the others would answer the same. Errors: kNotFound, kCorrupt;
/// kInvalidArgument (answers about other data, a photo or an item that there is not, or a photo
/// without an answer).
Result<std::unique_ptr<BenchMethod>> OpenGivenAnswers(const std::filesystem::path& path,
                                                      const Gallery& gallery,
                                                      const std::string& data_hash);

}  // namespace inlier
