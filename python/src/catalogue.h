#pragma once

#include <nanobind/nanobind.h>

namespace inlier::python {

/// Catalogue: what a folder, a table or records name, for Database.index and for a plan.
void BindCatalogue(nanobind::module_& module);

}  // namespace inlier::python
