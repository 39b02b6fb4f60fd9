// Decodes picture files for scripts/conformance: inlier-decode-files FOLDER <NAMES.
// For each name on stdin it writes FOLDER/NUMBER.ppm, counted from 0, and prints a line of JSON
// with the name and either the picture's sides and warnings or the error.
#include <filesystem>
#include <iostream>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/image.h"
#include "core/json.h"

namespace {

using inlier::Image;

// PPM has red first.
std::string Ppm(const Image& image) {
  std::string text = fmt::format("P6\n{} {}\n255\n", image.width_px, image.height_px);
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    for (const std::size_t c : {2u, 1u, 0u}) text += static_cast<char>(image.pixels[i + c]);
  }
  return text;
}

inlier::Json Outcome(const std::string& name, const std::filesystem::path& out) {
  const auto picture = inlier::ReadPicture(name);
  if (!picture) return {{"file", name}, {"error", picture.error().message}};
  if (const auto written = inlier::PublishFile(out, Ppm(picture->image)); !written)
    return {{"file", name}, {"error", written.error().message}};
  return {{"file", name},
          {"width", picture->image.width_px},
          {"height", picture->image.height_px},
          {"warnings", picture->warnings}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "inlier-decode-files FOLDER <NAMES\n";
    return 2;
  }
  std::string name;
  for (int number = 0; std::getline(std::cin, name); ++number) {
    const auto out = std::filesystem::path(argv[1]) / (std::to_string(number) + ".ppm");
    std::cout << inlier::DumpJson(Outcome(name, out)) << std::endl;
  }
  return 0;
}
