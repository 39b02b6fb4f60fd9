#include <iostream>

#include <inlier/engine.h>

int main(int, char** argv) {
  auto engine = inlier::Engine::Open(argv[1], inlier::OpenMode::kCreate);
  if (!engine || !(*engine)->Add("first", argv[2]) || !(*engine)->Add("second", argv[3])) return 1;
  const auto answer = (*engine)->Query(argv[4]);
  if (!answer || answer->hits.empty()) return 1;
  std::cout << answer->hits.front().id << '\n';
}
