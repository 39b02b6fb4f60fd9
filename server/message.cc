#include "server/message.h"

#include <algorithm>

namespace inlier::server {

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string Request::ContentType() const {
  std::string_view type = Header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  std::string lower(type);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

Response ProblemResponse(const wire::Problem& problem) {
  Response response{.status = problem.status,
                    .content_type = "application/problem+json",
                    .body = wire::ProblemText(problem),
                    .cause = problem.type};
  if (problem.status == 503 || problem.status == 429)
    response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response BusyResponse(std::string type, std::string detail) {
  return ProblemResponse({.status = 503, .type = std::move(type), .detail = std::move(detail)});
}

wire::Problem LateProblem() {
  return {.status = 503, .type = "answer_timeout", .detail = "The answer took too long."};
}

namespace {

wire::Problem PictureProblem(BadImage bad) {
  switch (bad) {
    case BadImage::kNotAPicture:
      return {.status = 415,
              .type = "not_a_picture",
              .detail =
                  "The bytes are no picture of a format that is read (JPEG, PNG, WebP, HEIC, "
                  "AVIF, TIFF, GIF, BMP, PGM, PPM)."};
    case BadImage::kUnsupported:
      return {.status = 415,
              .type = "unsupported_picture",
              .detail = "The picture is of a kind that is known and not read."};
    case BadImage::kTooLarge:
      return {.status = 413,
              .type = "picture_too_large",
              .detail = "The picture is beyond the limits of pixels or memory."};
    case BadImage::kNoMemory:
      return {.status = 503,
              .type = "out_of_memory",
              .detail = "There is not enough memory to decode the picture now."};
    case BadImage::kDamaged:
      break;
  }
  return {.status = 422,
          .type = "damaged_picture",
          .detail = "The picture is damaged: pixels are missing, or its file contradicts itself."};
}

}  // namespace

wire::Problem ProblemOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return {.status = 400, .type = "invalid_argument", .detail = error.message};
    case ErrorCode::kNotFound:
      return {.status = 404, .type = "not_found", .detail = "There is no such item or picture."};
    case ErrorCode::kAlreadyExists:
      return {.status = 409, .type = "already_exists", .detail = "It exists already."};
    case ErrorCode::kBadImage:
      return PictureProblem(error.bad_image);
    case ErrorCode::kBusy:
      return {.status = 503, .type = "busy", .detail = "Another process writes to the database."};
    case ErrorCode::kCancelled:
      return {.status = 503,
              .type = "cancelled",
              .detail = "The work was given up: it took too long, or the server stops."};
    case ErrorCode::kDiskFull:
      return {.status = 507,
              .type = "disk_full",
              .detail = "The disk is full. Nothing of the change was kept."};
    case ErrorCode::kUnavailable:
      return {.status = 503,
              .type = "unavailable",
              .detail = "A part of the catalogue does not answer now."};
    case ErrorCode::kIo:
    case ErrorCode::kCorrupt:
    case ErrorCode::kIncompatible:
      break;
  }
  return {.status = 500,
          .type = "internal",
          .detail = "The database could not be read or written. The server's log says more."};
}

}  // namespace inlier::server
