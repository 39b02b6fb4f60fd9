#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "engine/report/draw.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Looks for the image ITEM in PHOTO. Prints whether it was found, how sure that is, how many matched
points agree with one geometry, and where ITEM's corners lie in PHOTO. There is no catalogue to
compare with, so the probability is only a rough one.
)";

constexpr std::string_view kExamples = R"(
inlier match box_in_scene.png box.png --draw match.png
)";

Result<Image> Read(const std::string& path) {
  auto image = ReadImage(path);
  if (!image) return Within(path, image.error());
  return image;
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const EngineOptions options, OptionsFrom(arguments, {}));
  const std::string drawing = arguments.Text("draw");
  if (arguments.Has("draw")) INLIER_RETURN_IF_ERROR(CheckDrawingName(drawing));
  const std::string& photo_path = arguments.operands()[0];
  const std::string& item_path = arguments.operands()[1];
  INLIER_ASSIGN_OR_RETURN(const Image photo, Read(photo_path));
  INLIER_ASSIGN_OR_RETURN(const Image item, Read(item_path));
  INLIER_ASSIGN_OR_RETURN(const auto hit, MatchImages(photo, item, options));
  Print(MatchText(format, photo_path, item_path, hit));
  if (arguments.Has("draw"))
    INLIER_RETURN_IF_ERROR(WriteDrawing(drawing, DrawMatch(photo, item, hit)));
  return ExitCode::kDone;
}

}  // namespace

Command MatchCommand() {
  return {
      .name = "match",
      .group = "Asking",
      .summary = "Compare two images directly, without a database",
      .operands = {"PHOTO ITEM", 2},
      .description = kDescription,
      .flags = {{.name = "draw",
                 .value = "OUT.png",
                 .help =
                     "Draw both images side by side, with ITEM's outline and the matched points. "
                     "The name ends in .png, .jpg or .jpeg."},
                FeaturesFlag(
                    "The features to compare: sift (the default), surf, orb, brief, xfeat, look "
                    "or deep."),
                FormatFlag("text|jsonl"),
                SetFlag(),
                QuietFlag()},
      .examples = kExamples,
      .run = Run};
}

}  // namespace inlier::cli
