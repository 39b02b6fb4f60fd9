// Jobs, snapshots and imports.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/archive.h"
#include "server/bodies.h"
#include "server/gate.h"
#include "server/import.h"
#include "server/routes.h"

namespace inlier::server {
namespace {

namespace fs = std::filesystem;

Response NotThere() { return ProblemResponse(ProblemOf({ErrorCode::kNotFound, "", {}})); }

Response Accepted(Service& service, const std::optional<wire::Job>& job) {
  if (!job) {
    service.metrics.CountRejected("jobs_full");
    return ProblemResponse(
        {.status = 429, .type = "jobs_full", .detail = "Too many jobs wait already."});
  }
  return {
      .status = 202, .body = wire::JobText(*job), .headers = {{"Location", "/v1/jobs/" + job->id}}};
}

// The database as it is at one moment, packed into one file. Its parts are hard links until then,
// so that nobody has to wait.
Status MakeSnapshot(Service& service, Jobs::Report& report) {
  const fs::path folder = service.snapshot_folder();
  std::error_code ec;
  fs::create_directories(folder, ec);
  const fs::path copy = folder / (report.id() + ".folder");
  const fs::path unfinished = folder / (report.id() + ".tmp");
  Status status = service.engine()->Snapshot(copy);
  report.Progress(1, 2);
  if (status) status = PackFolder(copy, unfinished);
  fs::remove_all(copy, ec);
  if (status) {
    fs::rename(unfinished, folder / (report.id() + ".tar"), ec);
    if (ec) status = Fail(ErrorCode::kIo, folder.string() + ": " + ec.message());
  }
  if (!status) {
    service.log.Note("error", "snapshot: " + status.error().message);
    fs::remove(unfinished, ec);
    return status;
  }
  report.Progress(2, 2);
  report.SetResult("/v1/snapshots/" + report.id());
  return {};
}

bool IsJobId(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
  });
}

// "bytes=A-B", "bytes=A-" and "bytes=-N"; nothing when there is no header or it is of another form,
// in which case the whole file is sent (RFC 9110, 14.2).
struct Range {
  std::uint64_t begin = 0, end = 0;  // `end` is one past the last byte
};
std::optional<Range> RangeOf(std::string_view header, std::uint64_t size) {
  if (!header.starts_with("bytes=")) return std::nullopt;
  header.remove_prefix(6);
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  };
  const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
  if (first && last && *last >= *first) return Range{*first, std::min(*last, size - 1) + 1};
  if (first && dash + 1 == header.size()) return Range{*first, size};
  if (dash == 0 && last) return Range{size - std::min(*last, size), size};
  return std::nullopt;
}

}  // namespace

Response AnswerNewSnapshot(Service& service, Call&) {
  if (auto refused = ChangeRefusal(service, "A snapshot is made by the server that writes."))
    return *std::move(refused);
  return Accepted(service, service.jobs.Start("snapshot", [&service](Jobs::Report& report) {
    return MakeSnapshot(service, report);
  }));
}

Response AnswerSnapshots(Service& service, Call&) {
  std::vector<wire::StoredSnapshot> snapshots;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(service.snapshot_folder(), ec)) {
    const std::string id = entry.path().stem();
    if (entry.path().extension() == ".tar" && IsJobId(id))
      snapshots.push_back({id, entry.file_size(ec)});
  }
  std::ranges::sort(snapshots, {}, &wire::StoredSnapshot::id);
  return {.body = wire::SnapshotsText(snapshots)};
}

Response AnswerSnapshot(Service& service, Call& call) {
  const std::string& id = call.request().captured.at(0);
  if (!IsJobId(id)) return NotThere();
  const fs::path path = service.snapshot_folder() / (id + ".tar");
  std::error_code ec;
  const std::uint64_t size = fs::file_size(path, ec);
  if (ec || size == 0) return NotThere();
  Response response{.content_type = "application/x-tar",
                    .headers = {{"Accept-Ranges", "bytes"}},
                    .file = FilePart{path, 0, size}};
  const auto range = RangeOf(call.request().Header("range"), size);
  if (!range) return response;
  if (range->begin >= range->end) {
    Response problem = ProblemResponse({.status = 416,
                                        .type = "range",
                                        .detail = "The range lies outside the file.",
                                        .field = "Range"});
    problem.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
    return problem;
  }
  response.status = 206;
  response.file = FilePart{path, range->begin, range->end - range->begin};
  response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range->begin) + "-" +
                                                     std::to_string(range->end - 1) + "/" +
                                                     std::to_string(size));
  return response;
}

Response AnswerJobs(Service& service, Call&) {
  return {.body = wire::JobsText(service.jobs.All())};
}

Response AnswerJob(Service& service, Call& call) {
  const auto job = service.jobs.Find(call.request().captured.at(0));
  return job ? Response{.body = wire::JobText(*job)} : NotThere();
}

Response AnswerImport(Service& service, Call& call) {
  // The upload has taken room since the gate looked.
  if (auto refused = ChangeRefusal(service)) return *std::move(refused);
  const std::string type = call.request().ContentType();
  const bool is_tar = type == "application/x-tar" || type == "application/gzip" ||
                      type == "application/zstd" || type == "application/octet-stream";
  if (!is_tar && !IsMultipart(call.request())) {
    return ProblemResponse({.status = 415,
                            .type = "wrong_content_type",
                            .detail = "An import is application/x-tar, which may be compressed, or "
                                      "multipart/form-data.",
                            .field = "Content-Type"});
  }
  // The job takes the file over; the request would delete it.
  auto upload =
      std::make_shared<Upload>(std::exchange(call.request().body_file, {}),
                               is_tar ? "" : std::string(call.request().Header("content-type")));
  return Accepted(service, service.jobs.Start("import", [&service, upload](Jobs::Report& report) {
    return Import(service, *upload, report);
  }));
}

}  // namespace inlier::server
