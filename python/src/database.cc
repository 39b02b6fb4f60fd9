#include "python/src/database.h"

#include <optional>

#include "wire/service.h"
#include "wire/writer.h"

namespace inlier::python {

namespace nb = nanobind;

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

std::filesystem::path PathOf(const nb::bytes& path) {
  return {std::string(path.c_str(), path.size())};
}

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

namespace {

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

}  // namespace

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

}  // namespace inlier::python
