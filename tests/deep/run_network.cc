// run_network MODEL.onnx SIDE OUTPUT...: for efficientnet_test.py. Reads an image of 3 x SIDE x
// SIDE floats from stdin, and writes the floats of the outputs to stdout, one output after the
// other.
#include <cstdio>
#include <string>
#include <vector>

#include "deep/onnx_model.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::int64_t side_px = std::stoll(argv[2]);
  const auto model =
      inlier::OnnxModel::Open(argv[1], {argv + 3, argv + argc}, {1, 3, side_px, side_px});
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  std::vector<float> image(static_cast<std::size_t>(3 * side_px * side_px));
  if (std::fread(image.data(), sizeof(float), image.size(), stdin) != image.size()) return 2;
  for (const inlier::Tensor& tensor : (*model)->Run(image))
    std::fwrite(tensor.values.data(), sizeof(float), tensor.values.size(), stdout);
  return 0;
}
