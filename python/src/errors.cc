#include "python/src/errors.h"

#include <exception>

#include "inlier/indexing.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;

// The class in inlier/errors.py.
const char* ClassOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgumentError";
    case ErrorCode::kNotFound:
      return "NotFoundError";
    case ErrorCode::kAlreadyExists:
      return "AlreadyExistsError";
    case ErrorCode::kBadImage:
      return "BadImageError";
    case ErrorCode::kIo:
      return "SystemRefusedError";
    case ErrorCode::kCorrupt:
      return "CorruptError";
    case ErrorCode::kIncompatible:
      return "IncompatibleError";
    case ErrorCode::kBusy:
      return "BusyError";
    case ErrorCode::kCancelled:
      return "CancelledError";
    case ErrorCode::kDiskFull:
      return "DiskFullError";
    case ErrorCode::kUnavailable:
      return "UnavailableError";
  }
  return "Error";
}

void Raise(const Error& error) {
  try {
    const nb::object type = nb::module_::import_("inlier.errors").attr(ClassOf(error.code));
    const std::string_view cause = CauseOf(error);
    // A message may quote a file's name whose bytes are not UTF-8.
    const auto message = nb::steal<nb::object>(PyUnicode_DecodeUTF8(
        error.message.data(), static_cast<Py_ssize_t>(error.message.size()), "surrogateescape"));
    const nb::object value = type(message, nb::str(cause.data(), cause.size()));
    PyErr_SetObject(type.ptr(), value.ptr());
  } catch (nb::python_error& failed) {
    failed.restore();
  }
}

}  // namespace

void TranslateErrors(nanobind::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const EngineError& e) {
      Raise(e.error);
    }
  });
}

}  // namespace inlier::python
