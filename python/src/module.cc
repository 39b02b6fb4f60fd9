// The module inlier._inlier: the engine as Python calls it. What a user sees is the package around
// it, python/inlier, which checks arguments and makes values of the JSON that arrives here: one
// writer (wire/) says the same to the command line, to the service and to Python.
#include <nanobind/nanobind.h>

#include "python/src/call.h"
#include "python/src/catalogue.h"
#include "python/src/database_bindings.h"
#include "python/src/errors.h"
#include "python/src/opened.h"
#include "python/src/picture.h"
#include "python/src/stages.h"

NB_MODULE(_inlier, module) {
  module.doc() = "The engine of the package inlier.";
  inlier::python::RememberMainThread();
  inlier::python::TranslateErrors(module);
  inlier::python::BindPicture(module);
  inlier::python::BindCatalogue(module);
  inlier::python::BindStages(module);
  inlier::python::BindDatabase(module);
  module.def("after_fork", &inlier::python::AfterFork);
}
