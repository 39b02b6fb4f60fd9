#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

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
Each IMAGE becomes an item whose id is the file's name without the extension. With --id, all of them
are the pictures of one item of that id: a photo of any of them finds it. An item with the same id is
replaced, with all of its pictures.

With --to, each IMAGE becomes a further picture of an item that is there, which keeps its other
pictures and its metadata. An IMAGE that the item has already, by its path or its content, is read
again.

Without --to, the database is created if it does not exist. Once an item or a picture is reported as
added, it is safely on disk and the next query can find it.
)";

constexpr std::string_view kExamples = R"(
inlier add mug.jpg --db shop.db
inlier add front.jpg back.jpg --db shop.db --id mug-blue --set-metadata price=12
inlier add handle.jpg --db shop.db --to mug-blue
)";

struct Addition {
  std::string id;
  std::vector<Picture> pictures;
};

Result<std::vector<Addition>> Additions(const Arguments& arguments) {
  if (arguments.Has("id")) {
    if (arguments.Text("id").empty()) return Fail(ErrorCode::kInvalidArgument, "--id is empty");
    Addition addition{.id = arguments.Text("id"), .pictures = {}};
    std::set<std::filesystem::path> seen;
    for (const std::string& image : arguments.operands()) {
      const std::filesystem::path path = image;
      if (!seen.insert(path.lexically_normal()).second)
        return Fail(ErrorCode::kInvalidArgument, image + " is named twice");
      addition.pictures.emplace_back(path);
    }
    return std::vector<Addition>{std::move(addition)};
  }
  std::vector<Addition> additions;
  std::map<std::string, std::string> seen;  // id to image
  for (const std::string& image : arguments.operands()) {
    const std::filesystem::path path = image;
    const std::string id = IdOfFile(path.filename());
    if (id.empty()) return Fail(ErrorCode::kInvalidArgument, "'" + image + "' names no file");
    const auto [other, fresh] = seen.emplace(id, image);
    if (!fresh) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} and {} would both get the id '{}'; add them one by one with "
                              "--id, or together with one --id if they show one item",
                              other->second, image, id));
    }
    additions.push_back({id, {path}});
  }
  return additions;
}

std::string PicturesText(std::size_t pictures) {
  return pictures == 1 ? "" : fmt::format("{} pictures, ", pictures);
}

Result<ExitCode> AddItems(Engine& engine, const std::vector<Addition>& additions,
                          const Metadata& metadata) {
  ExitCode exit = ExitCode::kDone;
  for (const auto& [id, pictures] : additions) {
    INLIER_ASSIGN_OR_RETURN(const auto before, engine.Find(id));
    const Status added = engine.Add(id, pictures, metadata);
    if (!added) {
      Complain(id + ": " + added.error().message);
      exit = std::max(exit, ExitCodeFor(added.error().code));
      continue;
    }
    INLIER_ASSIGN_OR_RETURN(const auto item, engine.Find(id));
    const std::uint64_t features = item ? FeatureCount(*item) : 0;
    Print(fmt::format("{} {} ({}{} features)\n", before ? "updated" : "added", Printable(id),
                      PicturesText(item ? item->pictures.size() : 1), features));
    if (features == 0) ComplainThatNoPhotoCanFind(id);
  }
  return exit;
}

// Adds each image to the item, and goes on past a bad one.
Result<ExitCode> AddTo(Engine& engine, const std::string& id,
                       const std::vector<std::string>& images) {
  INLIER_ASSIGN_OR_RETURN(auto item, engine.Find(id));
  if (!item) {
    Complain("there is no item '" + id + "' to add to; 'inlier add IMAGE --id ID' makes one");
    return ExitCode::kSomeFailed;
  }
  ExitCode exit = ExitCode::kDone;
  for (const std::string& image : images) {
    const std::size_t before = item->pictures.size();
    if (const Status added = engine.AddPicture(id, std::filesystem::path(image)); !added) {
      Complain(id + ": " + added.error().message);
      exit = std::max(exit, ExitCodeFor(added.error().code));
      continue;
    }
    INLIER_ASSIGN_OR_RETURN(item, engine.Find(id));
    if (!item) return Fail(ErrorCode::kNotFound, "there is no item '" + id + "' any more");
    const PictureRecord& picture = item->pictures.back();
    Print(fmt::format("{} {}: {} ({} features; {} pictures)\n",
                      item->pictures.size() > before ? "added to" : "updated", Printable(id),
                      Printable(NameOf(picture)), picture.feature_count, item->pictures.size()));
    if (picture.feature_count == 0)
      Complain(fmt::format("{} ({}): no features were found in this image", id, image));
  }
  return exit;
}

Status CheckFlags(const Arguments& arguments) {
  if (!arguments.Has("to")) return {};
  if (arguments.Text("to").empty()) return Fail(ErrorCode::kInvalidArgument, "--to is empty");
  for (const std::string_view flag : {"id", "set-metadata"}) {
    if (arguments.Has(flag)) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("--to adds to an item as it is, so --{} cannot go with it", flag));
    }
  }
  return {};
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_RETURN_IF_ERROR(CheckFlags(arguments));
  const bool to = arguments.Has("to");
  std::vector<Addition> additions;
  if (!to) {
    INLIER_ASSIGN_OR_RETURN(additions, Additions(arguments));
  }
  INLIER_ASSIGN_OR_RETURN(const Metadata metadata, arguments.Pairs("set-metadata"));
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(
      const auto engine,
      OpenDatabase(arguments, to ? OpenMode::kWrite : OpenMode::kCreate, threads));
  INLIER_ASSIGN_OR_RETURN(const ExitCode exit,
                          to ? AddTo(*engine, arguments.Text("to"), arguments.operands())
                             : AddItems(*engine, additions, metadata));
  INLIER_RETURN_IF_ERROR(CheckpointWhenDue(*engine));
  return exit;
}

}  // namespace

Command AddCommand() {
  return {.name = "add",
          .group = "Catalogue",
          .summary = "Add items or pictures of them, or replace them",
          .operands = {"IMAGE…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    {.name = "id",
                     .value = "ID",
                     .help = "The id of one item that every IMAGE is a picture of."},
                    {.name = "to",
                     .value = "ID",
                     .help = "The id of an item that is there and gets every IMAGE as a further "
                             "picture."},
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
