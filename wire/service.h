#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/answer.h"
#include "inlier/comparison.h"
#include "inlier/listing.h"
#include "inlier/twins.h"

/// What the service says in JSON: the objects of the command line (wire/writer.h) followed by what
/// only a service knows. wire/openapi.json describes them. All end with a line feed.
namespace inlier::wire {

/// What a service answers when it cannot do what was asked (RFC 9457, "problem details").
struct Problem {
  int status = 500;
  std::string type;    // one word for programs: "queue_full"
  std::string detail;  // one or two sentences for a person
  std::string field;   // the parameter, header or part that is wrong; may be empty
};
std::string ProblemText(const Problem& problem);
/// The reason phrase of an HTTP status: "Not Found".
std::string_view StatusTitle(int status);

/// The answer to a photo: AnswerLine, and then `generation`, `last_change`, `accepted_count` and
/// `status`. `explain` adds to each hit its evidence, its homography and its matched points.
std::string ReplyText(const std::string& photo, const Answer& answer, bool explain);
/// "found", "not_in_catalogue", "no_features", or "unknown" when not all shards have been asked.
/// Words may be added.
std::string_view StatusWord(const Answer& answer);
/// The line of a photo within a batch that could not be answered.
std::string FailedReplyText(const std::string& photo, const Problem& problem);
/// MatchLine, and then all that a comparison has: `homography`, `matches` and `others`, `blocks`,
/// the sizes of both pictures and, with a hit, its evidence and its reason.
std::string ComparisonText(const std::string& photo, const std::string& item,
                           const Comparison& comparison);
std::string FeaturesText(const std::vector<FeaturePoint>& features);

/// A tag for what an item holds now: equal tags mean equal items. It is made of the names, the
/// contents and the metadata, so that it is the same on every machine.
std::string ItemTag(const ItemRecord& item);
/// ItemLine with `version`, the item's tag.
std::string ItemText(const ItemRecord& item);
std::string PageText(const ItemPage& page);
/// One picture of an item; `number` counts from 0.
std::string PictureText(const ItemRecord& item, std::size_t number);
std::string TwinsText(const std::vector<TwinGroup>& groups, std::size_t total);

/// The state of a server. Further named numbers may be added.
using NamedNumbers = std::vector<std::pair<std::string, std::uint64_t>>;
struct ServerStatus {
  std::string version, method;
  std::string started;    // a time, as RFC 3339 has it
  std::string not_ready;  // empty, or why it is not ready
  bool read_only = false;
  bool keys = false;               // whether it wants them
  std::string key_name, key_role;  // of the caller; without keys the role is "admin"
  NamedNumbers levels, rejected, answers, limits;
};
std::string StatusText(const ServerStatus& status);

/// A copy of the database that can be downloaded.
struct StoredSnapshot {
  std::string id;
  std::uint64_t bytes = 0;
};
std::string SnapshotsText(const std::vector<StoredSnapshot>& snapshots);

/// What a server does in the background.
struct Job {
  std::string id;
  std::string kind;   // "snapshot" or "import"
  std::string state;  // "waiting", "running", "done", "failed"
  std::uint64_t done = 0, total = 0;
  std::uint64_t failed = 0;           // rows and pictures of an import that could not be used
  std::vector<std::string> messages;  // about these, the first few
  std::string result;                 // where the outcome is, as a path of the service
  std::string created, finished;      // times, as RFC 3339 has them
};
std::string JobText(const Job& job);
std::string JobsText(const std::vector<Job>& jobs);

}  // namespace inlier::wire
