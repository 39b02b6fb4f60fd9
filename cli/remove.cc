#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/text.h"

namespace inlier::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDescription = R"(
Removes the items from the database. Their image files stay where they are. An id that is not in the
database is reported, and the others are removed all the same.

With --picture, the item of one ID loses one of its pictures and keeps the others. An item has at
least one picture.
)";

constexpr std::string_view kExamples = R"(
inlier remove mug-blue --db shop.db
inlier remove mug-blue --db shop.db --picture handle.jpg
)";

// Where a file lies, or would lie when it is gone.
fs::path Place(const fs::path& path) {
  std::error_code failed;
  fs::path place = fs::weakly_canonical(path, failed);
  return failed ? path.lexically_normal() : place;
}

// How the item calls the picture: by this name, or by one that leads to the same file.
std::optional<std::string> NameIn(const ItemRecord& item, const std::string& name) {
  for (const PictureRecord& picture : item.pictures) {
    if (NameOf(picture) == name) return name;
  }
  for (const PictureRecord& picture : item.pictures) {
    if (!picture.path.empty() && Place(picture.path) == Place(name)) return picture.path;
  }
  return std::nullopt;
}

Result<ExitCode> RemovePicture(Engine& engine, const std::string& id, const std::string& picture) {
  INLIER_ASSIGN_OR_RETURN(const auto item, engine.Find(id));
  const auto name = item ? NameIn(*item, picture) : std::nullopt;
  if (!name) {
    Complain(item ? fmt::format("{} has no picture '{}'; 'inlier show' lists those that it has", id,
                                picture)
                  : "there is no item '" + id + "'");
    return ExitCode::kSomeFailed;
  }
  if (item->pictures.size() == 1) {
    Complain(fmt::format("'{}' is the only picture of {}; without --picture, the item is removed",
                         picture, id));
    return ExitCode::kSomeFailed;
  }
  INLIER_RETURN_IF_ERROR(engine.RemovePicture(id, *name));
  const std::size_t left = item->pictures.size() - 1;
  Print(fmt::format("removed from {}: {} ({} picture{} left)\n", Printable(id), Printable(*name),
                    left, left == 1 ? "" : "s"));
  return ExitCode::kDone;
}

Result<ExitCode> RemoveItems(Engine& engine, const std::vector<std::string>& ids) {
  ExitCode exit = ExitCode::kDone;
  for (const std::string& id : ids) {
    const Status removed = engine.Remove(id);
    if (removed) {
      Print("removed " + Printable(id) + "\n");
    } else if (removed.error().code == ErrorCode::kNotFound) {
      Complain(removed.error().message);
      exit = ExitCode::kSomeFailed;
    } else {
      return tl::unexpected(removed.error());
    }
  }
  return exit;
}

Result<ExitCode> Run(const Arguments& arguments) {
  const auto& ids = arguments.operands();
  if (arguments.Has("picture") && ids.size() > 1)
    return Fail(ErrorCode::kInvalidArgument, "--picture is of one item, but there are several ids");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kWrite, 1));
  INLIER_ASSIGN_OR_RETURN(const ExitCode exit,
                          arguments.Has("picture")
                              ? RemovePicture(*engine, ids.front(), arguments.Text("picture"))
                              : RemoveItems(*engine, ids));
  INLIER_RETURN_IF_ERROR(CheckpointWhenDue(*engine));
  return exit;
}

}  // namespace

Command RemoveCommand() {
  return {.name = "remove",
          .group = "Catalogue",
          .summary = "Remove items, or a picture of one",
          .operands = {"ID…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    {.name = "picture",
                     .value = "NAME",
                     .help = "Remove only this picture of the item: its path, or its name as "
                             "'inlier show' prints it."},
                    IndexMemoryFlag(),
                    QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
