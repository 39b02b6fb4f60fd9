// Adds items with metadata of your own in one durable write, and asks among those of one brand.
// The photo is handed over as pixels, as a camera or another library would give them.
//   metadata_filter DATABASE BRAND PHOTO [BRAND=PICTURE]...
#include <iostream>
#include <string>
#include <vector>

#include <inlier/engine.h>

namespace {

int Fail(const inlier::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: metadata_filter DATABASE BRAND PHOTO [BRAND=PICTURE]...\n";
    return 2;
  }
  const auto engine = inlier::Engine::Open(argv[1], inlier::OpenMode::kCreate);
  if (!engine) return Fail(engine.error());

  std::vector<inlier::ItemToAdd> items;
  for (int i = 4; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto equals = argument.find('=');
    if (equals == std::string::npos) continue;
    const std::filesystem::path picture = argument.substr(equals + 1);
    items.push_back({.id = picture.stem().string(),
                     .pictures = {picture},
                     .metadata = {{"brand", argument.substr(0, equals)}}});
  }
  const auto outcomes = (*engine)->AddBatch(items);
  if (!outcomes) return Fail(outcomes.error());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!(*outcomes)[i]) std::cerr << items[i].id << ": " << (*outcomes)[i].error().message << '\n';
  }

  const auto photo = inlier::ReadImage(argv[3]);
  if (!photo) return Fail(photo.error());
  const auto pixels = inlier::ImageFromPixels({.pixels = photo->pixels.data(),
                                               .width_px = photo->width_px,
                                               .height_px = photo->height_px,
                                               .order = inlier::PixelOrder::kBgr});
  if (!pixels) return Fail(pixels.error());
  const auto answer = (*engine)->Query(*pixels, {.where = {{"brand", argv[2]}}});
  if (!answer) return Fail(answer.error());
  if (answer->hits.empty()) std::cout << "nothing of " << argv[2] << '\n';
  for (const inlier::Hit& hit : answer->hits) {
    std::cout << hit.id;
    for (const auto& [column, value] : hit.metadata) std::cout << ' ' << column << '=' << value;
    std::cout << '\n';
  }
  return 0;
}
