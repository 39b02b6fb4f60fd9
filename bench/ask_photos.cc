#include "bench/ask_photos.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "bench/kept_files.h"
#include "bench/methods.h"
#include "core/file.h"
#include "core/parallel.h"
#include "core/peak_memory.h"

namespace inlier {
namespace {

constexpr const char* kCandidateColumns =
    "dataset,photo,own,left_out,id,rank,accepted,probability,inliers,matches,item_coverage,"
    "photo_share,agreement,colour,colour_shift,colour_error,visible,votes,vote_margin,"
    "agreement_margin,colour_differs,descriptor_agreement\n";

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

// A row for each candidate with a geometry, and for the photo's own item in any case.
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
                               e.colour_shift, e.colour_error, e.visible, e.votes, e.vote_margin,
                               e.agreement_margin, e.colour_differs, e.descriptor_agreement}) {
      out += fmt::format(",{:.4f}", value);
    }
    out += '\n';
  }
  return out;
}

// True for each photo that the method is asked about.
std::vector<bool> PhotosFor(const BenchSession& session, const std::string& method) {
  const Gallery& gallery = session.gallery;
  if (!IsReferenceMethod(method)) return std::vector<bool>(gallery.photos.size(), true);
  std::vector<bool> chosen(gallery.photos.size(), false);
  const auto count = static_cast<std::size_t>(session.options.reference_photos);
  for (const std::size_t photo : SamplePhotos(gallery, count)) chosen[photo] = true;
  return chosen;
}

struct Asked {
  MethodAnswers answers;
  std::string candidates;  // a table
};

Asked AskAll(const BenchSession& session, const std::string& name, const BenchMethod& method) {
  const auto& photos = session.gallery.photos;
  const std::vector<bool> chosen = PhotosFor(session, name);
  Asked asked;
  asked.answers.photos.resize(photos.size());
  std::vector<std::string> candidates(photos.size());
  std::mutex mutex;
  std::size_t done = 0;
  const auto total = static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), true));
  const std::string stage = name + ": asking";
  ParallelFor(photos.size(), session.options.threads, [&](std::size_t i) {
    if (!chosen[i]) return;
    for (const Setting setting : {Setting::kJoint, Setting::kLeftOut, Setting::kOwn}) {
      if (!method.Answers(setting)) continue;
      const auto answer = method.Query(photos[i], setting);
      asked.answers.photos[i][static_cast<std::size_t>(setting)] =
          answer ? ToBenchAnswer(*answer) : BenchAnswer{.error = answer.error().message};
      if (answer && setting != Setting::kOwn)
        candidates[i] += CandidateRows(photos[i], setting == Setting::kLeftOut, *answer);
    }
    std::lock_guard lock(mutex);
    if (session.options.progress) session.options.progress({stage, ++done, total});
  });
  asked.candidates = kCandidateColumns;
  for (const std::string& rows : candidates) asked.candidates += rows;
  return asked;
}

}  // namespace

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
  // The memory that a method needs is the growth of the process from here on. The methods before it
  // are closed.
  ResetPeakMemory();
  const std::uint64_t before_bytes = ResidentMemory_bytes();
  INLIER_ASSIGN_OR_RETURN(const BenchMethod* method, session.Open(name));
  ResetPeakMemory();
  Asked asked = AskAll(session, name, *method);
  asked.answers.costs = method->costs();
  const std::uint64_t peak_bytes = PeakMemory_bytes();
  asked.answers.costs.query_peak_memory_bytes = peak_bytes - std::min(peak_bytes, before_bytes);
  session.Close(name);
  INLIER_RETURN_IF_ERROR(
      PublishFile(options.out / ("candidates-" + name + ".csv"), asked.candidates));
  INLIER_RETURN_IF_ERROR(WriteAnswers(path, fingerprint, asked.answers));
  // Numbers are rounded when they are written. Reading them back makes this run compute the same
  // figures as a later one that takes the file over.
  auto kept = ReadAnswers(path, fingerprint);
  if (!kept) return Fail(ErrorCode::kIo, path.string() + ": cannot be read back");
  session.answers[name] = std::move(*kept);
  return {};
}

}  // namespace inlier
