#include "engine/report/twins_page.h"

#include <string>

#include <fmt/core.h>

#include "core/file.h"
#include "engine/report/page.h"
#include "engine/report/percent.h"
#include "engine/report/picture.h"

namespace inlier {
namespace {

std::string Section(ReportPictures& pictures, const TwinGroup& group) {
  const std::string& first = group.ids.front();
  std::string html = fmt::format("<article>\n<h2>{}</h2>\n<p class=\"small\">{}, {} alike</p>\n",
                                 EscapeHtml(first), group.copies ? "copies: equal pixels" : "twins",
                                 EscapeHtml(PercentText(group.likeness)));
  for (std::size_t i = 1; i < group.ids.size(); ++i) {
    html += fmt::format("<figure>{}<figcaption>{} and {}</figcaption></figure>\n",
                        pictures.SideBySide(group.pictures.front().path, group.pictures[i].path),
                        EscapeHtml(first), EscapeHtml(group.ids[i]));
  }
  return html + "</article>\n";
}

}  // namespace

Status WriteTwinsPage(const std::filesystem::path& path, std::span<const TwinGroup> groups) {
  ReportPictures pictures;
  std::string body = fmt::format(
      "<header><h1>Items that cannot be told apart</h1><p>{} group{}.</p></header>\n<main>\n",
      groups.size(), groups.size() == 1 ? "" : "s");
  for (const TwinGroup& group : groups) body += Section(pictures, group);
  return PublishFile(path, HtmlPage("Twins", body + "</main>\n"));
}

}  // namespace inlier
