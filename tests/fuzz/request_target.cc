// Fuzz targets for what clients send to the server: targets of requests, forms, metadata.
#include "server/multipart.h"
#include "server/routes.h"
#include "server/target.h"
#include "tests/fuzz/targets.h"
#include "wire/reader.h"

namespace inlier::test {
namespace {

std::string_view TextOf(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void RunTarget(std::span<const std::uint8_t> bytes) {
  const auto target = server::ParseTarget(TextOf(bytes));
  if (!target) return;
  for (const std::string& segment : target->segments) {
    if (!server::IsUtf8(segment) || segment.find('\0') != std::string::npos) __builtin_trap();
    const auto again = server::PercentDecoded(server::PercentEncoded(segment), true);
    if (!again || *again != segment) __builtin_trap();
  }
  for (const char* method : {"GET", "PUT", "DELETE"}) (void)server::FindRoute(method, *target);
  (void)target->Number("limit", 1, 0, 10);
  (void)target->Truth("all");
  (void)target->Unknown({"where", "limit"});
}

std::vector<std::string> TargetSeeds() {
  return {"/v1/items/a%2Fb%F0%9F%8D%B5/pictures/0/preview",
          "/v1/items?after=a&limit=3&where=kind%3Dtea%7Ccup&id=%25",
          "/v1/query?all&exact=true&top=10&explain=0&where=a=b+c", "/%00", "/../%2e%2e/x"};
}

// The first line is the content type and the rest the body.
void RunForm(std::span<const std::uint8_t> bytes) {
  const std::string_view text = TextOf(bytes);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const auto body = bytes.subspan(std::min(line + 1, bytes.size()));
  const auto parts = server::ParseMultipart(text.substr(0, line), body, 20);
  if (!parts) return;
  if (parts->size() > 20) __builtin_trap();
  for (const server::Part& part : *parts) {
    if (part.name.empty()) __builtin_trap();
    const bool within =
        part.bytes.empty() || (part.bytes.data() >= body.data() &&
                               part.bytes.data() + part.bytes.size() <= body.data() + body.size());
    if (!within) __builtin_trap();
  }
}

std::vector<std::string> FormSeeds() {
  const std::string type = "multipart/form-data; boundary=e\n";
  const std::string part =
      "--e\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\\\"c\"\r\n";
  return {type + part + "Content-Type: image/png\r\n\r\nbytes\r\n" + part + "\r\n\r\n--e--\r\n",
          type + "preamble\r\n" + part + "\r\n--e--",
          "multipart/form-data; boundary=\"e e\"\n--e e--", type + part + "\r\n--e"};
}

void RunMetadata(std::span<const std::uint8_t> bytes) {
  if (const auto metadata = wire::ReadMetadata(TextOf(bytes))) {
    for (const auto& [column, value] : *metadata)
      if (column.empty()) __builtin_trap();
  }
  if (const auto patch = wire::ReadMetadataPatch(TextOf(bytes)))
    (void)wire::Patched({{"a", "1"}, {"b", "2"}}, *patch);
}

std::vector<std::string> MetadataSeeds() {
  return {R"({"a":"x","b":1.5e3,"c":true,"d":null})",
          R"({"metadata":{"a":null,"é":"\ud83c\udf75"}})", "[[[[[[[[[[", R"({"a":{"b":[]}})"};
}

}  // namespace

std::vector<FuzzTarget> RequestTargets() {
  return {{"target", RunTarget, TargetSeeds},
          {"form", RunForm, FormSeeds},
          {"metadata", RunMetadata, MetadataSeeds}};
}

}  // namespace inlier::test
