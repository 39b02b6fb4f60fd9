// The page and its files. They come without a key, since they say nothing about the database: the
// page asks for a key itself when the service wants one.
#include <algorithm>

#include "server/routes.h"
#include "web/page_files.h"

namespace inlier::server {
namespace {

// Everything comes from this server, and nothing is ever parsed as markup: with Trusted Types a
// browser refuses to make elements of text. Pictures are also blobs, since those of the service are
// fetched with a key and photos come from the person's own disk.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string ContentTypeOf(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

// A browser keeps a file and asks each time whether it is still the same.
Response FileResponse(const web::PageFile& file, const Request& request) {
  const std::string tag = '"' + std::string(file.tag) + '"';
  Response response{
      .content_type = ContentTypeOf(file.name),
      .headers = {{"ETag", tag},
                  {"Cache-Control", "no-cache"},
                  {"Content-Security-Policy", kPolicy},
                  {"Referrer-Policy", "no-referrer"},
                  {"Permissions-Policy", "camera=(self), microphone=(), geolocation=()"},
                  {"Cross-Origin-Opener-Policy", "same-origin"},
                  {"Cross-Origin-Resource-Policy", "same-origin"}}};
  // A proxy that compresses makes the tag a weak one, W/"…".
  if (request.Header("if-none-match").find(tag) != std::string_view::npos)
    response.status = 304;
  else
    response.body = std::string(file.text);
  return response;
}

}  // namespace

Response AnswerPage(Service&, Call& call) {
  return FileResponse(web::PageFiles().front(), call.request());
}

Response AnswerPageFile(Service&, Call& call) {
  const auto& files = web::PageFiles();
  const auto file = std::ranges::find(files, call.request().captured.at(0), &web::PageFile::name);
  if (file != files.end()) return FileResponse(*file, call.request());
  return ProblemResponse(
      {.status = 404, .type = "no_such_path", .detail = "The page has no file of this name."});
}

}  // namespace inlier::server
