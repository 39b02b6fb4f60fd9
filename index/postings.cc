#include "index/postings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string_view>

#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/invlists/InvertedLists.h>

#include "index/code_scan.h"

namespace inlier {
namespace {

constexpr int kAngleBins = 16;
constexpr int kScaleBins = 16;  // half octaves
constexpr int kBins = kAngleBins + kScaleBins;

// FAISS keeps 64 bits of our choice beside each code.
struct Posting {
  ItemNumber item;
  std::uint8_t angle;  // of 256 to the full turn
  std::uint8_t scale;  // log2 of the size, in 1/16
};

std::int64_t Pack(const Posting& p) {
  return static_cast<std::int64_t>(std::uint64_t{p.item} << 16 | std::uint64_t{p.angle} << 8 | p.scale);
}

Posting Unpack(std::int64_t id) {
  return {static_cast<ItemNumber>(id >> 16), static_cast<std::uint8_t>(id >> 8),
          static_cast<std::uint8_t>(id)};
}

std::uint8_t QuantiseAngle(float angle_rad) {
  return static_cast<std::uint8_t>(
      static_cast<int>(std::lround(angle_rad * 128.0f / std::numbers::pi_v<float>)) & 255);
}

std::uint8_t QuantiseScale(float size_px) {
  return static_cast<std::uint8_t>(
      std::clamp(std::lround(std::log2(std::max(size_px, 1.0f)) * 16.0f), 0L, 255L));
}

// Each cell has a list for either sign of the response: features of one place agree in it.
std::size_t ListOf(std::int32_t cell, const Keypoint& keypoint) {
  return 2 * static_cast<std::size_t>(cell) + (keypoint.response < 0);
}

// Lets FAISS read from bytes that are in memory already.
class ViewReader final : public faiss::IOReader {
 public:
  explicit ViewReader(std::string_view bytes) : bytes_(bytes) {}
  std::size_t operator()(void* to, std::size_t size, std::size_t count) override {
    if (size == 0) return 0;
    const std::size_t whole = std::min(count, bytes_.size() / size);
    std::memcpy(to, bytes_.data(), whole * size);
    bytes_.remove_prefix(whole * size);
    return whole;
  }

 private:
  std::string_view bytes_;
};

// Votes of all items. One feature of the photo speaks once for an item: of several postings only the
// strongest counts (burstiness within an image: Jégou, Douze and Schmid, CVPR 2009). Each item has a
// histogram of orientation differences and one of scale differences (weak geometric consistency):
// right matches agree in both.
class Ballot {
 public:
  explicit Ballot(std::size_t items) : histograms_(items * kBins), last_feature_(items, -1), last_weight_(items) {}

  void Cast(int feature, const Posting& posting, float weight, int angle, int scale) {
    const std::size_t item = posting.item;
    if (last_feature_[item] != feature) {
      last_feature_[item] = feature;
      last_weight_[item] = 0;
    }
    const float more = weight - last_weight_[item];
    if (more <= 0) return;
    last_weight_[item] = weight;
    float* histogram = &histograms_[item * kBins];
    histogram[((angle - posting.angle + 8) & 255) / (256 / kAngleBins)] += more;
    const int octaves = (scale - posting.scale + 4 + 128) / 8 - 128 / 8 + kScaleBins / 2;
    histogram[kAngleBins + std::clamp(octaves, 0, kScaleBins - 1)] += more;
  }

  std::vector<float> Totals(std::span<const std::uint32_t> feature_counts) const {
    std::vector<float> totals(last_feature_.size());
    for (std::size_t item = 0; item < totals.size(); ++item) {
      if (last_feature_[item] < 0) continue;
      const float* angles = &histograms_[item * kBins];
      const float* scales = angles + kAngleBins;
      float best_angle = 0, best_scale = 0;
      for (int i = 0; i < kAngleBins; ++i) {
        best_angle = std::max(best_angle, angles[i] + angles[(i + 1) % kAngleBins]);
      }
      for (int i = 0; i + 1 < kScaleBins; ++i) best_scale = std::max(best_scale, scales[i] + scales[i + 1]);
      // A chance vote falls on an item in proportion to its features.
      totals[item] = std::min(best_angle, best_scale) /
                     std::pow(static_cast<float>(feature_counts[item]) + 50.0f, 0.4f);
    }
    return totals;
  }

 private:
  std::vector<float> histograms_;  // items × kBins
  std::vector<int> last_feature_;
  std::vector<float> last_weight_;
};

}  // namespace

std::vector<Candidate> BestCandidates(std::span<const float> votes, int count) {
  std::vector<Candidate> best;
  for (std::size_t item = 0; item < votes.size(); ++item) {
    if (votes[item] > 0) best.push_back({static_cast<ItemNumber>(item), votes[item]});
  }
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.votes != b.votes ? a.votes > b.votes : a.number < b.number;
  };
  const auto kept = std::min(best.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept), best.end(), better);
  best.resize(kept);
  return best;
}

struct Postings::State {
  std::unique_ptr<const Vocabulary> vocabulary;
  std::unique_ptr<faiss::ArrayInvertedLists> lists;
  std::uint64_t size = 0;
};

Postings::Postings(std::unique_ptr<State> state) : state_(std::move(state)) {}
Postings::Postings(std::unique_ptr<const Vocabulary> vocabulary) : state_(std::make_unique<State>()) {
  state_->lists = std::make_unique<faiss::ArrayInvertedLists>(
      2 * static_cast<std::size_t>(vocabulary->cells()),
      static_cast<std::size_t>(vocabulary->code_words()) * sizeof(std::uint64_t));
  state_->vocabulary = std::move(vocabulary);
}
Postings::~Postings() = default;

const Vocabulary& Postings::vocabulary() const { return *state_->vocabulary; }
std::uint64_t Postings::size() const { return state_->size; }
std::uint64_t Postings::bytes() const {
  return state_->size * (state_->lists->code_size + sizeof(std::int64_t));
}

void Postings::Add(ItemNumber item, const Features& features, const CellCodes& codes) {
  const auto words = static_cast<std::size_t>(codes.code_words);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Keypoint& keypoint = features.keypoints[i];
    const Posting posting{item, QuantiseAngle(keypoint.angle_rad), QuantiseScale(keypoint.size_px)};
    state_->lists->add_entry(ListOf(codes.cells[i], keypoint), Pack(posting),
                             reinterpret_cast<const std::uint8_t*>(&codes.codes[i * words]));
  }
  state_->size += features.size();
}

std::vector<Candidate> Postings::Vote(const Features& photo, int count,
                                      const ShortlistOptions& options,
                                      std::span<const std::uint32_t> feature_counts) const {
  const CellCodes query = state_->vocabulary->Assign(photo, options.probes);
  const int words = query.code_words;
  const auto probes = static_cast<std::size_t>(query.probes);
  // Options speak of 64-bit codes; longer ones are held to the same share of their bits.
  const int limit = options.hamming_bits * words;
  std::vector<float> weights(static_cast<std::size_t>(limit) + 1);
  for (std::size_t d = 0; d < weights.size(); ++d) {
    const double sigmas = static_cast<double>(d) / (options.sigma_bits * words);
    weights[d] = static_cast<float>(std::exp(-sigmas * sigmas));
  }
  const auto total = static_cast<double>(state_->size);
  Ballot ballot(feature_counts.size());
  struct Vote {
    Posting posting;
    float weight;
  };
  std::vector<Vote> votes;
  std::vector<CodeMatch> near;
  for (std::size_t i = 0; i < photo.size(); ++i) {
    votes.clear();
    for (std::size_t p = i * probes; p < (i + 1) * probes; ++p) {
      const std::size_t list = ListOf(query.cells[p], photo.keypoints[i]);
      const std::size_t length = state_->lists->list_size(list);
      if (length == 0) continue;
      // One item alone has to score too, so the logarithm never reaches 0.
      const float idf = static_cast<float>(std::log(1.0 + total / static_cast<double>(length)));
      const auto* codes = reinterpret_cast<const std::uint64_t*>(state_->lists->get_codes(list));
      const auto* ids = state_->lists->get_ids(list);
      const std::uint64_t* code = &query.codes[p * static_cast<std::size_t>(words)];
      near.clear();
      ScanCodes(codes, length, words, code, limit, near);
      for (const CodeMatch& match : near) {
        const Posting posting = Unpack(ids[match.index]);
        if (posting.item >= feature_counts.size() || feature_counts[posting.item] == 0) continue;
        votes.push_back({posting, weights[match.distance] * idf});
      }
    }
    // A feature that is everywhere says little: burstiness between images (CVPR 2009, §4.2).
    const float share = 1.0f / std::sqrt(static_cast<float>(votes.size()));
    const int angle = QuantiseAngle(photo.keypoints[i].angle_rad);
    const int scale = QuantiseScale(photo.keypoints[i].size_px);
    for (const Vote& vote : votes) {
      ballot.Cast(static_cast<int>(i), vote.posting, vote.weight * share, angle, scale);
    }
  }
  return BestCandidates(ballot.Totals(feature_counts), count);
}

void Postings::Write(BlobWriter& writer) const {
  faiss::VectorIOWriter lists;
  faiss::write_InvertedLists(state_->lists.get(), &lists);
  state_->vocabulary->Write(writer);
  writer.Put(state_->size);
  writer.PutArray(std::span<const std::uint8_t>(lists.data));
}

Result<std::unique_ptr<Postings>> Postings::Read(BlobReader& reader) {
  INLIER_ASSIGN_OR_RETURN(auto vocabulary, Vocabulary::Read(reader));
  auto state = std::make_unique<State>();
  state->size = reader.Get<std::uint64_t>();
  ViewReader source(reader.GetBytes());
  if (!reader.ok()) return Fail(ErrorCode::kCorrupt, "postings: fields do not add up");
  try {
    std::unique_ptr<faiss::InvertedLists> lists(faiss::read_InvertedLists(&source));
    auto* array = dynamic_cast<faiss::ArrayInvertedLists*>(lists.get());
    if (!array || array->nlist != 2 * static_cast<std::size_t>(vocabulary->cells()) ||
        array->code_size != static_cast<std::size_t>(vocabulary->code_words()) * sizeof(std::uint64_t)) {
      return Fail(ErrorCode::kCorrupt, "postings: shapes do not agree");
    }
    static_cast<void>(lists.release());
    state->lists.reset(array);
  } catch (const std::exception& e) {
    return Fail(ErrorCode::kCorrupt, std::string("postings: ") + e.what());
  }
  state->vocabulary = std::move(vocabulary);
  return std::unique_ptr<Postings>(new Postings(std::move(state)));
}

}  // namespace inlier
