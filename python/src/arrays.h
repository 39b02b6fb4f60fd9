#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace inlier::python {

template <class T>
using NumpyArray = nanobind::ndarray<nanobind::numpy, T>;
/// What Python has checked: the type, the shape, and that elements follow each other.
template <class T>
using GivenArray =
    nanobind::ndarray<const T, nanobind::ro, nanobind::c_contig, nanobind::device::cpu>;

/// A view of what `owner`, an object of Python, holds. It keeps the owner alive and cannot be
/// written. Strides are in elements.
template <class T>
NumpyArray<const T> ViewOf(const T* data, std::initializer_list<std::size_t> shape,
                           std::initializer_list<std::int64_t> strides, nanobind::handle owner) {
  return NumpyArray<const T>(data, shape, owner, strides);
}

/// The vector's own memory as an array.
template <class T>
NumpyArray<T> ArrayOf(std::vector<T> values, std::initializer_list<std::size_t> shape) {
  auto* const held = new std::vector<T>(std::move(values));
  const nanobind::capsule owner(
      held, [](void* vector) noexcept { delete static_cast<std::vector<T>*>(vector); });
  return NumpyArray<T>(held->data(), shape, owner);
}

}  // namespace inlier::python
