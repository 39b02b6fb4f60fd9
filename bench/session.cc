#include "bench/session.h"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>

#include "bench/peak_memory.h"
#include "core/blob.h"
#include "core/file.h"
#include "core/parallel.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kAnswersVersion = 1;  // raise it when the same options answer otherwise

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

constexpr const char* kCandidateColumns =
    "dataset,photo,own,left_out,id,rank,accepted,probability,inliers,matches,item_coverage,photo_"
    "share,"
    "agreement,colour,colour_shift,colour_error,visible,votes,vote_margin\n";

// The evidence on each candidate, for calibration.
std::string CandidateRows(const BenchPhoto& photo, bool left_out, const Answer& answer) {
  std::string out;
  for (std::size_t r = 0; r < answer.hits.size(); ++r) {
    const Hit& hit = answer.hits[r];
    const Evidence& e = hit.evidence;
    if (e.inliers == 0 && hit.id != photo.own()) continue;
    out += fmt::format("{},{},{},{:d},{},{},{:d},{:.4f},{},{}", photo.dataset,
                       Quoted(photo.image.string()), Quoted(photo.own()), left_out, Quoted(hit.id),
                       r + 1, hit.accepted, hit.probability, e.inliers, e.matches);
    for (const double value : {e.item_coverage, e.photo_share, e.agreement, e.colour,
                               e.colour_shift, e.colour_error, e.visible, e.votes, e.vote_margin}) {
      out += fmt::format(",{:.4f}", value);
    }
    out += '\n';
  }
  return out;
}

// `count` photos of each dataset, evenly spread.
std::vector<bool> Sample(const Gallery& gallery, std::size_t count) {
  std::unordered_map<std::string, std::vector<std::size_t>> of_set;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    if (!gallery.photos[i].truth.relevant.empty()) of_set[gallery.photos[i].dataset].push_back(i);
  }
  std::vector<bool> chosen(gallery.photos.size(), false);
  for (const auto& [dataset, photos] : of_set) {
    const std::size_t n = std::min(count, photos.size());
    for (std::size_t i = 0; i < n; ++i) chosen[photos[i * photos.size() / n]] = true;
  }
  return chosen;
}

}  // namespace

Result<Visible> Visible::Read(const std::filesystem::path& path, const Gallery& gallery) {
  Visible visible;
  if (path.empty()) return visible;
  std::unordered_map<std::string, std::size_t> photos;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    photos[gallery.photos[i].dataset + "/" + gallery.photos[i].image.filename().string()] = i;
  }
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kIo, path.string() + ": cannot be read");
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream fields(line);
    std::string photo, id, verdict;
    if (!std::getline(fields, photo, ',') || !std::getline(fields, id, ',') ||
        !std::getline(fields, verdict)) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}, line {}: not photo,id,verdict", path.string(), number));
    }
    const auto found = photos.find(photo);
    if (found != photos.end() && (verdict == "visible" || verdict == "unclear"))
      visible.clear_[{found->second, id}] = verdict == "visible";
  }
  return visible;
}

bool Visible::Is(std::size_t photo, const std::string& id, bool or_unclear) const {
  const auto found = clear_.find({photo, id});
  return found != clear_.end() && (or_unclear || found->second);
}

Result<const BenchMethod*> BenchSession::Open(const std::string& method) {
  auto& opened = open_[method];
  if (!opened) {
    INLIER_ASSIGN_OR_RETURN(opened, OpenMethod(options, gallery, method));
    options_of[method] = opened->options();
  }
  return opened.get();
}

std::string BenchSession::Fingerprint(const std::string& method) const {
  const auto of_method = OptionsOfMethod(options, method);
  const std::string text =
      fmt::format("{} {} {} {} {}", kAnswersVersion, method, of_method ? ToJson(*of_method) : "",
                  data_hash, IsReferenceMethod(method) ? options.reference_photos : 0);
  return fmt::format("{:016x}", Hash64(text));
}

Status AskPhotos(BenchSession& session, const std::string& name) {
  const BenchOptions& options = session.options;
  const auto path = options.out / ("answers-" + name + ".json");
  const std::string fingerprint = session.Fingerprint(name);
  if (const auto of_method = OptionsOfMethod(options, name))
    session.options_of[name] = ToJson(*of_method);
  if (auto kept = ReadAnswers(path, fingerprint);
      kept && kept->photos.size() == session.gallery.photos.size()) {
    if (options.notice) options.notice(name + ": answered before, taken over");
    session.answers[name] = std::move(*kept);
    return {};
  }
  // What a method needs is what the process grows by from before it is opened; those before it were
  // closed.
  const std::uint64_t before_bytes = ResetPeakMemory();
  INLIER_ASSIGN_OR_RETURN(const BenchMethod* method, session.Open(name));
  ResetPeakMemory();
  const auto& photos = session.gallery.photos;
  const std::vector<bool> asked =
      IsReferenceMethod(name)
          ? Sample(session.gallery, static_cast<std::size_t>(options.reference_photos))
          : std::vector<bool>(photos.size(), true);
  MethodAnswers answers;
  answers.photos.resize(photos.size());
  std::vector<std::string> candidates(photos.size());
  std::mutex mutex;
  std::size_t done = 0;
  const auto total = static_cast<std::size_t>(std::count(asked.begin(), asked.end(), true));
  const std::string stage = name + ": asking";
  ParallelFor(photos.size(), options.threads, [&](std::size_t i) {
    if (!asked[i]) return;
    for (const Asked how : {Asked::kJoint, Asked::kLeftOut, Asked::kOwn}) {
      if (!method->Answers(how)) continue;
      const auto answer = method->Ask(photos[i], how);
      answers.photos[i][static_cast<std::size_t>(how)] =
          answer ? ToBenchAnswer(*answer) : BenchAnswer{.error = answer.error().message};
      if (answer && how != Asked::kOwn)
        candidates[i] += CandidateRows(photos[i], how == Asked::kLeftOut, *answer);
    }
    std::lock_guard lock(mutex);
    if (options.progress) options.progress({stage, ++done, total});
  });
  Json costs = Json::parse(method->costs());
  const std::uint64_t peak_bytes = PeakMemory_bytes();
  costs["query"] = {{"peak_memory_bytes", peak_bytes - std::min(peak_bytes, before_bytes)}};
  session.Close(name);
  answers.costs = costs.dump();
  std::string table = kCandidateColumns;
  for (const std::string& rows : candidates) table += rows;
  INLIER_RETURN_IF_ERROR(PublishFile(options.out / ("candidates-" + name + ".csv"), table));
  INLIER_RETURN_IF_ERROR(WriteAnswers(path, fingerprint, answers));
  // As they were rounded, so that a run that takes them over comes to the same figures.
  auto kept = ReadAnswers(path, fingerprint);
  if (!kept) return Fail(ErrorCode::kIo, path.string() + ": cannot be read back");
  session.answers[name] = std::move(*kept);
  return {};
}

}  // namespace inlier
