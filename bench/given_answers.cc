#include "bench/given_answers.h"

#include <algorithm>
#include <fstream>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/file.h"
#include "core/json.h"

namespace inlier {
namespace {

Json CropJson(const std::optional<Crop>& crop) {
  if (!crop) return nullptr;
  return {crop->left_px, crop->top_px, crop->right_px, crop->bottom_px};
}

// One line of a file, for messages.
struct Place {
  const std::filesystem::path& path;
  std::size_t line = 0;

  tl::unexpected<Error> Fail(const std::string& why) const {
    return inlier::Fail(ErrorCode::kInvalidArgument,
                        fmt::format("{}, line {}: {}", path.string(), line, why));
  }
};

// A member of a kind that is looked for; null when it is absent or of another kind.
const Json* Member(const Json& json, const char* name, bool (Json::*is)() const noexcept) {
  const auto found = json.find(name);
  return found != json.end() && ((*found).*is)() ? &*found : nullptr;
}

double NumberOr(const Json& json, const char* name, double otherwise) {
  const Json* number = Member(json, name, &Json::is_number);
  return number != nullptr ? number->get<double>() : otherwise;
}

std::optional<std::array<Point, 4>> PolygonOf(const Json& json) {
  const Json* corners = Member(json, "polygon", &Json::is_array);
  if (corners == nullptr || corners->size() != 4) return std::nullopt;
  std::array<Point, 4> polygon;
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& corner = (*corners)[i];
    if (!corner.is_array() || corner.size() != 2 || !corner[0].is_number() ||
        !corner[1].is_number())
      return std::nullopt;
    polygon[i] = {corner[0].get<float>(), corner[1].get<float>()};
  }
  return polygon;
}

using Ids = std::unordered_set<std::string>;

Result<Answer> AnswerOf(const Json& json, const Ids& known, const Place& place) {
  Answer answer;
  const double ms = NumberOr(json, "ms", 0);
  answer.timings.total_ms = ms;
  answer.cpu.total_ms = NumberOr(json, "cpu_ms", ms);
  const Json* hits = Member(json, "hits", &Json::is_array);
  if (hits == nullptr) return place.Fail("there is no list of hits");
  Ids named;
  for (const Json& one : *hits) {
    const Json* id = one.is_object() ? Member(one, "id", &Json::is_string) : nullptr;
    if (id == nullptr) return place.Fail("a hit has no id");
    Hit hit{.id = id->get<std::string>()};
    if (!known.contains(hit.id)) return place.Fail("there is no item '" + hit.id + "'");
    if (!named.insert(hit.id).second) return place.Fail("'" + hit.id + "' is there twice");
    const Json* accepted = Member(one, "accepted", &Json::is_boolean);
    hit.accepted = accepted != nullptr && accepted->get<bool>();
    hit.probability = NumberOr(one, "probability", 0);
    // Without scores the order says all.
    hit.score = NumberOr(one, "score", -static_cast<double>(answer.hits.size()));
    hit.inliers = static_cast<int>(NumberOr(one, "inliers", 0));
    hit.polygon = PolygonOf(one);
    answer.hits.push_back(std::move(hit));
  }
  return answer;
}

class GivenAnswers final : public BenchMethod {
 public:
  GivenAnswers(const Gallery& gallery, std::vector<Result<Answer>> answers)
      : photos_(&gallery.photos), answers_(std::move(answers)) {}

  // `photo` is one of the gallery.
  Result<Answer> Query(const BenchPhoto& photo, Setting setting) const override {
    Result<Answer> answer = answers_[static_cast<std::size_t>(&photo - photos_->data())];
    if (!answer) return answer;
    std::erase_if(answer->hits, [&](const Hit& hit) {
      const auto& own = photo.truth.relevant;
      if (setting == Setting::kLeftOut) return std::ranges::find(own, hit.id) != own.end();
      return setting == Setting::kOwn && !hit.id.starts_with(photo.dataset + "/");
    });
    if (answer->hits.size() > kBenchDepth) answer->hits.resize(kBenchDepth);
    return answer;
  }

  Result<Answer> Query(const Image&, const std::vector<std::string>&) const override {
    return Fail(ErrorCode::kInvalidArgument, "answers that were given say nothing of other photos");
  }

  bool Answers(Setting) const override { return true; }

  std::optional<Hit> Explain(const BenchPhoto&, const std::string&) const override {
    return std::nullopt;
  }

 private:
  const std::vector<BenchPhoto>* photos_;
  std::vector<Result<Answer>> answers_;  // by photo
};

}  // namespace

Status WriteGallery(const std::filesystem::path& path, const Gallery& gallery,
                    const std::string& data_hash) {
  return PublishFile(path, [&](const PutBytes& put) -> Status {
    put(DumpJson({{"gallery", data_hash},
                  {"items", gallery.catalogue.entries.size()},
                  {"photos", gallery.photos.size()}}) +
        "\n");
    for (const CatalogueEntry& entry : gallery.catalogue.entries) {
      Json images = Json::array();
      for (const auto& image : entry.images) images.push_back(image.string());
      put(DumpJson({{"item", entry.id}, {"images", std::move(images)}}) + "\n");
    }
    for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
      const BenchPhoto& photo = gallery.photos[i];
      put(DumpJson({{"photo", i},
                    {"dataset", photo.dataset},
                    {"image", std::filesystem::absolute(photo.image).string()},
                    {"crop", CropJson(photo.crop)}}) +
          "\n");
    }
    return {};
  });
}

const std::filesystem::path* GivenAnswersOf(const BenchOptions& options, std::string_view name) {
  const auto given = std::ranges::find(
      options.answers, name, [](const auto& pair) { return std::string_view(pair.first); });
  return given == options.answers.end() ? nullptr : &given->second;
}

Result<std::unique_ptr<BenchMethod>> OpenGivenAnswers(const std::filesystem::path& path,
                                                      const Gallery& gallery,
                                                      const std::string& data_hash) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, path.string() + ": cannot be read");
  Ids known;
  for (const CatalogueEntry& entry : gallery.catalogue.entries) known.insert(entry.id);
  std::vector<Result<Answer>> answers;
  for (const BenchPhoto& photo : gallery.photos) {
    answers.push_back(Fail(ErrorCode::kNotFound, photo.image.string() + ": it was not answered"));
  }
  std::size_t answered = 0;
  std::string text;
  for (Place place{path}; std::getline(in, text);) {
    ++place.line;
    const auto json = ParseJson(text);
    if (!json) return place.Fail(json.error().message);
    if (!json->is_object()) return place.Fail("it is no object");
    if (place.line == 1) {
      const Json* of = Member(*json, "gallery", &Json::is_string);
      if (of == nullptr || of->get<std::string>() != data_hash)
        return place.Fail("the answers are about other data; write the gallery and answer again");
      continue;
    }
    const Json* photo = Member(*json, "photo", &Json::is_number_unsigned);
    const std::size_t number = photo != nullptr ? photo->get<std::size_t>() : answers.size();
    if (number >= answers.size()) return place.Fail("there is no such photo");
    const Json* error = Member(*json, "error", &Json::is_string);
    if (error != nullptr) {
      answers[number] = Fail(ErrorCode::kBadImage, error->get<std::string>());
    } else {
      auto answer = AnswerOf(*json, known, place);
      if (!answer) return tl::unexpected(answer.error());
      answers[number] = std::move(answer);
    }
    ++answered;
  }
  if (answered != answers.size()) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {} answers to {} photos",
                                                         path.string(), answered, answers.size()));
  }
  return std::make_unique<GivenAnswers>(gallery, std::move(answers));
}

}  // namespace inlier
