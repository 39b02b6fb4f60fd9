// Every method returns text: the JSON of wire/, or the text that the engine itself gives.
#include "python/src/database.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "python/src/errors.h"
#include "python/src/opened.h"
#include "python/src/picture.h"
#include "python/src/stages.h"
#include "wire/service.h"
#include "wire/writer.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;
using Pairs = std::vector<std::pair<std::string, std::string>>;
using Pictures = std::vector<PictureArgument>;

// Lets another thread end calls that were given it.
struct CancelToken {
  std::shared_ptr<std::atomic<bool>> flag = std::make_shared<std::atomic<bool>>(false);
};

// A Python callable that work on any thread may ask. It is let go under the GIL.
using Callback = std::shared_ptr<nb::object>;
Callback Keep(const nb::object& callable) {
  if (callable.is_none()) return nullptr;
  return {new nb::object(callable), [](nb::object* held) {
            if (!nb::is_alive()) return;  // the interpreter has ended meanwhile
            const nb::gil_scoped_acquire locked;
            delete held;  // NOLINT(cppcoreguidelines-owning-memory)
          }};
}

ProgressFunction ProgressFor(Call& call, const Callback& callback) {
  if (!callback) return {};
  return [&call, callback](const Progress& progress) {
    call.Ask([&] { (*callback)(std::string(progress.stage), progress.done, progress.total); });
  };
}

class Database {
 public:
  explicit Database(std::unique_ptr<Engine> engine)
      : opened_(std::make_shared<Opened>(std::move(engine))) {}

  // Does `work(engine, call)` as call.h says.
  template <class Work>
  auto With(Work work, std::shared_ptr<std::atomic<bool>> cancel = nullptr) const {
    opened_->Check();
    return Run(
        [opened = opened_, work = std::move(work)](Call& call) mutable {
          const Opened::Use engine(opened);
          return work(*engine, call);
        },
        std::move(cancel));
  }
  // The same, where work gives a Result.
  template <class Work>
  auto Ask(Work work, std::shared_ptr<std::atomic<bool>> cancel = nullptr) const {
    return With(
        [work = std::move(work)](Engine& engine, Call& call) mutable {
          return ValueOrThrow(work(engine, call));
        },
        std::move(cancel));
  }

  void Close() const {
    if (!opened_->closed()) Run([opened = opened_](Call&) { opened->Close(); });
  }
  bool closed() const { return opened_->closed(); }

  std::string Query(const PictureArgument& photo, QueryOptions options, bool explain,
                    const CancelToken* token) const;
  // Id, name of the picture, votes.
  std::vector<std::tuple<std::string, std::string, float>> Shortlist(
      const FeaturesObject& photo, int top, Pairs where, std::vector<std::string> without) const;
  std::string Index(const std::shared_ptr<Catalogue>& catalogue, int threads, bool prune,
                    const nb::object& progress, const nb::object& outcome) const;

 private:
  std::shared_ptr<Opened> opened_;
};

std::string Database::Query(const PictureArgument& photo, QueryOptions options, bool explain,
                            const CancelToken* token) const {
  options.keep_matches = explain;
  return With(
      [photo, options = std::move(options), explain](Engine& engine, Call& call) mutable {
        options.cancel = &call.cancel();
        const auto answer = photo.path() != nullptr    ? engine.Query(*photo.path(), options)
                            : photo.image() != nullptr ? engine.Query(*photo.image(), options)
                                                       : engine.Query(photo.file(), options);
        if (!answer) throw EngineError{photo.Named(answer.error())};
        return wire::ReplyText(photo.name(), *answer, explain);
      },
      token != nullptr ? token->flag : nullptr);
}

std::vector<std::tuple<std::string, std::string, float>> Database::Shortlist(
    const FeaturesObject& photo, int top, Pairs where, std::vector<std::string> without) const {
  const QueryOptions options{.top = top, .where = std::move(where), .without = std::move(without)};
  return With([features = photo.features, options](Engine& engine, Call&) {
    std::vector<std::tuple<std::string, std::string, float>> rows;
    for (auto& item : ValueOrThrow(engine.Shortlist(*features, options)))
      rows.emplace_back(std::move(item.id), std::move(item.picture), item.votes);
    return rows;
  });
}

std::string Database::Index(const std::shared_ptr<Catalogue>& catalogue, int threads, bool prune,
                            const nb::object& progress, const nb::object& outcome) const {
  return Ask([catalogue, threads, prune, progress = Keep(progress), outcome = Keep(outcome)](
                 Engine& engine, Call& call) -> Result<std::string> {
    IndexOptions options{.threads = threads,
                         .prune = prune,
                         .progress = ProgressFor(call, progress),
                         .cancel = &call.cancel()};
    if (outcome) {
      options.outcome = [&](const CatalogueEntry& entry, const PictureOutcome& done) {
        call.Ask([&] { (*outcome)(wire::OutcomeLine(entry, done)); });
      };
    }
    auto report = engine.IndexCatalogue(*catalogue, options);
    if (!report) return tl::unexpected(report.error());
    report->failed += catalogue->rejected.size();
    if (!catalogue->rejected.empty())
      report->causes[wire::kRejectedCause] += catalogue->rejected.size();
    return wire::IndexTotalsLine(*report, catalogue->left_out);
  });
}

// The options that are asked for, on those that the database was made with.
Result<std::optional<EngineOptions>> OptionsFor(const std::filesystem::path& folder, OpenMode mode,
                                                const Pairs& asked, int threads) {
  if (asked.empty()) return std::nullopt;
  EngineOptions options;
  // What makes no sense is refused before a database is made.
  for (const auto& [name, value] : asked) {
    if (const Status set = SetOption(options, name, value); !set)
      return tl::unexpected(set.error());
  }
  if (const Status valid = Validate(options); !valid) return tl::unexpected(valid.error());
  const auto reader = Engine::Open(folder, OpenMode::kRead, {.threads = threads});
  if (reader) {
    options = (*reader)->options();
    for (const auto& [name, value] : asked) static_cast<void>(SetOption(options, name, value));
  } else if (mode != OpenMode::kCreate || reader.error().code != ErrorCode::kNotFound) {
    return tl::unexpected(reader.error());
  }
  return options;
}

std::filesystem::path PathOf(const nb::bytes& path) {
  return {std::string(path.c_str(), path.size())};
}

std::shared_ptr<Database> Open(const nb::bytes& folder, const std::string& mode,
                               const Pairs& options, const nb::bytes& vocabulary, int threads,
                               const nb::object& notice) {
  const std::filesystem::path path = PathOf(folder);
  const OpenMode open_mode = mode == "read"    ? OpenMode::kRead
                             : mode == "write" ? OpenMode::kWrite
                                               : OpenMode::kCreate;
  return Run([path, open_mode, options, words = PathOf(vocabulary), threads,
              notice = Keep(notice)](Call& call) {
    Engine::OpenOptions open{.threads = threads, .vocabulary = words};
    open.options = ValueOrThrow(OptionsFor(path, open_mode, options, threads));
    // The engine keeps the notice for when it is refreshed, and the call ends before that.
    const auto asks = std::make_shared<std::atomic<Call*>>(&call);
    if (notice) {
      open.notice = [asks, notice](const std::string& line) {
        if (Call* const asking = *asks) asking->Ask([&] { (*notice)(line); });
      };
    }
    auto engine = Engine::Open(path, open_mode, std::move(open));
    *asks = nullptr;
    return std::make_shared<Database>(ValueOrThrow(std::move(engine)));
  });
}

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
          nb::arg("photo"), nb::arg("item"))
      .def(
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
