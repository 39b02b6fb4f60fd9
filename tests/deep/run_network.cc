// run_network MODEL.onnx CHANNELS HEIGHT WIDTH OUTPUT...: for networks.py. Reads an image of so
// many floats from stdin, and writes the floats of the outputs to stdout, one output after the
// other.
#include <cstdio>
#include <string>
#include <vector>

#include "deep/onnx_model.h"

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  const std::int64_t channels = std::stoll(argv[2]), height_px = std::stoll(argv[3]),
                     width_px = std::stoll(argv[4]);
  const auto model =
      inlier::OnnxModel::Open(argv[1], {argv + 5, argv + argc}, {1, channels, height_px, width_px});
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  std::vector<float> image(static_cast<std::size_t>(channels * height_px * width_px));
  if (std::fread(image.data(), sizeof(float), image.size(), stdin) != image.size()) return 2;
  for (const inlier::Tensor& tensor : (*model)->Run(image))
    std::fwrite(tensor.values.data(), sizeof(float), tensor.values.size(), stdout);
  return 0;
}
