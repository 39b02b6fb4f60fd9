#include "python/src/database_bindings.h"

#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "python/src/database.h"
#include "wire/service.h"
#include "wire/writer.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;
using Pictures = std::vector<PictureArgument>;

std::string Match(const PictureArgument& photo, const PictureArgument& item,
                  const EngineOptions& options) {
  return Run([photo, item, options](Call&) {
    const Image first = ValueOrThrow(photo.Read()), second = ValueOrThrow(item.Read());
    const Comparison comparison = ValueOrThrow(CompareImages(first, second, options));
    return wire::ComparisonText(photo.name(), item.name(), comparison);
  });
}

std::vector<Picture> ToPictures(const Pictures& pictures) {
  std::vector<Picture> out;
  for (const PictureArgument& picture : pictures) out.push_back(picture.ToPicture());
  return out;
}

void BindChanges(nb::class_<Database>& type) {
  type.def(
          "add",
          [](const Database& self, std::string id, const Pictures& pictures, Metadata metadata) {
            self.Ask([=](Engine& engine, Call&) {
              return engine.Add(id, ToPictures(pictures), metadata);
            });
          },
          nb::arg("id"), nb::arg("pictures"), nb::arg("metadata"))
      .def(
          "add_picture",
          [](const Database& self, std::string id, const PictureArgument& picture) {
            self.Ask(
                [=](Engine& engine, Call&) { return engine.AddPicture(id, picture.ToPicture()); });
          },
          nb::arg("id"), nb::arg("picture"))
      .def(
          "remove_picture",
          [](const Database& self, std::string id, std::string picture) {
            self.Ask([=](Engine& engine, Call&) { return engine.RemovePicture(id, picture); });
          },
          nb::arg("id"), nb::arg("picture"))
      .def(
          "set_metadata",
          [](const Database& self, std::string id, Metadata metadata) {
            self.Ask([=](Engine& engine, Call&) { return engine.SetMetadata(id, metadata); });
          },
          nb::arg("id"), nb::arg("metadata"))
      .def(
          "remove",
          [](const Database& self, std::vector<std::string> ids) {
            self.Ask([=](Engine& engine, Call&) { return engine.Remove(ids); });
          },
          nb::arg("ids"))
      .def("index", &Database::Index, nb::arg("catalogue"), nb::arg("threads"), nb::arg("prune"),
           nb::arg("progress").none(), nb::arg("outcome").none());
}

void BindQuestions(nb::class_<Database>& type) {
  type.def(
          "query",
          [](const Database& self, const PictureArgument& photo, int top, bool all, bool exact,
             bool explain, Pairs where, std::vector<std::string> without,
             const CancelToken* token) {
            return self.Query(photo,
                              {.top = top,
                               .all = all,
                               .exact = exact,
                               .where = std::move(where),
                               .without = std::move(without)},
                              explain, token);
          },
          nb::arg("photo"), nb::arg("top"), nb::arg("all"), nb::arg("exact"), nb::arg("explain"),
          nb::arg("where"), nb::arg("without"), nb::arg("cancel").none())
      .def("shortlist", &Database::Shortlist, nb::arg("features"), nb::arg("top"), nb::arg("where"),
           nb::arg("without"))
      .def(
          "match",
          [](const Database& self, const PictureArgument& photo, const PictureArgument& item) {
            return Match(photo, item,
                         self.With([](Engine& engine, Call&) { return engine.options(); }));
          },
          nb::arg("photo"), nb::arg("item"));
}

void BindItems(nb::class_<Database>& type) {
  type.def(
          "find",
          [](const Database& self, std::string id) {
            return self.With([=](Engine& engine, Call&) -> std::optional<std::string> {
              const auto item = ValueOrThrow(engine.Find(id));
              if (!item) return std::nullopt;
              return wire::ItemText(*item);
            });
          },
          nb::arg("id"))
      .def(
          "items",
          [](const Database& self, ListOptions options) {
            return self.With([options = std::move(options)](Engine& engine, Call&) {
              return wire::PageText(ValueOrThrow(engine.List(options)));
            });
          },
          nb::arg("options"))
      .def(
          "count",
          [](const Database& self, Pairs where) {
            return self.Ask([=](Engine& engine, Call&) { return engine.CountWhere(where); });
          },
          nb::arg("where"))
      .def(
          "preview",
          [](const Database& self, std::string id, std::size_t picture) {
            const std::string jpeg =
                self.Ask([=](Engine& engine, Call&) { return engine.Preview(id, picture); });
            return nb::bytes(jpeg.data(), jpeg.size());
          },
          nb::arg("id"), nb::arg("picture"))
      .def("twins",
           [](const Database& self) {
             return self.With([](Engine& engine, Call&) {
               const auto groups = ValueOrThrow(engine.Twins());
               return wire::TwinsText(groups, groups.size());
             });
           })
      .def("stats", [](const Database& self) {
        return self.With([](Engine& engine, Call&) {
          return wire::StatsLine(ValueOrThrow(engine.Stats()), engine.options());
        });
      });
}

void BindCare(nb::class_<Database>& type) {
  type.def(
          "checkpoint",
          [](const Database& self, const nb::object& progress) {
            self.Ask([progress = Keep(progress)](Engine& engine, Call& call) {
              return engine.Checkpoint(ProgressFor(call, progress));
            });
          },
          nb::arg("progress").none())
      .def(
          "rebuild",
          [](const Database& self, const nb::object& progress) {
            self.Ask([progress = Keep(progress)](Engine& engine, Call& call) {
              return engine.Rebuild(ProgressFor(call, progress));
            });
          },
          nb::arg("progress").none())
      .def("check",
           [](const Database& self) {
             return self.With([](Engine& engine, Call&) {
               const CheckReport report = ValueOrThrow(engine.Check());
               return std::pair(report.items_checked, report.problems);
             });
           })
      .def("refresh",
           [](const Database& self) {
             return self.Ask([](Engine& engine, Call&) { return engine.Refresh(); });
           })
      .def(
          "write_vocabulary",
          [](const Database& self, const nb::bytes& file) {
            self.Ask([path = PathOf(file)](Engine& engine, Call&) {
              return engine.WriteVocabulary(path);
            });
          },
          nb::arg("file"))
      .def(
          "snapshot",
          [](const Database& self, const nb::bytes& folder) {
            self.Ask([path = std::string(folder.c_str(), folder.size())](Engine& engine, Call&) {
              return engine.Snapshot(path);
            });
          },
          nb::arg("folder"))
      .def("options",
           [](const Database& self) {
             return self.With([](Engine& engine, Call&) { return ToJson(engine.options()); });
           })
      .def("close", &Database::Close)
      .def_prop_ro("closed", &Database::closed);
}

}  // namespace

void BindDatabase(nb::module_& module) {
  nb::class_<CancelToken>(module, "CancelToken", "Ends the calls that were given it.")
      .def(nb::init<>())
      .def("cancel", [](const CancelToken& token) { *token.flag = true; });
  nb::class_<ListOptions>(module, "ListOptions", "Which items a page has.")
      .def(
          "__init__",
          [](ListOptions* self, std::string after, std::size_t limit, std::string id_part,
             Pairs where) {
            new (self) ListOptions{std::move(after), limit, std::move(id_part), std::move(where)};
          },
          nb::arg("after"), nb::arg("limit"), nb::arg("id_part"), nb::arg("where"));
  nb::class_<Database> type(module, "Engine", "A database that is open.");
  type.def_static("open", &Open, nb::arg("folder"), nb::arg("mode"), nb::arg("options"),
                  nb::arg("vocabulary"), nb::arg("threads"), nb::arg("notice").none());
  BindChanges(type);
  BindQuestions(type);
  BindItems(type);
  BindCare(type);
  module.def(
      "match",
      [](const PictureArgument& photo, const PictureArgument& item, const Pairs& options) {
        EngineOptions engine;
        for (const auto& [name, value] : options) ValueOrThrow(SetOption(engine, name, value));
        return Match(photo, item, engine);
      },
      nb::arg("photo"), nb::arg("item"), nb::arg("options"));
}

}  // namespace inlier::python
