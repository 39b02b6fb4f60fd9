#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/image.h"
#include "server/message.h"
#include "server/multipart.h"

namespace inlier::server {

/// A value, or what is wrong with the request.
template <class T>
using Outcome = tl::expected<T, wire::Problem>;

/// 400 about this field.
tl::unexpected<wire::Problem> BadRequest(std::string detail, std::string field = {});

struct Photo {
  std::string name;  // as the client calls it
  std::span<const std::uint8_t> bytes;
};

/// The one picture of a request: its whole body (image/* or application/octet-stream), or the part
/// of this name of a multipart body. 400 (empty, damaged, not there) or 415.
Outcome<Photo> OnePicture(const Request& request, std::string_view part_name);
/// The parts of a multipart body. 400 or 415.
Outcome<std::vector<Part>> Parts(const Request& request, std::size_t most);
/// True when the body is multipart/form-data.
bool IsMultipart(const Request& request);
/// The {n} behind the {id} of a route.
Outcome<std::size_t> PictureNumber(const Request& request);
/// 400 when there is a parameter of another name.
std::optional<wire::Problem> UnknownParameter(const Request& request,
                                              const std::vector<std::string_view>& known);
/// The conditions of `where=column=value`, which may be there several times.
Outcome<std::vector<std::pair<std::string, std::string>>> WhereOf(const Request& request);

/// The part of the photo that `crop=left,top,width,height` names, in its pixels; nothing when the
/// parameter is not there.
Outcome<std::optional<PixelRegion>> CropOf(const Request& request);

}  // namespace inlier::server
