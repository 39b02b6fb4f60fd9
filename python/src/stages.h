#pragma once

#include <memory>

#include <nanobind/nanobind.h>

#include "inlier/features.h"

namespace inlier::python {

/// Features that Python holds. Arrays of numpy are views of them.
struct FeaturesObject {
  std::shared_ptr<const Features> features;
};

/// The stages of a query one by one: Features, Matches, Geometry, Vocabulary, FeatureIndex and the
/// functions that make them; and decoding.
void BindStages(nanobind::module_& module);

}  // namespace inlier::python
