// Measures how the cost and the recall of the shortlist change as the catalogue grows. The items of
// the gallery are indexed with their strongest features. The catalogue is then filled up in one of
// two ways: with items whose postings are drawn at random from those of the distractors, so that
// cells fill and codes collide as they do with real descriptors; or with pictures that are put
// together from parts of the distractors' pictures, whose features belong together as those of real
// pictures do. Finally the shortlist is computed for each photo whose item is in the catalogue.
#include <algorithm>
#include <chrono>
#include <map>
#include <random>

#include <fmt/format.h>

#include "bench/metrics.h"
#include "benchmarks/program.h"
#include "benchmarks/scale_world.h"
#include "core/clock.h"
#include "core/parallel.h"
#include "engine/threads.h"
#include "extractor/methods.h"
#include "index/posting.h"
#include "index/snapshot.h"
#include "index/vocabulary_train.h"
#include "index/voting.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::uint32_t kSeed = 20;
constexpr std::size_t kItemsPerBatch = 20'000;
constexpr std::size_t kPicturesAtOnce = 500;
constexpr int kDepth = 100;

double Seconds(const Stopwatch& watch) { return watch.Wall_ms() / 1000; }

struct Grown {
  Snapshot snapshot;
  double load_s = 0, map_s = 0, train_s = 0, fill_s = 0;
  std::uint64_t features = 0;
};

// The postings of the real items that are indexed, and the pool of postings that the filling items
// are drawn from.
struct RealPostings {
  PostingBatch indexed, pool;
  std::vector<std::uint32_t> counts;  // the number of features of each indexed item
};

RealPostings AssignReal(const World& world, const Vocabulary& vocabulary, std::size_t count,
                        int threads) {
  std::vector<CellCodes> codes(world.items.size());
  ParallelFor(world.items.size(), threads,
              [&](std::size_t i) { codes[i] = vocabulary.Assign(world.items[i], 1); });
  RealPostings real;
  for (std::size_t i = 0; i < world.items.size(); ++i) {
    const Features& item = world.items[i];
    for (PostingBatch* to : {&real.indexed, &real.pool}) {
      if (to == &real.indexed ? i >= count : i < world.distractors_from) continue;
      to->Append(static_cast<FaceNumber>(i), item, codes[i]);
    }
    if (i < count) real.counts.push_back(static_cast<std::uint32_t>(item.size()));
  }
  return real;
}

// Adds the postings of one filling item to a batch.
void DrawItem(const PostingBatch& pool, std::size_t words, FaceNumber item, std::size_t features,
              std::mt19937_64& random, PostingBatch& batch) {
  for (std::size_t f = 0; f < features; ++f) {
    const std::size_t drawn = random() % pool.postings.size();
    Posting posting = pool.postings[drawn];
    posting.face = item;
    posting.feature = static_cast<std::uint16_t>(f);
    batch.lists.push_back(pool.lists[drawn]);
    batch.postings.push_back(posting);
    batch.codes.insert(batch.codes.end(), &pool.codes[drawn * words],
                       &pool.codes[drawn * words] + words);
  }
}

// Adds the postings of some filling pictures to a batch, whose items are numbered from `first`.
Status RenderItems(const ScaleOptions& options, const World& world, const Vocabulary& vocabulary,
                   std::size_t first, std::size_t count, PostingBatch& batch,
                   std::vector<std::uint32_t>& counts) {
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor({.method = options.method}));
  std::vector<Features> features(count);
  std::vector<CellCodes> codes(count);
  ParallelFor(count, options.threads, [&](std::size_t i) {
    features[i] =
        Strongest(extractor->Extract(world.collages.Make(first + i)), options.item_features);
    codes[i] = vocabulary.Assign(features[i], 1);
  });
  for (std::size_t i = 0; i < count; ++i) {
    batch.Append(static_cast<FaceNumber>(first + i), features[i], codes[i]);
    counts.push_back(static_cast<std::uint32_t>(features[i].size()));
  }
  return {};
}

// Writes the lists of `count` items to a file, and fills `counts` with their numbers of features.
Result<ListsFile> WriteLists(const ScaleOptions& options, const World& world,
                             const fs::path& folder, std::size_t count, Grown& grown,
                             std::vector<std::uint32_t>& counts) {
  const Stopwatch filling;
  const Vocabulary& vocabulary = *grown.snapshot.vocabulary;
  RealPostings real = AssignReal(world, vocabulary, count, options.threads);
  Note(fmt::format("real items assigned, {:.0f} s", Seconds(filling)));
  counts = std::move(real.counts);
  PostingBatch batch = std::move(real.indexed);
  std::vector<std::shared_ptr<const Segment>> segments;
  const auto flush = [&] {
    grown.features += batch.postings.size();
    segments.push_back(Segment::FromBatch(batch, 2 * static_cast<std::uint32_t>(vocabulary.cells()),
                                          vocabulary.code_words()));
    batch = {};
  };
  flush();
  std::mt19937_64 random(kSeed);
  while (counts.size() < count) {
    if (options.pictures) {
      const std::size_t more = std::min(kPicturesAtOnce, count - counts.size());
      INLIER_RETURN_IF_ERROR(
          RenderItems(options, world, vocabulary, counts.size(), more, batch, counts));
    } else {
      DrawItem(real.pool, static_cast<std::size_t>(vocabulary.code_words()),
               static_cast<FaceNumber>(counts.size()), options.item_features, random, batch);
      counts.push_back(static_cast<std::uint32_t>(options.item_features));
    }
    if (batch.postings.size() >= kItemsPerBatch * options.item_features || counts.size() == count)
      flush();
  }
  real.pool = {};
  Note(fmt::format("postings drawn, {:.0f} s", Seconds(filling)));
  INLIER_ASSIGN_OR_RETURN(ListsFile file,
                          Segment::MergeToFile(segments, counts, folder,
                                               fmt::format("{}-{}", options.method, count), {}));
  Note(fmt::format("lists written, {:.0f} s", Seconds(filling)));
  grown.fill_s = Seconds(filling);
  return file;
}

// Builds an index of `count` items. As at a checkpoint, its lists are written to a file and loaded
// from there.
Result<Grown> Grow(const ScaleOptions& options, const World& world, std::size_t count) {
  Grown grown;
  const Stopwatch training;
  std::vector<std::uint8_t> rows;
  for (const Features& item : world.items)
    rows.insert(rows.end(), item.descriptors.begin(), item.descriptors.end());
  const int cells = CellsFor(count * options.item_features);
  const Features& shape = world.items.front();
  grown.snapshot.vocabulary =
      TrainVocabulary(rows, shape.kind, shape.descriptor_bytes, cells, kSeed, options.threads);
  grown.train_s = Seconds(training);
  Note(fmt::format("{} items: {} cells trained in {:.0f} s", count,
                   grown.snapshot.vocabulary->cells(), grown.train_s));
  const fs::path folder = options.out / "scale";
  std::error_code ec;
  fs::create_directories(folder, ec);
  std::vector<std::uint32_t> counts;
  INLIER_ASSIGN_OR_RETURN(const ListsFile file,
                          WriteLists(options, world, folder, count, grown, counts));
  {
    const Stopwatch mapping;
    INLIER_RETURN_IF_ERROR(Segment::Open(folder, file, /*lazy=*/true));
    grown.map_s = Seconds(mapping);
  }
  const Stopwatch loading;
  INLIER_ASSIGN_OR_RETURN(auto segment, Segment::Open(folder, file, /*lazy=*/false));
  grown.load_s = Seconds(loading);
  grown.snapshot.segments.push_back(std::move(segment));
  grown.snapshot.feature_counts =
      std::make_shared<const std::vector<std::uint32_t>>(std::move(counts));
  fs::remove(folder / file.file, ec);
  return grown;
}

// How many photos of a data set there are, and how many of them have their own item first, among
// the first ten and among the first hundred candidates.
struct Recall {
  int photos = 0, first = 0, ten = 0, hundred = 0;
};

Json ResultOf(const ScaleOptions& options, const Grown& grown, std::size_t items,
              const std::map<std::string, Recall>& sets, const std::vector<double>& cpu_ms) {
  std::uint64_t bytes = grown.snapshot.feature_counts->size() * sizeof(std::uint32_t) +
                        grown.snapshot.vocabulary->bytes();
  for (const auto& segment : grown.snapshot.segments) bytes += segment->memory_bytes();
  Json json{{"items", items},
            {"shortlist_ms", Median(cpu_ms)},
            {"recall_at_100", 0.0},
            {"bytes_per_feature", static_cast<double>(bytes) / static_cast<double>(grown.features)},
            {"load_s", grown.load_s},
            {"map_s", grown.map_s},
            {"method", options.method},
            {"features", grown.features},
            {"cells", grown.snapshot.vocabulary->cells()},
            {"code_bits", 64 * grown.snapshot.vocabulary->code_words()},
            {"train_s", grown.train_s},
            {"fill_s", grown.fill_s},
            {"sets", Json::object()}};
  int photos = 0, hundred = 0;
  for (const auto& [name, of] : sets) {
    const auto share = [&of = of](int n) { return static_cast<double>(n) / of.photos; };
    json["sets"][name] = {{"photos", of.photos},
                          {"first", share(of.first)},
                          {"recall_at_10", share(of.ten)},
                          {"recall_at_100", share(of.hundred)}};
    if (name != "smvs-dvd" && name != "smvs-book") continue;
    photos += of.photos;
    hundred += of.hundred;
  }
  json["recall_at_100"] = photos > 0 ? static_cast<double>(hundred) / photos : 0;
  return json;
}

Result<Json> Ask(const ScaleOptions& options, const ShortlistOptions& shortlist, const World& world,
                 const Grown& grown, std::size_t items) {
  std::map<std::string, Recall> sets;
  std::vector<double> cpu_ms;
  const auto& counts = *grown.snapshot.feature_counts;
  for (std::size_t i = 0; i < world.photos.size(); i += 20) {  // warms up
    INLIER_RETURN_IF_ERROR(
        VoteForFaces(grown.snapshot, world.photos[i].features, kDepth, shortlist, {counts, {}}));
  }
  for (const ScalePhoto& photo : world.photos) {
    if (photo.right >= items) continue;
    const double start = ThreadCpu_ms();
    INLIER_ASSIGN_OR_RETURN(const auto found, VoteForFaces(grown.snapshot, photo.features, kDepth,
                                                           shortlist, {counts, {}}));
    cpu_ms.push_back(ThreadCpu_ms() - start);
    const auto at = std::find_if(found.begin(), found.end(),
                                 [&](const auto& c) { return c.number == photo.right; });
    const auto rank = at - found.begin();
    Recall& of = sets[photo.dataset];
    ++of.photos;
    of.first += at != found.end() && rank < 1;
    of.ten += at != found.end() && rank < 10;
    of.hundred += at != found.end();
  }
  return ResultOf(options, grown, items, sets, cpu_ms);
}

// Prints the result at one size of the catalogue in a form for people.
void PrintForPeople(const Json& line) {
  fmt::print(
      "{:>9} items {:>6} cells  {:6.1f} ms CPU  {:5.2f} bytes a feature  load {:.2f} s, map "
      "{:.3f} s  dvd+book in 100: {:.4f}\n",
      line["items"].get<std::size_t>(), line["cells"].get<int>(),
      line["shortlist_ms"].get<double>(), line["bytes_per_feature"].get<double>(),
      line["load_s"].get<double>(), line["map_s"].get<double>(),
      line["recall_at_100"].get<double>());
  for (const auto& [name, of] : line["sets"].items()) {
    fmt::print("  {:16} first {:.3f}  in 10 {:.3f}  in 100 {:.3f}\n", name,
               of["first"].get<double>(), of["recall_at_10"].get<double>(),
               of["recall_at_100"].get<double>());
  }
  std::fflush(stdout);
}

Status Run(const ScaleOptions& options) {
  UseSingleThreadedLibraries();
  KeepFreedMemory();
  EngineOptions engine_options;
  for (const auto& [name, value] : options.set)
    INLIER_RETURN_IF_ERROR(SetOption(engine_options, name, value));
  INLIER_ASSIGN_OR_RETURN(const World world, ReadWorld(options));
  Json results = Json::array();
  for (const std::size_t items : options.items) {
    INLIER_ASSIGN_OR_RETURN(const Grown grown, Grow(options, world, items));
    INLIER_ASSIGN_OR_RETURN(const Json line,
                            Ask(options, engine_options.shortlist, world, grown, items));
    if (options.json)
      PrintResult(line, true);
    else
      PrintForPeople(line);
    results.push_back(line);
  }
  return WriteResult(options.out / fmt::format("scale-{}{}.json", options.method,
                                               options.pictures ? "-pictures" : ""),
                     results);
}

// Splits "name=value" into the name and the value.
std::pair<std::string, std::string> SplitAtEquals(const std::string& pair) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  return {pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::ScaleOptions options;
  std::vector<std::string> set;
  po::options_description flags("The shortlist as the catalogue grows, one thread for each photo");
  auto add = flags.add_options();
  add("method", po::value(&options.method)->default_value(options.method),
      "sift, surf, orb or brief");
  add("items", po::value(&options.items)->multitoken(),
      "sizes of the catalogue (default: 10000 100000 1000000)");
  add("item-features", po::value(&options.item_features)->default_value(options.item_features),
      "strongest features of an item");
  add("photo-features", po::value(&options.photo_features)->default_value(options.photo_features),
      "strongest features of a photo");
  add("threads", po::value(&options.threads)->default_value(options.threads),
      "threads to build on; a photo is asked on one");
  add("pictures", po::bool_switch(&options.pictures),
      "fill up with made pictures, not with drawn postings (default sizes: 10000 100000)");
  add("set", po::value(&set)->composing(), "an option of the engine, as shortlist.probes=3");
  return inlier::RunProgram(inlier::kScaleProgram, argc, argv, flags, options, [&] {
    for (const std::string& pair : set) options.set.push_back(inlier::SplitAtEquals(pair));
    if (options.items.empty()) {
      options.items = {10'000, 100'000};
      if (!options.pictures) options.items.push_back(1'000'000);
    }
    return inlier::Run(options);
  });
}
