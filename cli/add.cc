#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/core.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/text.h"
#include "engine/left_out.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Each IMAGE becomes an item whose id is the file's name without the extension, or --id. An item with
the same id is replaced. The database is created if it does not exist. Once an item is reported as
added, it is safely on disk and the next query can find it.
)";

constexpr std::string_view kExamples = R"(
inlier add mug.jpg --db shop.db
inlier add IMG_1204.jpg --db shop.db --id mug-blue --set-metadata price=12
)";

struct Addition {
  std::string id;
  std::filesystem::path image;
};

Result<std::vector<Addition>> Additions(const Arguments& arguments) {
  if (arguments.Has("id")) {
    if (arguments.operands().size() > 1) {
      return Fail(ErrorCode::kInvalidArgument, "--id names one item, but there are several images");
    }
    if (arguments.Text("id").empty()) return Fail(ErrorCode::kInvalidArgument, "--id is empty");
    return std::vector<Addition>{{arguments.Text("id"), arguments.operands().front()}};
  }
  std::vector<Addition> additions;
  std::map<std::string, std::string> seen;  // id to image
  for (const std::string& image : arguments.operands()) {
    const std::string id = IdOfFile(std::filesystem::path(image).filename());
    if (id.empty()) return Fail(ErrorCode::kInvalidArgument, "'" + image + "' names no file");
    const auto [other, fresh] = seen.emplace(id, image);
    if (!fresh) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} and {} would both get the id '{}'; add one of them with --id",
                              other->second, image, id));
    }
    additions.push_back({id, image});
  }
  return additions;
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const auto additions, Additions(arguments));
  INLIER_ASSIGN_OR_RETURN(const Metadata metadata, arguments.Pairs("set-metadata"));
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kCreate, threads));
  ExitCode exit = ExitCode::kDone;
  for (const auto& [id, image] : additions) {
    INLIER_ASSIGN_OR_RETURN(const auto before, engine->Find(id));
    const Status added = engine->Add(id, image, metadata);
    if (!added) {
      Complain(id + ": " + added.error().message);
      exit = std::max(exit, ExitCodeFor(added.error().code));
      continue;
    }
    INLIER_ASSIGN_OR_RETURN(const auto item, engine->Find(id));
    const std::uint64_t features = item ? FeatureCount(*item) : 0;
    Print(fmt::format("{} {} ({} features)\n", before ? "updated" : "added", Printable(id),
                      features));
    if (features == 0) ComplainThatNoPhotoCanFind(id);
  }
  INLIER_RETURN_IF_ERROR(CheckpointWhenDue(*engine));
  return exit;
}

}  // namespace

Command AddCommand() {
  return {.name = "add",
          .group = "Catalogue",
          .summary = "Add single images, or replace them",
          .operands = {"IMAGE…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    {.name = "id",
                     .value = "ID",
                     .help = "The id of the item, when there is only one IMAGE."},
                    {.name = "set-metadata",
                     .value = "KEY=VALUE",
                     .help = "Metadata for the items. May be repeated.",
                     .repeats = true},
                    FeaturesFlag("The features of a new database; see 'inlier help index'."),
                    ThreadsFlag("Use N threads if the index has to be repaired on opening. "
                                "Default: all cores."),
                    IndexMemoryFlag(),
                    SetFlag(),
                    QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
