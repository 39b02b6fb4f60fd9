#include "index/postings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string_view>

#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/invlists/InvertedLists.h>

#include "index/ballot.h"
#include "index/code_scan.h"

namespace inlier {
namespace {

constexpr double kShareOfOwnBits = 0.55;

// FAISS keeps 64 bits of our choice beside each code.
struct Posting {
  ItemNumber item;
  std::uint16_t feature;  // number within the item
  std::uint8_t angle;     // of 256 to the full turn
  std::uint8_t scale;     // log2 of the size, in 1/16
};

std::int64_t Pack(const Posting& p) {
  return static_cast<std::int64_t>(std::uint64_t{p.item} << 32 | std::uint64_t{p.feature} << 16 |
                                   std::uint64_t{p.angle} << 8 | p.scale);
}

Posting Unpack(std::int64_t id) {
  return {static_cast<ItemNumber>(id >> 32), static_cast<std::uint16_t>(id >> 16), static_cast<std::uint8_t>(id >> 8),
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

}  // namespace

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
    const Posting posting{item, static_cast<std::uint16_t>(i), QuantiseAngle(keypoint.angle_rad), QuantiseScale(keypoint.size_px)};
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
  // Options speak of 64-bit codes. A row of bits that is its own code is held to a smaller share of its
  // bits: in one cell rows of other places are already near.
  const double bits = words * (state_->vocabulary->embeds() ? 1.0 : kShareOfOwnBits);
  const int limit = static_cast<int>(options.hamming_bits * bits);
  std::vector<float> weights(static_cast<std::size_t>(limit) + 1);
  for (std::size_t d = 0; d < weights.size(); ++d) {
    const double sigmas = static_cast<double>(d) / (options.sigma_bits * bits);
    weights[d] = static_cast<float>(std::exp(-sigmas * sigmas));
  }
  const auto total = static_cast<double>(state_->size);
  thread_local Ballot ballot;  // its memory grows with the items, not with the votes
  ballot.Open(feature_counts.size());
  struct Found {
    Posting posting;
    float weight;
    std::uint16_t distance_bits;
  };
  std::vector<Found> found;
  std::vector<CodeMatch> near;
  for (std::size_t i = 0; i < photo.size(); ++i) {
    found.clear();
    for (std::size_t p = i * probes; p < (i + 1) * probes; ++p) {
      if (query.cells[p] < 0) continue;
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
        found.push_back({posting, weights[match.distance] * idf, static_cast<std::uint16_t>(match.distance)});
      }
    }
    // A feature that is everywhere says little: burstiness between images (CVPR 2009, §4.2).
    const float share = 1.0f / std::sqrt(static_cast<float>(found.size()));
    const int angle = QuantiseAngle(photo.keypoints[i].angle_rad);
    const int scale = QuantiseScale(photo.keypoints[i].size_px);
    for (const Found& f : found) {
      const Posting& p = f.posting;
      ballot.Cast({.item = p.item,
                   .pair = {static_cast<std::uint16_t>(i), p.feature, f.distance_bits},
                   .angle = static_cast<std::uint8_t>(angle - p.angle),
                   .octaves = static_cast<std::int8_t>(std::clamp((scale - p.scale + 4 + 128) / 8 - 128 / 8, -8, 7)),
                   .weight = f.weight * share});
    }
  }
  return ballot.Close(count, feature_counts);
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
