#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "inlier/image.h"
#include "inlier/item.h"

namespace inlier::python {

/// A picture as a caller gave it: a file, the bytes of a file, or pixels. inlier/pictures.py has
/// checked it and makes it. Bytes stay where Python has them; pixels have been copied.
class PictureArgument {
 public:
  /// `path`: as os.fsencode gives it, so that names which are not UTF-8 arrive whole.
  static PictureArgument FromPath(const nanobind::bytes& path);
  static PictureArgument FromBytes(const nanobind::bytes& file);
  /// `order` is "grey", "bgr", "rgb", "bgra" or "rgba". The bytes of a pixel lie side by side, and
  /// so do the pixels of a row; rows may lie apart.
  static PictureArgument FromPixels(
      const nanobind::ndarray<const std::uint8_t, nanobind::ro, nanobind::device::cpu>& pixels,
      const std::string& order);

  const std::filesystem::path* path() const { return std::get_if<std::filesystem::path>(&value_); }
  const Image* image() const;
  std::span<const std::uint8_t> file() const;
  /// The same for a catalogue, with bytes of its own.
  Picture ToPicture() const;
  /// An error about this picture, with the path in front when it has one, as the command line says
  /// it.
  Error Named(Error error) const;
  /// Decodes it in full. Errors: as ReadPicture, named.
  Result<Image> Read() const;
  /// The path, or nothing.
  std::string name() const { return path() != nullptr ? path()->string() : ""; }

 private:
  // A bytes object never changes, so what it holds may be read without the GIL.
  struct Bytes {
    std::shared_ptr<PyObject> owner;
    std::span<const std::uint8_t> content;
  };
  using Pixels = std::shared_ptr<const Image>;
  std::variant<std::filesystem::path, Bytes, Pixels> value_;
};

void BindPicture(nanobind::module_& module);

}  // namespace inlier::python
