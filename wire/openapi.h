#pragma once

#include <string_view>

namespace inlier::wire {

/// The contract of the service, an OpenAPI 3.1 document: wire/openapi.json.
std::string_view OpenApiText();

}  // namespace inlier::wire
