#pragma once

#include <nanobind/nanobind.h>

namespace inlier::python {

/// Engine, the database as the package's Database uses it, and match().
void BindDatabase(nanobind::module_& module);

}  // namespace inlier::python
