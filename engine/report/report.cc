// The page of 'inlier query --report': a heading that counts the photos, a table of contents when
// there are several, and a section for each photo. A section says the verdict in one sentence,
// shows the photo with the outlines, lists the hits in a table, and folds away a picture of the
// matched points of each hit. The pictures come from ReportPictures (picture.h); the style sheet is
// in style.h. Everything that comes from outside (ids, paths, metadata, error messages) goes
// through EscapeHtml.
#include "engine/report/report.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "core/file.h"
#include "engine/report/page.h"
#include "engine/report/percent.h"
#include "engine/report/picture.h"
#include "engine/report/some_of.h"

namespace inlier {
namespace {

std::size_t AcceptedCount(const Answer& answer) {
  return static_cast<std::size_t>(std::count_if(answer.hits.begin(), answer.hits.end(),
                                                [](const Hit& hit) { return hit.accepted; }));
}

// How sure the accepted hits are: `least` is the lowest of their probabilities.
std::string Sure(double least, std::size_t count) {
  const std::string percent = PercentText(least);
  if (percent.starts_with("> ")) {
    return fmt::format("{}more than{} sure", count > 1 ? "each " : "", percent.substr(1));
  }
  return fmt::format("{}{} sure", count > 1 ? "each at least " : "", percent);
}

// The answer in words, and the CSS class that colours them.
struct Verdict {
  std::string text;
  std::string_view style;
};

Verdict VerdictOf(const Result<Answer>& answer) {
  if (!answer) return {"Could not be read: " + EscapeHtml(answer.error().message), "bad"};
  std::vector<std::pair<std::string_view, int>> shown;  // ids, and how often each occurs
  double least = 1;
  const std::size_t count = AcceptedCount(*answer);
  for (const Hit& hit : answer->hits) {
    if (!hit.accepted) continue;
    const auto known = std::ranges::find(shown, hit.id, &decltype(shown)::value_type::first);
    if (known != shown.end())
      ++known->second;
    else
      shown.emplace_back(hit.id, 1);
    least = std::min(least, hit.probability);
  }
  std::string names;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    names += i == 0 ? "" : i + 1 == shown.size() ? " and " : ", ";
    names += EscapeHtml(shown[i].first);
    if (shown[i].second > 1) names += fmt::format(" ({} times)", shown[i].second);
  }
  if (count == 0) return {"Not in the catalogue", "no"};
  return {fmt::format("Shows {}, {}", names, Sure(least, count)), "yes"};
}

// The folder is greyed, so that the file's name stands out.
std::string PathHtml(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;
  return fmt::format(
      "{}{}",
      name == 0 ? "" : R"(<span class="folder">)" + EscapeHtml(path.substr(0, name)) + "</span>",
      EscapeHtml(path.substr(name)));
}

std::string MetadataHtml(const Metadata& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "<br>", EscapeHtml(key), EscapeHtml(value));
  }
  return text;
}

// Other items that the photo may show just as well.
std::string TwinsHtml(const Hit& hit) {
  if (!hit.accepted || hit.twins.empty()) return "";
  return fmt::format(R"(<div class="small">cannot be told from: {}</div>)",
                     EscapeHtml(SomeOf(hit.twins)));
}

std::string ReasonHtml(Reason reason) {
  const auto why = ReasonText(reason), hint = ReasonHint(reason);
  if (why.empty()) return "";
  return fmt::format(R"(<div class="small">{}{}{}</div>)", why, hint.empty() ? "" : ": ", hint);
}

std::string HitTable(const Answer& answer) {
  if (answer.hits.empty()) return "";
  const bool described = std::any_of(answer.hits.begin(), answer.hits.end(),
                                     [](const Hit& hit) { return !hit.metadata.empty(); });
  std::string rows;
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    const Hit& hit = answer.hits[i];
    const std::string swatch =
        hit.accepted
            ? fmt::format(R"(<span class="swatch" style="background:{}"></span>)", OutlineColour(i))
            : "";
    rows += fmt::format(
        R"(<tr class="{3}"><td class="number">{0}</td><th scope="row">{1}{2}{8}</th><td>{3}{9}</td>)"
        R"(<td class="number">{4}</td><td class="number">{5:.1f}</td>)"
        R"(<td class="number">{6}</td>)"
        "<td>{7}</td></tr>\n",
        i + 1, swatch, EscapeHtml(hit.id), hit.accepted ? "accepted" : "rejected",
        EscapeHtml(PercentText(hit.probability)), hit.score, hit.inliers,
        MetadataHtml(hit.metadata), TwinsHtml(hit), ReasonHtml(hit.reason));
  }
  return fmt::format(
      R"(<div class="table" role="region" aria-label="Hits" tabindex="0"><table>)"
      R"(<thead><tr><th scope="col" class="number">Rank</th><th scope="col">Item</th>)"
      R"(<th scope="col">Answer</th><th scope="col" class="number">Sure</th>)"
      R"(<th scope="col" class="number">Score</th><th scope="col" class="number">Inliers</th>)"
      "<th scope=\"col\">{}</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      described ? "Metadata" : "", rows);
}

std::string HitDetails(ReportPictures& pictures, const std::string& photo, const Hit& hit,
                       std::size_t i) {
  if (!hit.polygon) return "";
  // An item may have several pictures, so the one that was found is named.
  const std::string caption = fmt::format(
      R"(<figcaption class="small">{}: {}</figcaption>)",
      std::filesystem::exists(hit.picture.path) ? "Item's picture" : "The item's image is gone",
      PathHtml(NameOf(hit.picture)));
  return fmt::format(
      "<details{}><summary>{} <span>{} matched points</span></summary>"
      "<figure>{}{}</figure></details>\n",
      hit.accepted ? " open" : "", EscapeHtml(hit.id), hit.matches.size(),
      pictures.Pair(photo, hit, OutlineColour(i)), caption);
}

std::string Section(ReportPictures& pictures, const ReportedPhoto& reported, std::size_t i) {
  const Verdict verdict = VerdictOf(reported.answer);
  std::string html =
      fmt::format("<article id=\"photo{}\">\n<h2>{}</h2>\n<p class=\"answer {}\">{}</p>\n", i + 1,
                  PathHtml(reported.photo), verdict.style, verdict.text);
  if (!reported.answer) return html + "</article>\n";
  const Answer& answer = *reported.answer;
  const std::string picture = pictures.Outlines(reported.photo, answer);
  html += picture.empty() ? "<p class=\"small\">The photo can no longer be read.</p>\n"
                          : "<figure>" + picture + "</figure>\n";
  html += HitTable(answer);
  for (std::size_t h = 0; h < answer.hits.size(); ++h) {
    html += HitDetails(pictures, reported.photo, answer.hits[h], h);
  }
  const Timings& t = answer.timings;
  return html +
         fmt::format(
             R"(<p class="small">{} features. {:.0f} ms: decode {:.0f}, extract {:.0f}, shortlist )"
             "{:.0f}, verify {:.0f}, second look {:.0f}.</p>\n</article>\n",
             answer.features, t.total_ms, t.decode_ms, t.extract_ms, t.shortlist_ms, t.verify_ms,
             t.second_look_ms);
}

std::string Count(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string Summary(std::span<const ReportedPhoto> photos) {
  if (photos.size() == 1) return "";
  std::size_t shown = 0, absent = 0, failed = 0;
  for (const ReportedPhoto& p : photos) {
    (!p.answer ? failed : AcceptedCount(*p.answer) > 0 ? shown : absent) += 1;
  }
  std::string text = "<p>" + Count(photos.size(), "photo", "photos") + ": " +
                     Count(shown, "shows an item", "show items") + " of the catalogue, " +
                     Count(absent, "does not", "do not");
  if (failed > 0) text += fmt::format(", {} could not be read", failed);
  return text + ".</p>";
}

std::string Contents(std::span<const ReportedPhoto> photos) {
  if (photos.size() < 2) return "";
  std::string rows;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const Verdict verdict = VerdictOf(photos[i].answer);
    rows += fmt::format("<tr><td><a href=\"#photo{}\">{}</a></td><td class=\"{}\">{}</td></tr>\n",
                        i + 1, PathHtml(photos[i].photo), verdict.style, verdict.text);
  }
  return R"(<nav aria-label="Photos"><table style="margin-top:1.5rem"><thead><tr>)"
         R"(<th scope="col">Photo</th>)"
         "<th scope=\"col\">Answer</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></nav>\n";
}

}  // namespace

Status WriteReport(const std::filesystem::path& path, std::span<const ReportedPhoto> photos) {
  ReportPictures pictures;
  const char* title = photos.size() == 1 ? "What the photo shows" : "What the photos show";
  std::string body = fmt::format("<header><h1>{}</h1>{}</header>\n{}<main>\n", title,
                                 Summary(photos), Contents(photos));
  for (std::size_t i = 0; i < photos.size(); ++i) body += Section(pictures, photos[i], i);
  return PublishFile(path, HtmlPage(title, body + "</main>\n"));
}

}  // namespace inlier
