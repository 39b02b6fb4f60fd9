#include "python/src/catalogue.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "inlier/catalogue.h"
#include "inlier/plan.h"
#include "python/src/call.h"
#include "python/src/errors.h"
#include "wire/writer.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string PathText(const nb::bytes& path) { return {path.c_str(), path.size()}; }

std::shared_ptr<Catalogue> Read(const nb::bytes& path, Pairs columns,
                                std::optional<std::string> delimiter, const nb::bytes& images,
                                std::string picture_separator) {
  CatalogueOptions options{.columns = std::move(columns),
                           .images = PathText(images),
                           .picture_separator = std::move(picture_separator)};
  if (delimiter) {
    if (delimiter->size() != 1) throw nb::value_error("delimiter has to be one character");
    options.delimiter = delimiter->front();
  }
  return Run([path = PathText(path), options = std::move(options)](Call&) {
    return std::make_shared<Catalogue>(ValueOrThrow(ReadCatalogue(path, options)));
  });
}

std::shared_ptr<Catalogue> Of(
    const std::vector<std::tuple<std::string, std::vector<nb::bytes>, Metadata>>& records) {
  auto catalogue = std::make_shared<Catalogue>();
  for (const auto& [id, images, metadata] : records) {
    CatalogueEntry entry{.id = id, .images = {}, .metadata = metadata};
    for (const nb::bytes& image : images) entry.images.emplace_back(PathText(image));
    catalogue->entries.push_back(std::move(entry));
  }
  return catalogue;
}

// Id, paths of pictures, metadata.
std::vector<std::tuple<std::string, std::vector<nb::bytes>, Metadata>> Records(
    const Catalogue& catalogue) {
  std::vector<std::tuple<std::string, std::vector<nb::bytes>, Metadata>> records;
  for (const CatalogueEntry& entry : catalogue.entries) {
    std::vector<nb::bytes> images;
    for (const auto& image : entry.images)
      images.emplace_back(image.native().data(), image.native().size());
    records.emplace_back(entry.id, std::move(images), entry.metadata);
  }
  return records;
}

std::vector<std::string> Rejected(const Catalogue& catalogue) {
  std::vector<std::string> lines;
  for (const auto& row : catalogue.rejected) lines.push_back(row.where + ": " + row.reason);
  return lines;
}

std::string PlanText(std::uint64_t items, const Pairs& options, int threads,
                     const std::shared_ptr<Catalogue>& sample) {
  EngineOptions engine;
  for (const auto& [name, value] : options) ValueOrThrow(SetOption(engine, name, value));
  return Run([=](Call&) {
    std::optional<Catalogue> catalogue;
    if (sample) catalogue = *sample;
    return wire::PlanLine(ValueOrThrow(MakePlan(items, engine.extract, threads, catalogue)));
  });
}

}  // namespace

void BindCatalogue(nb::module_& module) {
  nb::class_<Catalogue>(module, "Catalogue", "Items with the paths of their pictures.")
      .def_static("read", &Read, nb::arg("path"), nb::arg("columns"), nb::arg("delimiter").none(),
                  nb::arg("images"), nb::arg("picture_separator"))
      .def_static("of", &Of, nb::arg("records"))
      .def_prop_ro("records", &Records, "Id, paths of pictures as bytes, and metadata of each.")
      .def_prop_ro("rejected", &Rejected, "A sentence for each entry that cannot be used.")
      .def("__len__", [](const Catalogue& catalogue) { return catalogue.entries.size(); });
  module.def("plan", &PlanText, nb::arg("items"), nb::arg("options"), nb::arg("threads"),
             nb::arg("sample").none());
}

}  // namespace inlier::python
