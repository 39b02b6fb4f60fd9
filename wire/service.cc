#include "wire/service.h"

#include <utility>

#include "wire/homography.h"
#include "wire/json_parts.h"
#include "wire/round.h"
#include "wire/writer.h"

namespace inlier::wire {
namespace {

constexpr int kHomographyDecimals = 9;
constexpr int kAngleDecimals = 3;

Json MatchesJson(const std::vector<MatchedPoint>& matches) {
  Json points = Json::array();
  for (const MatchedPoint& match : matches) {
    points.push_back(
        {RoundTo(match.photo.x_px, kPixelDecimals), RoundTo(match.photo.y_px, kPixelDecimals),
         RoundTo(match.item.x_px, kPixelDecimals), RoundTo(match.item.y_px, kPixelDecimals)});
  }
  return points;
}

// Row by row; takes pixels of the item's picture to pixels of the photo.
Json HomographyJson(const Hit& hit) {
  if (!hit.polygon || hit.picture.width_px == 0) return nullptr;
  Json numbers = Json::array();
  for (const double h : HomographyOf(*hit.polygon, hit.picture.width_px, hit.picture.height_px))
    numbers.push_back(RoundTo(h, kHomographyDecimals));
  return numbers;
}

// The reason in words for people, beside the word that programs read.
void AddReason(Reason reason, Json& json) {
  if (reason == Reason::kNone) return;
  json["reason_text"] = ReasonText(reason);
  if (const std::string_view hint = ReasonHint(reason); !hint.empty()) json["reason_hint"] = hint;
}

// FNV-1a with 64 bits. A zero byte ends each text, so that neighbouring texts do not run together.
class Tag {
 public:
  void Add(std::string_view text) {
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
    AddByte(0);
  }
  std::string Text() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[hash_ >> shift & 15];
    return text;
  }

 private:
  void AddByte(unsigned char byte) { hash_ = (hash_ ^ byte) * 1099511628211u; }
  std::uint64_t hash_ = 14695981039346656037u;
};

Json NumbersJson(const NamedNumbers& numbers) {
  Json json = Json::object();
  for (const auto& [name, value] : numbers) json[name] = value;
  return json;
}

Json ItemWithVersion(const ItemRecord& item) {
  Json json = ItemJson(item);
  json["version"] = ItemTag(item);
  return json;
}

Json JobJson(const Job& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", job.state},
          {"done", job.done},
          {"total", job.total},
          {"failed", job.failed},
          {"messages", job.messages},
          {"result", job.result.empty() ? Json() : Json(job.result)},
          {"created", job.created},
          {"finished", job.finished.empty() ? Json() : Json(job.finished)}};
}

}  // namespace

std::string_view StatusTitle(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "Internal Server Error";
  }
}

std::string ProblemText(const Problem& problem) {
  Json json = {{"type", "urn:inlier:problem:" + problem.type},
               {"title", StatusTitle(problem.status)},
               {"status", problem.status},
               {"detail", problem.detail}};
  if (!problem.field.empty()) json["field"] = problem.field;
  return Line(json);
}

std::string_view StatusWord(const Answer& answer) {
  if (answer.features == 0 && answer.hits.empty()) return "no_features";
  if (!answer.hits.empty() && answer.hits.front().accepted) return "found";
  const bool asked_all = !answer.coverage || answer.coverage->answered == answer.coverage->shards;
  return asked_all ? "not_in_catalogue" : "unknown";
}

std::string ReplyText(const std::string& photo, const Answer& answer, bool explain) {
  Json json = AnswerJson(photo, answer, explain);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    const Hit& hit = answer.hits[i];
    Json& of_hit = json["hits"][i];
    if (hit.accepted) ++accepted;
    if (!explain) continue;
    of_hit["picture_number"] = hit.picture_number;
    AddReason(hit.reason, of_hit);
    of_hit["homography"] = HomographyJson(hit);
    of_hit["matches"] = MatchesJson(hit.matches);
  }
  json["photo_width"] = answer.photo_width_px;
  json["photo_height"] = answer.photo_height_px;
  json["generation"] = answer.generation;
  json["last_change"] = answer.last_change;
  json["accepted_count"] = accepted;
  json["status"] = StatusWord(answer);
  return Line(json);
}

std::string FailedReplyText(const std::string& photo, const Problem& problem) {
  return Line({{"photo", photo},
               {"error", problem.detail},
               {"status", problem.status},
               {"type", "urn:inlier:problem:" + problem.type}});
}

std::string ComparisonText(const std::string& photo, const std::string& item,
                           const Comparison& comparison) {
  const auto& hit = comparison.hit;
  Json json = MatchJson(photo, item, hit);
  json["homography"] = hit ? HomographyJson(*hit) : Json();
  json["matches"] = hit ? MatchesJson(hit->matches) : Json::array();
  json["others"] = MatchesJson(comparison.others);
  Json blocks = Json::array();
  for (const ComparedBlock& block : comparison.blocks) {
    blocks.push_back({RoundTo(block.left_px, kPixelDecimals), RoundTo(block.top_px, kPixelDecimals),
                      RoundTo(block.right_px, kPixelDecimals),
                      RoundTo(block.bottom_px, kPixelDecimals), block.alike ? 1 : 0});
  }
  json["blocks"] = std::move(blocks);
  json["photo_width"] = comparison.photo_width_px;
  json["photo_height"] = comparison.photo_height_px;
  json["item_width"] = comparison.item_width_px;
  json["item_height"] = comparison.item_height_px;
  if (hit) {
    json["evidence"] = EvidenceJson(hit->evidence);
    AddReason(hit->reason, json);
  }
  return Line(json);
}

std::string FeaturesText(const std::vector<FeaturePoint>& features) {
  Json points = Json::array();
  for (const FeaturePoint& f : features) {
    points.push_back({RoundTo(f.point.x_px, kPixelDecimals), RoundTo(f.point.y_px, kPixelDecimals),
                      RoundTo(f.size_px, kPixelDecimals), RoundTo(f.angle_rad, kAngleDecimals)});
  }
  return Line({{"features", std::move(points)}});
}

std::string ItemTag(const ItemRecord& item) {
  Tag tag;
  tag.Add(item.id);
  for (const PictureRecord& picture : item.pictures) {
    tag.Add(picture.path);
    tag.Add(picture.content_hash);
  }
  for (const auto& [key, value] : item.metadata) {
    tag.Add(key);
    tag.Add(value);
  }
  return tag.Text();
}

std::string ItemText(const ItemRecord& item) { return Line(ItemWithVersion(item)); }

std::string PageText(const ItemPage& page) {
  Json items = Json::array();
  for (const ItemRecord& item : page.items) items.push_back(ItemWithVersion(item));
  const bool goes_on = page.more && !page.items.empty();
  return Line(
      {{"items", std::move(items)}, {"next", goes_on ? Json(page.items.back().id) : Json()}});
}

std::string PictureText(const ItemRecord& item, std::size_t number) {
  Json json = ItemJson(item)["pictures"].at(number);
  json["number"] = number;
  return Line(json);
}

std::string TwinsText(const std::vector<TwinGroup>& groups, std::size_t total) {
  std::string text = "{\"groups\":[";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::string line = TwinsLine(groups[i]);
    line.pop_back();
    text += (i == 0 ? "" : ",") + line;
  }
  return text + "],\"total\":" + std::to_string(total) + "}\n";
}

std::string StatusText(const ServerStatus& status) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? Json() : Json(text);
  };
  return Line({{"version", status.version},
               {"method", status.method},
               {"started", status.started},
               {"ready", status.not_ready.empty()},
               {"not_ready", text_or_null(status.not_ready)},
               {"read_only", status.read_only},
               {"keys", status.keys},
               {"key", {{"name", text_or_null(status.key_name)}, {"role", status.key_role}}},
               {"levels", NumbersJson(status.levels)},
               {"rejected", NumbersJson(status.rejected)},
               {"answers", NumbersJson(status.answers)},
               {"limits", NumbersJson(status.limits)}});
}

std::string SnapshotsText(const std::vector<StoredSnapshot>& snapshots) {
  Json all = Json::array();
  for (const StoredSnapshot& snapshot : snapshots)
    all.push_back({{"id", snapshot.id}, {"bytes", snapshot.bytes}});
  return Line({{"snapshots", std::move(all)}});
}

std::string JobText(const Job& job) { return Line(JobJson(job)); }

std::string JobsText(const std::vector<Job>& jobs) {
  Json all = Json::array();
  for (const Job& job : jobs) all.push_back(JobJson(job));
  return Line({{"jobs", std::move(all)}});
}

}  // namespace inlier::wire
