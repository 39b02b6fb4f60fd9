// Indexes a folder of pictures, or a table, and asks which items a photo shows.
//   index_and_ask CATALOGUE DATABASE PHOTO
#include <iostream>

#include <inlier/engine.h>

namespace {

int Fail(const inlier::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: index_and_ask CATALOGUE DATABASE PHOTO\n";
    return 2;
  }
  const auto catalogue = inlier::ReadCatalogue(argv[1]);
  if (!catalogue) return Fail(catalogue.error());
  const auto engine = inlier::Engine::Open(argv[2], inlier::OpenMode::kCreate);
  if (!engine) return Fail(engine.error());

  // Only what has changed since the last time is read again. A picture that cannot be read does not
  // stop the run.
  inlier::IndexOptions options;
  options.threads = 2;
  options.outcome = [](const inlier::CatalogueEntry& entry, const inlier::PictureOutcome& outcome) {
    if (outcome.kind == inlier::PictureOutcome::Kind::kFailed) {
      std::cerr << entry.id << ": " << outcome.error.message << '\n';
    }
  };
  const auto report = (*engine)->IndexCatalogue(*catalogue, options);
  if (!report) return Fail(report.error());
  std::cout << report->added << " items added, " << report->unchanged << " unchanged\n";

  const auto answer = (*engine)->Query(argv[3]);
  if (!answer) return Fail(answer.error());
  if (answer->hits.empty()) std::cout << "not in the catalogue\n";
  for (const inlier::Hit& hit : answer->hits) {
    std::cout << hit.id << ", probability " << hit.probability;
    if (hit.polygon) {
      std::cout << ", at";
      for (const inlier::Point& corner : *hit.polygon) {
        std::cout << ' ' << corner.x_px << ',' << corner.y_px;
      }
    }
    std::cout << '\n';
  }
  return 0;
}
