// Photos: one, several in a batch, and two pictures that are compared without the database.
#include <algorithm>
#include <chrono>
#include <limits>
#include <mutex>
#include <utility>

#include "server/bodies.h"
#include "server/routes.h"

namespace inlier::server {
namespace {

constexpr int kMaxHits = 1000;

struct Question {
  QueryOptions options;
  bool explain = false;
  int at_least = 0;  // the number of a change that the answer has to include
};

Outcome<Question> ReadQuestion(const Request& request) {
  if (auto unknown = UnknownParameter(
          request, {"top", "where", "all", "exact", "explain", "crop", "partial", "at_least"}))
    return tl::unexpected(*unknown);
  Question question;
  const auto top = request.target.Number("top", question.options.top, 1, kMaxHits);
  if (!top) return BadRequest(top.error().message, "top");
  question.options.top = *top;
  const auto at_least = request.target.Number("at_least", 0, 0, std::numeric_limits<int>::max());
  if (!at_least) return BadRequest(at_least.error().message, "at_least");
  question.at_least = *at_least;
  const std::pair<const char*, bool*> switches[] = {{"all", &question.options.all},
                                                    {"exact", &question.options.exact},
                                                    {"explain", &question.explain},
                                                    {"partial", &question.options.partial}};
  for (const auto& [name, value] : switches) {
    const auto truth = request.target.Truth(name);
    if (!truth) return BadRequest(truth.error().message, name);
    *value = *truth;
  }
  auto where = WhereOf(request);
  if (!where) return tl::unexpected(where.error());
  question.options.where = std::move(*where);
  const auto crop = CropOf(request);
  if (!crop) return tl::unexpected(crop.error());
  question.options.region = *crop;
  question.options.keep_matches = question.explain;
  return question;
}

// Notes in the log what the client is not told.
wire::Problem Noted(Service& service, const Error& error) {
  wire::Problem problem = ProblemOf(error);
  if (problem.status >= 500) service.log.Note("error", error.message);
  return problem;
}

// An argument of a query that the engine refuses is a condition, or a crop outside the photo.
wire::Problem QueryProblem(Service& service, const QueryOptions& options, const Error& error) {
  wire::Problem problem = Noted(service, error);
  // A shard that had no time left is not missing.
  if (error.code == ErrorCode::kUnavailable &&
      std::chrono::steady_clock::now() >= options.deadline) {
    return LateProblem();
  }
  if (error.code != ErrorCode::kInvalidArgument) return problem;
  if (!options.region)
    problem.field = "where";
  else if (options.where.empty())
    problem.field = "crop";
  return problem;
}

Outcome<Answer> Ask(Service& service, Call& call, const Question& question, const Photo& photo) {
  if (photo.bytes.empty()) return BadRequest("The picture is empty.", "body");
  if (!service.WaitForChange(static_cast<std::uint64_t>(question.at_least), call.cancelled())) {
    return tl::unexpected(wire::Problem{.status = 503,
                                        .type = "not_yet",
                                        .detail = "The change has not arrived here yet.",
                                        .field = "at_least"});
  }
  QueryOptions options = question.options;
  options.cancel = &call.cancelled();
  auto answer = service.Ask(photo.bytes, options);
  if (!answer) return tl::unexpected(QueryProblem(service, options, answer.error()));
  service.metrics.ObserveAnswer(*answer);
  return std::move(*answer);
}

// A batch that is being answered. As many of its photos are asked at once as there are workers, and
// each one goes through the queue on its own, so that single photos of others come in between.
// Lines leave in the order of the photos.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  Batch(Service& service, std::shared_ptr<Call> call, Question question, std::vector<Part> parts)
      : service_(service),
        call_(std::move(call)),
        question_(std::move(question)),
        parts_(std::move(parts)),
        lines_(parts_.size()) {}

  void Start() {
    call_->Begin({.content_type = "application/x-ndjson"});
    const auto width = static_cast<std::size_t>(service_.options.worker_count());
    for (std::size_t i = 0; i < std::min(width, parts_.size()); ++i) AskNext();
  }

 private:
  void AskNext() {
    std::lock_guard lock(mutex_);
    if (next_ == parts_.size()) return;
    service_.queries.Continue([self = shared_from_this(),
                               i = next_](double waited_ms) { return self->AskOne(i, waited_ms); },
                              [self = shared_from_this(), i = next_] { self->Fail(i); });
    ++next_;
  }

  WorkPool::Completion AskOne(std::size_t i, double waited_ms) {
    service_.metrics.ObserveQueue(waited_ms);
    if (call_->cancelled()) return nullptr;  // and so are the photos behind it
    const Part& part = parts_[i];
    const std::string& name = NameOf(part);
    const auto answer = Ask(service_, *call_, question_, {name, part.bytes});
    return [self = shared_from_this(), i,
            line = answer ? wire::ReplyText(name, *answer, question_.explain)
                          : wire::FailedReplyText(name, answer.error())] {
      self->Finish(i, line);
      self->AskNext();
    };
  }

  // The query has thrown an exception.
  void Fail(std::size_t i) {
    const Error error{ErrorCode::kIo, "the photo could not be asked", {}};
    Finish(i, wire::FailedReplyText(NameOf(parts_[i]), ProblemOf(error)));
    AskNext();
  }

  static const std::string& NameOf(const Part& part) {
    return part.filename.empty() ? part.name : part.filename;
  }

  void Finish(std::size_t i, std::string line) {
    std::lock_guard lock(mutex_);
    lines_[i] = std::move(line);
    for (; sent_ < lines_.size() && !lines_[sent_].empty(); ++sent_)
      call_->Write(std::exchange(lines_[sent_], std::string()));
    if (sent_ == lines_.size()) call_->End();
  }

  Service& service_;
  const std::shared_ptr<Call> call_;
  const Question question_;
  const std::vector<Part> parts_;  // of the body, which the call holds
  std::mutex mutex_;
  std::vector<std::string> lines_;  // that are ready and wait for those before them
  std::size_t next_ = 0, sent_ = 0;
};

Outcome<Image> Decoded(Service& service, std::span<const std::uint8_t> bytes, const char* field) {
  auto picture = DecodePicture(bytes, {.limits = LimitsOf(service.options)});
  if (picture) return std::move(picture->image);
  wire::Problem problem = Noted(service, picture.error());
  problem.field = field;
  return tl::unexpected(problem);
}

}  // namespace

Response AnswerQuery(Service& service, Call& call) {
  auto question = ReadQuestion(call.request());
  if (!question) return ProblemResponse(question.error());
  question->options.deadline = call.deadline();
  const auto photo = OnePicture(call.request(), "photo");
  if (!photo) return ProblemResponse(photo.error());
  const auto answer = Ask(service, call, *question, *photo);
  if (!answer) return ProblemResponse(answer.error());
  return {.body = wire::ReplyText(photo->name, *answer, question->explain),
          .timings = answer->timings};
}

void StartBatch(Service& service, const std::shared_ptr<Call>& call) {
  auto question = ReadQuestion(call->request());
  if (!question) return call->Reply(ProblemResponse(question.error()));
  auto parts = Parts(call->request(), static_cast<std::size_t>(service.options.max_batch));
  if (!parts) return call->Reply(ProblemResponse(parts.error()));
  if (parts->empty())
    return call->Reply(ProblemResponse(BadRequest("The batch has no photo.", "body").value()));
  // A condition that makes no sense is the whole request's fault.
  if (!question->options.where.empty() && service.engine() != nullptr) {
    const auto count = service.engine()->CountWhere(question->options.where);
    if (!count) return call->Reply(ProblemResponse(QueryProblem(service, {}, count.error())));
  }
  if (service.queries.Full()) {
    service.metrics.CountRejected("queue_full");
    return call->Reply(BusyResponse("queue_full", "The server has more to do than it can."));
  }
  std::make_shared<Batch>(service, call, std::move(*question), std::move(*parts))->Start();
}

Response AnswerMatch(Service& service, Call& call) {
  if (auto unknown = UnknownParameter(call.request(), {})) return ProblemResponse(*unknown);
  const auto parts = Parts(call.request(), 2);
  if (!parts) return ProblemResponse(parts.error());
  const Part *photo = nullptr, *item = nullptr;
  for (const Part& part : *parts) {
    if (part.name == "photo") photo = &part;
    if (part.name == "item") item = &part;
  }
  if (photo == nullptr || item == nullptr) {
    return ProblemResponse(
        BadRequest("The parts 'photo' and 'item' are needed.", photo == nullptr ? "photo" : "item")
            .value());
  }
  const auto name = [](const Part& part) {
    return part.filename.empty() ? part.name : part.filename;
  };
  auto photo_image = Decoded(service, photo->bytes, "photo");
  if (!photo_image) return ProblemResponse(photo_image.error());
  if (call.cancelled()) return ProblemResponse(ProblemOf({ErrorCode::kCancelled, "", {}}));
  auto item_image = Decoded(service, item->bytes, "item");
  if (!item_image) return ProblemResponse(item_image.error());
  const auto comparison = CompareImages(*photo_image, *item_image, service.engine_options());
  if (!comparison) return ProblemResponse(Noted(service, comparison.error()));
  return {.body = wire::ComparisonText(name(*photo), name(*item), *comparison)};
}

Response AnswerItemMatch(Service& service, Call& call) {
  const Request& request = call.request();
  if (auto unknown = UnknownParameter(request, {"crop"})) return ProblemResponse(*unknown);
  const auto number = PictureNumber(request);
  if (!number) return ProblemResponse(number.error());
  const auto crop = CropOf(request);
  if (!crop) return ProblemResponse(crop.error());
  const auto photo = OnePicture(request, "photo");
  if (!photo) return ProblemResponse(photo.error());
  const std::string& id = request.captured.at(0);
  const auto comparison = service.engine()->Compare(photo->bytes, id, *number, *crop);
  if (comparison) return {.body = wire::ComparisonText(photo->name, id, *comparison)};
  return ProblemResponse(QueryProblem(service, {.region = *crop}, comparison.error()));
}

}  // namespace inlier::server
