#include "cli/format.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "cli/text.h"
#include "engine/report/percent.h"
#include "engine/report/some_of.h"
#include "wire/round.h"
#include "wire/writer.h"

namespace inlier::cli {
namespace {

std::string Corners(const std::array<Point, 4>& polygon) {
  std::string text;
  for (const Point& p : polygon)
    text += fmt::format(" {},{}", std::lround(p.x_px), std::lround(p.y_px));
  return text;
}

std::string MetadataText(const Metadata& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    if (!text.empty()) text += "  ";
    text += Printable(key) + "=" + Printable(value);
  }
  return text;
}

std::string AnswerForPeople(const std::string& photo, const Answer& answer) {
  const auto accepted = std::ranges::count_if(answer.hits, &Hit::accepted);
  const auto is_similar = [](const Hit& hit) { return hit.kind == HitKind::kSimilar; };
  std::string what = "not in the catalogue";
  if (accepted == 0 && !answer.hits.empty() && is_similar(answer.hits.front())) {
    const Hit& best = answer.hits.front();
    what = fmt::format("looks like {} ({})", Printable(best.id), PercentText(best.probability));
  }
  if (accepted > 0) {
    what = fmt::format("shows {} ({})", Printable(answer.hits.front().id),
                       PercentText(answer.hits.front().probability));
  }
  if (accepted > 1) {
    // An item may be there several times.
    const auto times = std::ranges::count_if(answer.hits, [&answer](const Hit& hit) {
      return hit.accepted && hit.id == answer.hits.front().id;
    });
    if (times > 1) what += fmt::format(", {} times", times);
    if (accepted > times) what += fmt::format(", and {} more", accepted - times);
  }
  std::string text = fmt::format("{}: {} ({} features, {:.0f} ms)\n", Printable(photo), what,
                                 answer.features, answer.timings.total_ms);
  std::size_t widest = 0;
  for (const Hit& hit : answer.hits) widest = std::max(widest, Printable(hit.id).size());
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    const Hit& hit = answer.hits[i];
    text += fmt::format("{:>4}  {:<{}}  {:>8}  {:>4} inliers  {}", i + 1, Printable(hit.id), widest,
                        PercentText(hit.probability), hit.inliers,
                        hit.accepted      ? "accepted"
                        : is_similar(hit) ? "similar"
                                          : "rejected");
    if (hit.polygon) text += "  at" + Corners(*hit.polygon);
    if (!hit.metadata.empty()) text += "  " + MetadataText(hit.metadata);
    text += "\n";
    if (const auto why = ReasonText(hit.reason); !why.empty()) {
      const auto hint = ReasonHint(hit.reason);
      text += fmt::format("      {}{}{}{}\n", why,
                          hit.difference ? ", at" + Corners(*hit.difference) : "",
                          hint.empty() ? "" : ": ", hint);
    }
    if (hit.accepted && !hit.twins.empty())
      text += fmt::format("      cannot be told from: {}\n", Printable(SomeOf(hit.twins)));
  }
  return text;
}

std::vector<std::string> CsvFields(const std::string& photo, std::size_t rank, const Hit& hit) {
  const auto rounded = [](double number, int decimals) {
    return fmt::format("{}", wire::RoundTo(number, decimals));
  };
  std::vector<std::string> fields{photo,
                                  std::to_string(rank),
                                  hit.id,
                                  hit.accepted ? "true" : "false",
                                  rounded(hit.probability, wire::kProbabilityDecimals),
                                  rounded(hit.score, wire::kScoreDecimals),
                                  std::to_string(hit.inliers)};
  for (std::size_t i = 0; i < 4; ++i) {
    fields.push_back(hit.polygon ? rounded((*hit.polygon)[i].x_px, wire::kPixelDecimals) : "");
    fields.push_back(hit.polygon ? rounded((*hit.polygon)[i].y_px, wire::kPixelDecimals) : "");
  }
  fields.emplace_back();  // the column "error"
  fields.push_back(NameOf(hit.picture));
  fields.push_back(fmt::format("{}", fmt::join(hit.twins, "|")));
  return fields;
}

std::string AnswerCsv(const std::string& photo, const Result<Answer>& answer) {
  constexpr std::size_t kColumns = 18, kError = 15;
  if (!answer || answer->hits.empty()) {
    std::vector<std::string> fields(kColumns);
    fields.front() = photo;
    if (!answer) fields[kError] = answer.error().message;
    return CsvLine(fields);
  }
  std::string lines;
  for (std::size_t i = 0; i < answer->hits.size(); ++i) {
    lines += CsvLine(CsvFields(photo, i + 1, answer->hits[i]));
  }
  return lines;
}

}  // namespace

std::string AnswerHeader(const std::string& format) {
  if (format != "csv") return "";
  return "photo,rank,id,accepted,probability,score,inliers,x1,y1,x2,y2,x3,y3,x4,y4,error,picture,"
         "twins\n";
}

std::string AnswerText(const AnswerFormat& format, const std::string& photo,
                       const Result<Answer>& answer) {
  if (format.name == "csv") return AnswerCsv(photo, answer);
  if (format.name == "jsonl") return wire::AnswerLine(photo, answer, format.evidence);
  return answer ? AnswerForPeople(photo, *answer) : "";
}

std::string ItemHeader(const std::string& format) {
  return format == "csv" ? "id,image,width,height,features,metadata,pictures\n" : "";
}

std::string ItemText(const std::string& format, const ItemRecord& item) {
  if (format == "jsonl") return wire::ItemLine(item);
  const PictureRecord& first = item.pictures.front();
  if (format == "csv") {
    return CsvLine({item.id, first.path, std::to_string(first.width_px),
                    std::to_string(first.height_px), std::to_string(FeatureCount(item)),
                    wire::MetadataText(item.metadata), std::to_string(item.pictures.size())});
  }
  return fmt::format(
      "{}\t{}x{}\t{} features\t{}{}\n", Printable(item.id), first.width_px, first.height_px,
      FeatureCount(item), MetadataText(item.metadata),
      item.pictures.size() > 1 ? fmt::format("\t{} pictures", item.pictures.size()) : "");
}

std::string ItemPage(const std::string& format, const ItemRecord& item) {
  if (format == "jsonl") return wire::ItemLine(item);
  std::string text = fmt::format("id          {}\n", Printable(item.id));
  const bool several = item.pictures.size() > 1;
  if (several) text += fmt::format("pictures    {}\n", item.pictures.size());
  for (std::size_t i = 0; i < item.pictures.size(); ++i) {
    const PictureRecord& picture = item.pictures[i];
    const std::string label = several ? fmt::format("image {}", i + 1) : "image";
    text += fmt::format("{:<12}{}\nsize        {} x {} px\nfeatures    {}\n", label,
                        Printable(NameOf(picture)), picture.width_px, picture.height_px,
                        picture.feature_count);
  }
  for (const auto& [key, value] : item.metadata) {
    text += fmt::format("{:<12}{}\n", Printable(key), Printable(value));
  }
  return text;
}

std::string MatchText(const std::string& format, const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit) {
  if (format == "jsonl") return wire::MatchLine(photo, item, hit);
  const std::string names = fmt::format("{} in {}", Printable(item), Printable(photo));
  if (!hit) return fmt::format("{}: no match\n", names);
  return fmt::format("{}: {}, {} sure, {} inliers, score {:.1f}\ncorners{}\n", names,
                     hit->accepted ? "found" : "not accepted", PercentText(hit->probability),
                     hit->inliers, hit->score, hit->polygon ? Corners(*hit->polygon) : " unknown");
}

std::string StatsText(const std::string& format, const CollectionStats& stats,
                      const EngineOptions& options) {
  if (format == "jsonl") return wire::StatsLine(stats, options);
  std::string text;
  wire::VisitStats(stats, options, [&text](std::string_view name, const auto& value) {
    text += fmt::format("{:<24}{}\n", name, value);
  });
  return text;
}

std::string TwinsText(const std::string& format, const TwinGroup& group) {
  if (format == "jsonl") return wire::TwinsLine(group);
  std::string text =
      fmt::format("{}\t{}", group.copies ? "copies" : "twins", PercentText(group.likeness));
  for (const std::string& id : group.ids) text += "\t" + Printable(id);
  return text + "\n";
}

}  // namespace inlier::cli
