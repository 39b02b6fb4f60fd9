#include "inlier/indexing.h"

namespace inlier {
namespace {

std::string_view CauseOf(BadImage bad) {
  switch (bad) {
    case BadImage::kNotAPicture:
      return "not a picture";
    case BadImage::kTooLarge:
      return "too large";
    case BadImage::kUnsupported:
      return "unsupported";
    case BadImage::kNoMemory:
      return "not enough memory";
    case BadImage::kDamaged:
      break;
  }
  return "damaged";
}

}  // namespace

std::string_view CauseOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kBadImage:
      return CauseOf(error.bad_image);
    case ErrorCode::kNotFound:
      return "not there";
    case ErrorCode::kDiskFull:
    case ErrorCode::kIo:
      return "cannot be read";
    default:
      return "other";
  }
}

}  // namespace inlier
