// Compares images by an ONNX network of your own instead of local features. MODEL.json names the
// network and what it takes and gives; docs/MODELS.md describes the file.
//   own_embedding MODEL.json DATABASE PHOTO PICTURE...
#include <iostream>

#include <inlier/engine.h>

namespace {

int Fail(const inlier::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: own_embedding MODEL.json DATABASE PHOTO PICTURE...\n";
    return 2;
  }
  inlier::EngineOptions options;
  options.extract.method = "deep";
  options.extract.deep_model = argv[1];
  const auto engine =
      inlier::Engine::Open(argv[2], inlier::OpenMode::kCreate, {.options = options});
  if (!engine) return Fail(engine.error());
  for (int i = 4; i < argc; ++i) {
    const std::filesystem::path picture = argv[i];
    const auto added = (*engine)->Add(picture.stem().string(), picture);
    if (!added) return Fail(added.error());
  }

  // With `all`, the answer also has the items that were not probable enough to be accepted.
  const auto answer = (*engine)->Query(argv[3], {.all = true});
  if (!answer) return Fail(answer.error());
  for (const inlier::Hit& hit : answer->hits) {
    std::cout << hit.id << ", cosine " << hit.evidence.similarity
              << (hit.accepted ? ", accepted\n" : "\n");
  }
  return 0;
}
