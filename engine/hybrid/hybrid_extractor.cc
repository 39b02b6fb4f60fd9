#include "engine/hybrid/hybrid_extractor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "deep/deep.h"
#include "extractor/look.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

ExtractorOptions Of(std::string_view method, ExtractorOptions options) {
  options.method = method;
  return options;
}

class Hybrid final : public Extractor {
 public:
  Hybrid(const ExtractorOptions& options, std::unique_ptr<Extractor> local,
         std::unique_ptr<Extractor> look, std::unique_ptr<Extractor> embedding)
      : Extractor(options),
        local_(std::move(local)),
        look_(std::move(look)),
        embedding_(std::move(embedding)) {}

  // A network takes a smaller picture than local features are extracted from.
  int least_side_px() const override {
    return std::max(local_->least_side_px(), look_->least_side_px());
  }

 private:
  Features ExtractColour(const Image& image) const override {
    Features features = ColourOf(*local_, image);
    features.globals = {ColourOf(*look_, image), ColourOf(*embedding_, image)};
    return features;
  }
  Features ExtractItemColour(const Image& image) const override {
    Features features = ItemColourOf(*local_, image);
    features.globals = {ItemColourOf(*look_, image), ItemColourOf(*embedding_, image)};
    return features;
  }

  std::unique_ptr<Extractor> local_, look_, embedding_;
};

}  // namespace

ExtractorOptions LocalPart(ExtractorOptions options) { return Of("sift", std::move(options)); }
ExtractorOptions LookPart(ExtractorOptions options) { return Of(kLookMethod, std::move(options)); }
ExtractorOptions EmbeddingPart(ExtractorOptions options) {
  return Of(kDeepMethod, std::move(options));
}

Result<std::unique_ptr<Extractor>> MakeHybrid(const ExtractorOptions& options) {
  INLIER_ASSIGN_OR_RETURN(auto local, CreateExtractor(LocalPart(options)));
  INLIER_ASSIGN_OR_RETURN(auto look, CreateExtractor(LookPart(options)));
  INLIER_ASSIGN_OR_RETURN(auto embedding, CreateExtractor(EmbeddingPart(options)));
  return std::make_unique<Hybrid>(options, std::move(local), std::move(look), std::move(embedding));
}

}  // namespace inlier
