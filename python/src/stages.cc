// Features and matches are shown to numpy where they lie: a view keeps the object alive that it is
// of, and cannot be written.
#include "python/src/stages.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "inlier/stages.h"
#include "python/src/call.h"
#include "python/src/errors.h"
#include "python/src/picture.h"

namespace inlier::python {
namespace {

namespace nb = nanobind;

template <class T>
using NumpyArray = nb::ndarray<nb::numpy, T>;
/// What Python has checked: the type, the shape, and that elements follow each other.
template <class T>
using GivenArray = nb::ndarray<const T, nb::ro, nb::c_contig, nb::device::cpu>;

/// A view of what `owner`, an object of Python, holds. It keeps the owner alive and cannot be
/// written. Strides are in elements.
template <class T>
NumpyArray<const T> ViewOf(const T* data, std::initializer_list<std::size_t> shape,
                           std::initializer_list<std::int64_t> strides, nb::handle owner) {
  return NumpyArray<const T>(data, shape, owner, strides);
}

/// The vector's own memory as an array.
template <class T>
NumpyArray<T> ArrayOf(std::vector<T> values, std::initializer_list<std::size_t> shape) {
  auto* const held = new std::vector<T>(std::move(values));
  const nb::capsule owner(
      held, [](void* vector) noexcept { delete static_cast<std::vector<T>*>(vector); });
  return NumpyArray<T>(held->data(), shape, owner);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

static_assert(sizeof(Keypoint) == 5 * sizeof(float));
static_assert(sizeof(FeatureMatch) == 4 * sizeof(float));

// Objects of Python that hold what the engine made.
struct MatchesObject {
  std::shared_ptr<const std::vector<FeatureMatch>> matches;
};
struct GeometryObject {
  Geometry geometry;
};
struct IndexObject {
  std::shared_ptr<FeatureIndex> index;
};

EngineOptions OptionsFrom(const Pairs& options) {
  EngineOptions engine;
  for (const auto& [name, value] : options) ValueOrThrow(SetOption(engine, name, value));
  return engine;
}

FeaturesObject Extract(const PictureArgument& picture, const Pairs& options) {
  const EngineOptions engine = OptionsFrom(options);
  return Run([picture, engine](Call&) {
    const auto extract = [&](const Image& image) {
      return FeaturesObject{
          std::make_shared<const Features>(ValueOrThrow(ExtractFeatures(image, engine.extract)))};
    };
    return picture.image() != nullptr ? extract(*picture.image())
                                      : extract(ValueOrThrow(picture.Read()));
  });
}

std::string PixelHash(const PictureArgument& picture, const Pairs& options) {
  const EngineOptions engine = OptionsFrom(options);
  return Run([picture, engine](Call&) {
    auto hash = PixelHashOf(picture.ToPicture(), engine.extract);
    if (!hash) throw EngineError{picture.Named(std::move(hash.error()))};
    return *hash;
  });
}

// Keypoints: (n, 4). Descriptors: (n, d). Python has checked the shapes.
FeaturesObject FeaturesFrom(const GivenArray<float>& keypoints,
                            const GivenArray<std::uint8_t>& descriptors,
                            const std::optional<GivenArray<float>>& responses,
                            std::uint32_t width_px, std::uint32_t height_px, bool bits) {
  auto features = std::make_shared<Features>();
  features->kind = bits ? DescriptorKind::kBits : DescriptorKind::kBytes;
  features->descriptor_bytes = static_cast<std::uint16_t>(descriptors.shape(1));
  features->image_width_px = width_px;
  features->image_height_px = height_px;
  const float* from = keypoints.data();
  for (std::size_t i = 0; i < keypoints.shape(0); ++i, from += 4) {
    features->keypoints.push_back(
        {{from[0], from[1]}, from[2], from[3], responses ? responses->data()[i] : 0.0f});
  }
  features->descriptors.assign(descriptors.data(), descriptors.data() + descriptors.size());
  return {std::move(features)};
}

MatchesObject Match(const FeaturesObject& photo, const FeaturesObject& item, const Pairs& options) {
  const EngineOptions engine = OptionsFrom(options);
  return Run([of_photo = photo.features, of_item = item.features, engine](Call&) {
    return MatchesObject{std::make_shared<const std::vector<FeatureMatch>>(
        ValueOrThrow(MatchFeatures(*of_photo, *of_item, engine.match)))};
  });
}

// Pairs: (m, 2), of the photo and of the item.
MatchesObject MatchesFrom(const GivenArray<std::uint32_t>& pairs) {
  std::vector<FeatureMatch> matches;
  const std::uint32_t* from = pairs.data();
  for (std::size_t i = 0; i < pairs.shape(0); ++i, from += 2) matches.push_back({from[0], from[1]});
  return {std::make_shared<const std::vector<FeatureMatch>>(std::move(matches))};
}

std::optional<GeometryObject> Verify(const FeaturesObject& photo, const FeaturesObject& item,
                                     const MatchesObject& matches, const Pairs& options) {
  const EngineOptions engine = OptionsFrom(options);
  return Run([of_photo = photo.features, of_item = item.features, pairs = matches.matches,
              engine](Call&) -> std::optional<GeometryObject> {
    auto geometry = ValueOrThrow(VerifyMatches(*of_photo, *of_item, *pairs, engine.match));
    if (!geometry) return std::nullopt;
    return GeometryObject{std::move(*geometry)};
  });
}

void BindFeatures(nb::module_& module) {
  nb::class_<FeaturesObject>(module, "FeatureSet", "The local features of one picture.")
      .def_static("from_arrays", &FeaturesFrom, nb::arg("keypoints"), nb::arg("descriptors"),
                  nb::arg("responses").none(), nb::arg("width"), nb::arg("height"), nb::arg("bits"))
      .def("__len__", [](const FeaturesObject& self) { return self.features->size(); })
      .def_prop_ro(
          "keypoints",
          [](nb::handle self) {
            const Features& f = *nb::cast<FeaturesObject&>(self).features;
            return ViewOf(reinterpret_cast<const float*>(f.keypoints.data()), {f.size(), 4}, {5, 1},
                          self);
          },
          "float32 (n, 4): x, y, scale, angle.")
      .def_prop_ro(
          "responses",
          [](nb::handle self) {
            const Features& f = *nb::cast<FeaturesObject&>(self).features;
            const auto* first = reinterpret_cast<const float*>(f.keypoints.data());
            return ViewOf(f.size() == 0 ? first : first + 4, {f.size()}, {5}, self);
          },
          "float32 (n,): the strength, negative where it is brighter than around.")
      .def_prop_ro(
          "descriptors",
          [](nb::handle self) {
            const Features& f = *nb::cast<FeaturesObject&>(self).features;
            const std::size_t row = f.descriptor_bytes;
            return ViewOf(f.descriptors.data(), {f.size(), row},
                          {static_cast<std::int64_t>(row), 1}, self);
          },
          "uint8 (n, d).")
      .def_prop_ro("kind",
                   [](const FeaturesObject& self) {
                     return self.features->kind == DescriptorKind::kBytes  ? "bytes"
                            : self.features->kind == DescriptorKind::kBits ? "bits"
                                                                           : "embedding";
                   })
      .def_prop_ro("size", [](const FeaturesObject& self) {
        return std::pair(self.features->image_width_px, self.features->image_height_px);
      });
}

void BindMatches(nb::module_& module) {
  nb::class_<MatchesObject>(module, "MatchSet", "Pairs of features.")
      .def_static("from_pairs", &MatchesFrom, nb::arg("pairs"))
      .def("__len__", [](const MatchesObject& self) { return self.matches->size(); })
      .def_prop_ro(
          "pairs",
          [](nb::handle self) {
            const auto& m = *nb::cast<MatchesObject&>(self).matches;
            return ViewOf(reinterpret_cast<const std::uint32_t*>(m.data()), {m.size(), 2}, {4, 1},
                          self);
          },
          "uint32 (m, 2): feature of the photo, feature of the item.")
      .def_prop_ro(
          "distances",
          [](nb::handle self) {
            const auto& m = *nb::cast<MatchesObject&>(self).matches;
            const auto* first = reinterpret_cast<const float*>(m.data());
            return ViewOf(m.empty() ? first : first + 2, {m.size()}, {4}, self);
          },
          "float32 (m,): of the descriptors.")
      .def_prop_ro(
          "ratios",
          [](nb::handle self) {
            const auto& m = *nb::cast<MatchesObject&>(self).matches;
            const auto* first = reinterpret_cast<const float*>(m.data());
            return ViewOf(m.empty() ? first : first + 3, {m.size()}, {4}, self);
          },
          "float32 (m,): the distance over that of the second nearest.");
  nb::class_<GeometryObject>(module, "Verified", "A homography that matches agree with.")
      .def_prop_ro(
          "homography",
          [](nb::handle self) {
            const Geometry& g = nb::cast<GeometryObject&>(self).geometry;
            return ViewOf(g.photo_from_item.data(), {3, 3}, {3, 1}, self);
          },
          "float64 (3, 3), from pixels of the item to pixels of the photo.")
      .def_prop_ro(
          "polygon",
          [](const GeometryObject& self) {
            std::vector<double> corners;
            for (const Point& p : self.geometry.polygon)
              corners.insert(corners.end(), {p.x_px, p.y_px});
            return ArrayOf(std::move(corners), {4, 2});
          },
          nb::rv_policy::automatic)
      .def_prop_ro("inliers",
                   [](const GeometryObject& self) {
                     return MatchesObject{
                         std::make_shared<const std::vector<FeatureMatch>>(self.geometry.inliers)};
                   })
      .def_prop_ro("item_coverage",
                   [](const GeometryObject& self) { return self.geometry.item_coverage; })
      .def_prop_ro("photo_share",
                   [](const GeometryObject& self) { return self.geometry.photo_share; })
      .def_prop_ro("mean_error_px",
                   [](const GeometryObject& self) { return self.geometry.mean_error_px; });
  module.def("match_features", &Match, nb::arg("photo"), nb::arg("item"), nb::arg("options"));
  module.def("verify", &Verify, nb::arg("photo"), nb::arg("item"), nb::arg("matches"),
             nb::arg("options"));
}

FeatureVocabulary Train(const std::vector<FeaturesObject>& samples, int cells, std::uint32_t seed,
                        int threads) {
  return Run([samples, cells, seed, threads](Call&) {
    std::vector<const Features*> features;
    for (const FeaturesObject& sample : samples) features.push_back(sample.features.get());
    return ValueOrThrow(FeatureVocabulary::Train(features, cells, seed, threads));
  });
}

NumpyArray<std::int32_t> Assign(const FeatureVocabulary& self, const FeaturesObject& features,
                                int probes) {
  auto cells = Run([self, of = features.features, probes](Call&) {
    return ValueOrThrow(self.Assign(*of, probes));
  });
  return ArrayOf(std::move(cells), {features.features->size(), static_cast<std::size_t>(probes)});
}

void BindIndex(nb::module_& module) {
  nb::class_<FeatureVocabulary>(module, "FeatureVocabulary", "Cells that descriptors fall into.")
      .def_static("train", &Train, nb::arg("features"), nb::arg("cells"), nb::arg("seed"),
                  nb::arg("threads"))
      .def_static(
          "load",
          [](const nb::bytes& path) {
            return ValueOrThrow(FeatureVocabulary::Load(std::string(path.c_str(), path.size())));
          },
          nb::arg("path"))
      .def(
          "save",
          [](const FeatureVocabulary& self, const nb::bytes& path) {
            ValueOrThrow(self.Save(std::string(path.c_str(), path.size())));
          },
          nb::arg("path"))
      .def_prop_ro("cells", &FeatureVocabulary::cells)
      .def("assign", &Assign, nb::arg("features"), nb::arg("probes"));
  nb::class_<IndexObject>(module, "FeatureIndex", "Faces that features vote for.")
      .def(
          "__init__",
          [](IndexObject* self, const FeatureVocabulary& vocabulary) {
            new (self) IndexObject{std::make_shared<FeatureIndex>(vocabulary)};
          },
          nb::arg("vocabulary"))
      .def("__len__", [](const IndexObject& self) { return self.index->size(); })
      .def(
          "add",
          // Under the GIL, so that nobody searches meanwhile.
          [](const IndexObject& self, const FeaturesObject& features) {
            return ValueOrThrow(self.index->Add(*features.features));
          },
          nb::arg("features"))
      .def(
          "search",
          // Under the GIL too: it takes milliseconds.
          [](const IndexObject& self, const FeaturesObject& photo, int count,
             const Pairs& options) {
            const auto faces = ValueOrThrow(
                self.index->Search(*photo.features, count, OptionsFrom(options).shortlist));
            std::vector<std::uint32_t> numbers;
            std::vector<float> votes;
            for (const FaceVotes& face : faces) {
              numbers.push_back(face.face);
              votes.push_back(face.votes);
            }
            const std::size_t n = faces.size();
            return std::pair(ArrayOf(std::move(numbers), {n}), ArrayOf(std::move(votes), {n}));
          },
          nb::arg("photo"), nb::arg("count"), nb::arg("options"));
}

// The pixels, and the sides of the picture in full.
std::tuple<NumpyArray<std::uint8_t>, int, int> Decode(const PictureArgument& picture,
                                                      int least_side_px) {
  Image image = Run([picture, least_side_px](Call&) {
    if (picture.image() != nullptr) return *picture.image();
    const DecodeOptions options{.least_side_px = least_side_px};
    auto decoded = picture.path() != nullptr ? ReadPicture(*picture.path(), options)
                                             : DecodePicture(picture.file(), options);
    return ValueOrThrow(std::move(decoded)).image;
  });
  const int width_px = image.full_width_px > 0 ? image.full_width_px : image.width_px;
  const int height_px = image.full_height_px > 0 ? image.full_height_px : image.height_px;
  const auto size = [](int side) { return static_cast<std::size_t>(side); };
  return {ArrayOf(std::move(image.pixels),
                  {size(image.height_px), size(image.width_px), size(image.channels)}),
          width_px, height_px};
}

}  // namespace

void BindStages(nb::module_& module) {
  BindFeatures(module);
  BindMatches(module);
  BindIndex(module);
  module.def("extract", &Extract, nb::arg("picture"), nb::arg("options"));
  module.def("pixel_hash", &PixelHash, nb::arg("picture"), nb::arg("options"));
  module.def("decode", &Decode, nb::arg("picture"), nb::arg("least_side"));
}

}  // namespace inlier::python
