#include "python/src/picture.h"

#include <vector>

#include <nanobind/stl/string.h>

#include "python/src/errors.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;

PixelOrder OrderOf(const std::string& name) {
  if (name == "grey") return PixelOrder::kGrey;
  if (name == "bgr") return PixelOrder::kBgr;
  if (name == "rgb") return PixelOrder::kRgb;
  if (name == "bgra") return PixelOrder::kBgra;
  if (name == "rgba") return PixelOrder::kRgba;
  throw nb::value_error("order has to be 'grey', 'bgr', 'rgb', 'bgra' or 'rgba'");
}

}  // namespace

PictureArgument PictureArgument::FromPath(const nb::bytes& path) {
  PictureArgument argument;
  argument.value_ = std::filesystem::path(std::string(path.c_str(), path.size()));
  return argument;
}

PictureArgument PictureArgument::FromBytes(const nb::bytes& file) {
  PictureArgument argument;
  // The last holder may be a thread without the GIL.
  const std::shared_ptr<PyObject> owner(file.inc_ref().ptr(), [](PyObject* bytes) {
    if (!nb::is_alive()) return;  // the interpreter has ended meanwhile
    const nb::gil_scoped_acquire locked;
    Py_DECREF(bytes);
  });
  argument.value_ =
      Bytes{owner, {reinterpret_cast<const std::uint8_t*>(file.c_str()), file.size()}};
  return argument;
}

PictureArgument PictureArgument::FromPixels(
    const nb::ndarray<const std::uint8_t, nb::ro, nb::device::cpu>& pixels,
    const std::string& order) {
  const PixelView view{.pixels = pixels.data(),
                       .width_px = static_cast<int>(pixels.shape(1)),
                       .height_px = static_cast<int>(pixels.shape(0)),
                       .order = OrderOf(order),
                       .row_bytes = static_cast<std::ptrdiff_t>(pixels.stride(0))};
  PictureArgument argument;
  argument.value_ = std::make_shared<const Image>(ValueOrThrow(ImageFromPixels(view)));
  return argument;
}

const Image* PictureArgument::image() const {
  const auto* pixels = std::get_if<Pixels>(&value_);
  return pixels != nullptr ? pixels->get() : nullptr;
}

std::span<const std::uint8_t> PictureArgument::file() const {
  const auto* bytes = std::get_if<Bytes>(&value_);
  return bytes != nullptr ? bytes->content : std::span<const std::uint8_t>();
}

Picture PictureArgument::ToPicture() const {
  if (path() != nullptr) return *path();
  if (image() != nullptr) return *image();
  return std::vector<std::uint8_t>(file().begin(), file().end());
}

Error PictureArgument::Named(Error error) const {
  const bool is_about_it = error.code == ErrorCode::kNotFound ||
                           error.code == ErrorCode::kBadImage || error.code == ErrorCode::kIo;
  if (path() != nullptr && is_about_it && !error.message.starts_with(name()))
    error.message = name() + ": " + error.message;
  return error;
}

Result<Image> PictureArgument::Read() const {
  if (image() != nullptr) return *image();
  auto image = path() != nullptr ? ReadImage(*path()) : DecodeImage(file());
  if (!image) return tl::unexpected(Named(std::move(image.error())));
  return image;
}

void BindPicture(nb::module_& module) {
  nb::class_<PictureArgument>(module, "Picture", "A picture that has been checked.")
      .def_static("from_path", &PictureArgument::FromPath, nb::arg("path"))
      .def_static("from_bytes", &PictureArgument::FromBytes, nb::arg("file"))
      .def_static("from_pixels", &PictureArgument::FromPixels, nb::arg("pixels"), nb::arg("order"));
}

}  // namespace inlier::python
