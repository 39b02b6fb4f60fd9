// Draws two items, a photo of the second, and a tiny network for the examples: draw_images FOLDER.
#include <filesystem>

#include "tests/support/drawn.h"
#include "tests/support/tiny_onnx.h"

int main(int, char** argv) {
  using inlier::Homography, inlier::Image;
  namespace test = inlier::test;
  const std::filesystem::path folder = argv[1];
  const Image second = test::DrawTexture(2, 400, 300);
  const Homography h = test::FromCorners(400, 300, {{{90, 60}, {500, 90}, {480, 420}, {70, 380}}});
  test::WriteImage(folder / "items/first.png", test::DrawTexture(1, 400, 300));
  test::WriteImage(folder / "items/second.png", second);
  test::WriteImage(folder / "photo.png", test::Warp(second, h, 640, 480, 3));
  test::WriteTinyModel(folder);
}
