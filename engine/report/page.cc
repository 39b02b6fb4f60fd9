#include "engine/report/page.h"

#include <fmt/core.h>

#include "engine/report/style.h"

namespace inlier {

std::string HtmlPage(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} - Inlier</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      title, kReportStyle, body);
}

}  // namespace inlier
