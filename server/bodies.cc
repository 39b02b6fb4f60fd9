#include "server/bodies.h"

#include <charconv>
#include <utility>

namespace inlier::server {
namespace {

constexpr std::size_t kMaxParts = 16;  // where one picture is expected

wire::Problem WrongType(std::string detail) {
  return {.status = 415,
          .type = "wrong_content_type",
          .detail = std::move(detail),
          .field = "Content-Type"};
}

}  // namespace

tl::unexpected<wire::Problem> BadRequest(std::string detail, std::string field) {
  return tl::unexpected(wire::Problem{.status = 400,
                                      .type = "invalid_argument",
                                      .detail = std::move(detail),
                                      .field = std::move(field)});
}

bool IsMultipart(const Request& request) { return request.ContentType() == "multipart/form-data"; }

Outcome<std::vector<Part>> Parts(const Request& request, std::size_t most) {
  if (!IsMultipart(request))
    return tl::unexpected(WrongType("The body has to be multipart/form-data."));
  auto parts = ParseMultipart(request.Header("content-type"), request.bytes(), most);
  if (!parts)
    return BadRequest("The multipart body is malformed: " + parts.error().message + ".", "body");
  return std::move(*parts);
}

Outcome<Photo> OnePicture(const Request& request, std::string_view part_name) {
  const std::string type = request.ContentType();
  Photo photo{.name = std::string(part_name), .bytes = request.bytes()};
  if (IsMultipart(request)) {
    const auto parts = Parts(request, kMaxParts);
    if (!parts) return tl::unexpected(parts.error());
    const Part* found = nullptr;
    for (const Part& part : *parts) {
      if (part.name != part_name) continue;
      if (found != nullptr)
        return BadRequest("There is more than one part of this name.", std::string(part_name));
      found = &part;
    }
    if (found == nullptr)
      return BadRequest("A part of this name is missing.", std::string(part_name));
    photo.bytes = found->bytes;
    if (!found->filename.empty()) photo.name = found->filename;
  } else if (!type.starts_with("image/") && type != "application/octet-stream") {
    return tl::unexpected(
        WrongType("A picture is sent as image/*, application/octet-stream or within "
                  "multipart/form-data."));
  }
  if (photo.bytes.empty()) return BadRequest("The picture is empty.", "body");
  return photo;
}

std::optional<wire::Problem> UnknownParameter(const Request& request,
                                              const std::vector<std::string_view>& known) {
  const auto unknown = request.target.Unknown(known);
  if (!unknown) return std::nullopt;
  return BadRequest("There is no parameter of this name here.", *unknown).value();
}

Outcome<std::size_t> PictureNumber(const Request& request) {
  const std::string& text = request.captured.at(1);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return BadRequest("A picture is called by its number, from 0.", "n");
}

Outcome<std::vector<std::pair<std::string, std::string>>> WhereOf(const Request& request) {
  std::vector<std::pair<std::string, std::string>> where;
  for (const auto& [name, value] : request.target.parameters) {
    if (name != "where") continue;
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0)
      return BadRequest("A condition has the form column=value.", "where");
    where.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  }
  return where;
}

Outcome<std::optional<PixelRegion>> CropOf(const Request& request) {
  if (!request.target.Has("crop")) return std::nullopt;
  const auto wrong = BadRequest("A crop is left,top,width,height, in pixels of the photo.", "crop");
  const std::string_view text = request.target.Value("crop");
  const char* at = text.data();
  const char* const end = at + text.size();
  PixelRegion crop;
  for (int* side : {&crop.left_px, &crop.top_px, &crop.width_px, &crop.height_px}) {
    if (side != &crop.left_px && (at == end || *at++ != ',')) return wrong;
    const auto [rest, error] = std::from_chars(at, end, *side);
    if (error != std::errc()) return wrong;
    at = rest;
  }
  if (at != end) return wrong;
  return crop;
}

}  // namespace inlier::server
