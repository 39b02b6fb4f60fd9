// What is stored: items, their pictures and metadata, twins and figures.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "server/bodies.h"
#include "server/gate.h"
#include "server/merged_lists.h"
#include "server/routes.h"
#include "wire/writer.h"

namespace inlier::server {
namespace {

constexpr int kMaxPage = 1000;

Response Failed(Service& service, const Error& error) {
  const wire::Problem problem = ProblemOf(error);
  if (problem.status >= 500) service.log.Note("error", error.message);
  return ProblemResponse(problem);
}

Response ItemResponse(const ItemRecord& item, int status = 200) {
  return {.status = status,
          .body = wire::ItemText(item),
          .headers = {{"ETag", '"' + wire::ItemTag(item) + '"'}}};
}

QueryOptions LimitsOf(const Call& call) {
  QueryOptions limits;
  limits.cancel = &call.cancelled();
  limits.deadline = call.deadline();
  return limits;
}

// A page of the database, or of all shards.
Result<std::string> ListedText(Service& service, const Call& call, const ListOptions& options) {
  if (service.cluster() != nullptr) return ListShards(*service.cluster(), options, LimitsOf(call));
  const auto page = service.engine()->List(options);
  if (!page) return tl::unexpected(page.error());
  return wire::PageText(*page);
}

// A page of the twins of the database, or of all shards.
Result<TwinPage> ListedTwins(Service& service, const Call& call, const TwinListOptions& options) {
  if (service.cluster() != nullptr) {
    auto page = service.cluster()->engine()->Twins(options, LimitsOf(call));
    if (page || page.error().code != ErrorCode::kIncompatible) return page;
    return Fail(ErrorCode::kUnavailable, std::move(page.error().message));  // until it is upgraded
  }
  auto groups = service.engine()->Twins();
  if (!groups) return tl::unexpected(groups.error());
  if (options.id) {
    std::erase_if(*groups, [&](const TwinGroup& group) {
      return std::ranges::find(group.ids, *options.id) == group.ids.end();
    });
  }
  const std::size_t total = groups->size(), begin = std::min(options.offset, total);
  const std::size_t end = begin + std::min(options.limit, total - begin);
  const auto at = [&](std::size_t i) { return groups->begin() + static_cast<std::ptrdiff_t>(i); };
  return TwinPage{.groups = {at(begin), at(end)}, .total = total};
}

// The tag within If-Match, "*", or nothing when the header is not there.
Outcome<std::string> IfMatch(const Request& request) {
  std::string_view text = request.Header("if-match");
  if (text.empty() || text == "*") return std::string(text);
  if (text.size() < 3 || text.front() != '"' || text.back() != '"' ||
      text.substr(1, text.size() - 2).find('"') != std::string_view::npos)
    return BadRequest("If-Match is * or one tag in quotes.", "If-Match");
  return std::string(text.substr(1, text.size() - 2));
}

std::vector<std::uint8_t> Copied(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

// Hands a change to the writer; `reply` makes the answer from the outcome.
void Submit(Service& service, const std::shared_ptr<Call>& call, decltype(Change::what) what,
            Response (*reply)(const Changed&)) {
  if (auto refused = ChangeRefusal(service)) return call->Reply(*std::move(refused));
  auto if_match = IfMatch(call->request());
  if (!if_match) return call->Reply(ProblemResponse(if_match.error()));
  const bool taken = service.writer()->Submit(
      {.what = std::move(what),
       .if_match = std::move(*if_match),
       .done = [&service, call, reply](ChangeOutcome changed) {
         if (changed) return call->Reply(reply(*changed));
         if (changed.error().cause == NotChanged::Cause::kHasChanged) {
           return call->Reply(
               ProblemResponse({.status = 412,
                                .type = "item_has_changed",
                                .detail = "The item is not, or no longer, as If-Match expects it.",
                                .field = "If-Match"}));
         }
         call->Reply(Failed(service, changed.error().error));
       }});
  if (taken) return;
  service.metrics.CountRejected("write_queue_full");
  call->Reply(BusyResponse("write_queue_full", "Too many changes wait to be written."));
}

Response ChangedItem(const Changed& changed) {
  return ItemResponse(*changed.item, changed.created ? 201 : 200);
}
Response NewPicture(const Changed& changed) { return ItemResponse(*changed.item, 201); }
Response Gone(const Changed&) { return {.status = 204, .content_type = "", .body = ""}; }

// The item that a PUT describes: a picture as the whole body, or a multipart body with parts
// 'picture' and at most one 'metadata'.
Outcome<ItemToAdd> ReadItem(const Request& request) {
  ItemToAdd item{.id = request.captured.at(0), .pictures = {}, .metadata = {}};
  if (!IsMultipart(request)) {
    const auto picture = OnePicture(request, "picture");
    if (!picture) return tl::unexpected(picture.error());
    item.pictures.emplace_back(Copied(picture->bytes));
    return item;
  }
  const auto parts = Parts(request, kMaxPicturesAtOnce + 1);
  if (!parts) return tl::unexpected(parts.error());
  bool has_metadata = false;
  for (const Part& part : *parts) {
    if (part.name == "picture") {
      if (part.bytes.empty()) return BadRequest("A picture is empty.", "picture");
      item.pictures.emplace_back(Copied(part.bytes));
    } else if (part.name == "metadata" && !has_metadata) {
      auto metadata =
          wire::ReadMetadata({reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size()});
      if (!metadata) return BadRequest(metadata.error().message, "metadata");
      item.metadata = std::move(*metadata);
      has_metadata = true;
    } else {
      return BadRequest("The parts are 'picture', any number, and one 'metadata'.", part.name);
    }
  }
  if (item.pictures.empty()) return BadRequest("A part 'picture' is missing.", "picture");
  return item;
}

}  // namespace

Response AnswerItems(Service& service, Call& call) {
  const Request& request = call.request();
  if (auto unknown = UnknownParameter(request, {"after", "limit", "where", "id"}))
    return ProblemResponse(*unknown);
  const auto limit = request.target.Number("limit", 100, 1, kMaxPage);
  if (!limit) return ProblemResponse(BadRequest(limit.error().message, "limit").value());
  auto where = WhereOf(request);
  if (!where) return ProblemResponse(where.error());
  auto page = ListedText(service, call,
                         {.after = std::string(request.target.Value("after")),
                          .limit = static_cast<std::size_t>(*limit),
                          .id_part = std::string(request.target.Value("id")),
                          .where = std::move(*where)});
  if (page) return {.body = *std::move(page)};
  if (page.error().code == ErrorCode::kInvalidArgument)
    return ProblemResponse(BadRequest(page.error().message, "where").value());
  return Failed(service, page.error());
}

Response AnswerItem(Service& service, Call& call) {
  const auto item = service.engine()->Find(call.request().captured.at(0));
  if (!item) return Failed(service, item.error());
  if (!*item) return Failed(service, {ErrorCode::kNotFound, "", {}});
  return ItemResponse(**item);
}

Response AnswerPicture(Service& service, Call& call) {
  const auto number = PictureNumber(call.request());
  if (!number) return ProblemResponse(number.error());
  const auto item = service.engine()->Find(call.request().captured.at(0));
  if (!item) return Failed(service, item.error());
  if (!*item || *number >= (*item)->pictures.size())
    return Failed(service, {ErrorCode::kNotFound, "", {}});
  return {.body = wire::PictureText(**item, *number)};
}

Response AnswerPreview(Service& service, Call& call) {
  const auto number = PictureNumber(call.request());
  if (!number) return ProblemResponse(number.error());
  auto preview = service.engine()->Preview(call.request().captured.at(0), *number);
  if (!preview) return Failed(service, preview.error());
  return {.content_type = "image/jpeg", .body = std::move(*preview)};
}

Response AnswerFeatures(Service& service, Call& call) {
  const auto number = PictureNumber(call.request());
  if (!number) return ProblemResponse(number.error());
  const auto features = service.engine()->FeaturesOf(call.request().captured.at(0), *number);
  if (!features) return Failed(service, features.error());
  return {.body = wire::FeaturesText(*features)};
}

Response AnswerTwins(Service& service, Call& call) {
  if (auto unknown = UnknownParameter(call.request(), {"offset", "limit", "id"}))
    return ProblemResponse(*unknown);
  const auto offset = call.request().target.Number("offset", 0, 0, 1'000'000'000);
  if (!offset) return ProblemResponse(BadRequest(offset.error().message, "offset").value());
  const auto limit = call.request().target.Number("limit", 100, 1, kMaxPage);
  if (!limit) return ProblemResponse(BadRequest(limit.error().message, "limit").value());
  TwinListOptions options{.offset = static_cast<std::size_t>(*offset),
                          .limit = static_cast<std::size_t>(*limit)};
  if (call.request().target.Has("id")) options.id = call.request().target.Value("id");
  const auto page = ListedTwins(service, call, options);
  if (!page) return Failed(service, page.error());
  return {.body = wire::TwinsText(page->groups, page->total)};
}

Response AnswerStats(Service& service, Call& call) {
  if (service.cluster() != nullptr) {
    auto text = StatsOfShards(*service.cluster(), LimitsOf(call));
    if (!text) return Failed(service, text.error());
    return {.body = *std::move(text)};
  }
  const auto stats = service.engine()->Stats();
  if (!stats) return Failed(service, stats.error());
  return {.body = wire::StatsLine(*stats, service.engine()->options())};
}

void StartPut(Service& service, const std::shared_ptr<Call>& call) {
  const std::string& id = call->request().captured.at(0);
  if (id.size() > kMaxIdBytes) {
    return call->Reply(ProblemResponse(
        BadRequest(fmt::format("An id has at most {} bytes.", kMaxIdBytes), "id").value()));
  }
  auto item = ReadItem(call->request());
  if (!item) return call->Reply(ProblemResponse(item.error()));
  Submit(service, call, PutItem{std::move(*item)}, ChangedItem);
}

void StartPatch(Service& service, const std::shared_ptr<Call>& call) {
  const std::string type = call->request().ContentType();
  if (type != "application/json" && type != "application/merge-patch+json") {
    return call->Reply(
        ProblemResponse({.status = 415,
                         .type = "wrong_content_type",
                         .detail = "A change of metadata is sent as application/merge-patch+json.",
                         .field = "Content-Type"}));
  }
  auto patch = wire::ReadMetadataPatch(call->request().text());
  if (!patch)
    return call->Reply(ProblemResponse(BadRequest(patch.error().message, "body").value()));
  Submit(service, call, PatchItem{call->request().captured.at(0), std::move(*patch)}, ChangedItem);
}

void StartRemove(Service& service, const std::shared_ptr<Call>& call) {
  Submit(service, call, RemoveItem{call->request().captured.at(0)}, Gone);
}

void StartPutPicture(Service& service, const std::shared_ptr<Call>& call) {
  const auto picture = OnePicture(call->request(), "picture");
  if (!picture) return call->Reply(ProblemResponse(picture.error()));
  Submit(service, call, PutPicture{call->request().captured.at(0), Copied(picture->bytes)},
         NewPicture);
}

void StartRemovePicture(Service& service, const std::shared_ptr<Call>& call) {
  const auto number = PictureNumber(call->request());
  if (!number) return call->Reply(ProblemResponse(number.error()));
  Submit(service, call, RemovePicture{call->request().captured.at(0), *number}, ChangedItem);
}

}  // namespace inlier::server
