#include "index/segment.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/file.h"
#include "index/packed_postings.h"

namespace inlier {
namespace {

constexpr std::size_t kLineWords = 8;   // of a cache line
constexpr std::size_t kLinesAhead = 8;  // of a list, prefetched before it is scanned
constexpr std::uint32_t kListsPerStep = 64;

std::string_view Bytes(std::span<const std::uint64_t> words) {
  return {reinterpret_cast<const char*>(words.data()), words.size_bytes()};
}

// Takes lists in ascending order, puts their words one after the other and keeps the directory.
class ListWriter {
 public:
  ListWriter(std::uint32_t lists, std::uint32_t code_words, Segment::Put put)
      : put_(std::move(put)) {
    directory_.lists = lists;
    directory_.code_words = code_words;
  }
  void Add(std::uint32_t list, std::span<const std::uint64_t> codes,
           std::span<const Posting> postings) {
    if (postings.empty()) return;
    words_.assign(codes.begin(), codes.end());
    PackPostings(postings, words_);
    directory_.numbers.push_back(list);
    directory_.sizes.push_back(static_cast<std::uint32_t>(postings.size()));
    directory_.words.push_back(static_cast<std::uint32_t>(words_.size()));
    directory_.checksums.push_back(Hash64(Bytes(words_)));
    put_(Bytes(words_));
  }
  SegmentDirectory Finish() { return std::move(directory_); }

 private:
  SegmentDirectory directory_;
  Segment::Put put_;
  std::vector<std::uint64_t> words_;
};

// Memory that takes the words of a segment, of which there are `most_words` at most.
class WordSink {
 public:
  explicit WordSink(std::size_t most_words) : words_(std::make_shared<Words>()) {
    words_->reserve(most_words);
  }
  void Put(std::string_view bytes) {
    const auto* first = reinterpret_cast<const std::uint64_t*>(bytes.data());
    words_->insert(words_->end(), first, first + bytes.size() / sizeof(std::uint64_t));
  }
  std::shared_ptr<const std::uint64_t> words() const { return {words_, words_->data()}; }

 private:
  using Words = std::vector<std::uint64_t>;
  std::shared_ptr<Words> words_;
};

}  // namespace

Segment::Segment(SegmentDirectory directory, std::shared_ptr<const std::uint64_t> words)
    : directory_(std::move(directory)), words_(std::move(words)) {
  const std::size_t places = directory_.numbers.size();
  begins_.reserve(places);
  for (std::size_t place = 0; place < places; ++place) {
    begins_.push_back(words_count_);
    words_count_ += directory_.words[place];
    size_ += directory_.sizes[place];
  }
  steps_.resize(directory_.lists / kListsPerStep + 1);
  for (const std::uint32_t list : directory_.numbers)
    steps_[list / kListsPerStep].present |= std::uint64_t{1} << list % kListsPerStep;
  std::uint32_t place = 0;
  for (Step& step : steps_) {
    step.first_place = place;
    place += static_cast<std::uint32_t>(std::popcount(step.present));
  }
}

std::shared_ptr<const Segment> Segment::FromBatch(const PostingBatch& batch, std::uint32_t lists,
                                                  int code_words) {
  const auto words = static_cast<std::size_t>(code_words);
  // A counting sort keeps the order of faces within a list.
  std::vector<std::uint32_t> place(lists + std::size_t{1}, 0), order(batch.lists.size());
  for (const std::uint32_t list : batch.lists) ++place[list + 1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[place[batch.lists[i]]++] = static_cast<std::uint32_t>(i);
  // If each list had one posting, it would take a word for that and one for its block.
  WordSink sink(order.size() * (words + 2));
  ListWriter writer(lists, static_cast<std::uint32_t>(code_words),
                    [&sink](std::string_view bytes) { sink.Put(bytes); });
  std::vector<std::uint64_t> codes;
  std::vector<Posting> postings;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t from = order[i];
    codes.insert(codes.end(), &batch.codes[from * words], &batch.codes[from * words] + words);
    postings.push_back(batch.postings[from]);
    if (i + 1 < order.size() && batch.lists[order[i + 1]] == batch.lists[from]) continue;
    writer.Add(batch.lists[from], codes, postings);
    codes.clear();
    postings.clear();
  }
  return std::shared_ptr<const Segment>(new Segment(writer.Finish(), sink.words()));
}

Result<SegmentDirectory> Segment::MergeLists(std::span<const std::shared_ptr<const Segment>> from,
                                             std::span<const std::uint32_t> live, const Put& put) {
  const Segment& first = *from.front();
  const std::size_t words = first.code_words();
  ListWriter writer(first.lists(), first.code_words(), put);
  std::vector<std::uint64_t> codes;
  std::vector<Posting> postings;
  for (std::uint32_t list = 0; list < first.lists(); ++list) {
    codes.clear();
    postings.clear();
    for (const auto& segment : from) {
      INLIER_ASSIGN_OR_RETURN(const PostingList l, segment->At(list));
      PostingReader reader(l.postings);
      for (std::size_t i = 0; i < l.size; ++i) {
        const Posting posting = reader.At(i);
        if (posting.face >= live.size() || live[posting.face] == 0) continue;
        codes.insert(codes.end(), l.codes + i * words, l.codes + (i + 1) * words);
        postings.push_back(posting);
      }
    }
    writer.Add(list, codes, postings);
  }
  return writer.Finish();
}

Result<std::shared_ptr<const Segment>> Segment::Merge(
    std::span<const std::shared_ptr<const Segment>> from, std::span<const std::uint32_t> live) {
  std::size_t words = 0;
  for (const auto& segment : from) words += segment->words_count_;
  WordSink sink(words);
  INLIER_ASSIGN_OR_RETURN(
      auto directory, MergeLists(from, live, [&sink](std::string_view bytes) { sink.Put(bytes); }));
  return std::shared_ptr<const Segment>(new Segment(std::move(directory), sink.words()));
}

std::uint32_t Segment::PlaceOf(std::uint32_t list) const {
  const Step& step = steps_[list / kListsPerStep];
  const std::uint64_t own = std::uint64_t{1} << list % kListsPerStep;
  if ((step.present & own) == 0) return kNowhere;
  return step.first_place + static_cast<std::uint32_t>(std::popcount(step.present & (own - 1)));
}

std::span<const std::uint64_t> Segment::WordsAt(std::size_t place) const {
  return {words_.get() + begins_[place], directory_.words[place]};
}

PostingList Segment::ListAt(std::size_t place) const {
  const std::size_t size = directory_.sizes[place];
  const std::uint64_t* codes = words_.get() + begins_[place];
  const std::uint64_t* postings = codes + size * directory_.code_words;
  return {
      codes, {reinterpret_cast<const std::uint32_t*>(postings), postings + (size + 1) / 2}, size};
}

Status Segment::CheckList(std::size_t place) const {
  const std::span<const std::uint64_t> words = WordsAt(place);
  const std::size_t size = directory_.sizes[place];
  // Without `checked_`, all pages were asked for when the file was opened.
  if (checked_) INLIER_RETURN_IF_ERROR(Readable(words));
  if (Hash64(Bytes(words)) == directory_.checksums[place] &&
      BlocksAreSound(words.subspan(size * directory_.code_words + (size + 1) / 2), size))
    return {};
  return Fail(ErrorCode::kCorrupt,
              fmt::format("{}: list {} has another checksum than its directory says", file_.file,
                          directory_.numbers[place]));
}

Status Segment::CheckAll() const {
  for (std::size_t place = 0; place < directory_.numbers.size(); ++place)
    INLIER_RETURN_IF_ERROR(CheckList(place));
  return {};
}

Result<PostingList> Segment::AtPlace(std::uint32_t place) const {
  if (place == kNowhere) return PostingList{};
  if (checked_ && !checked_[place].load(std::memory_order_relaxed)) {
    INLIER_RETURN_IF_ERROR(CheckList(place));
    checked_[place].store(true, std::memory_order_relaxed);
  }
  return ListAt(place);
}

void Segment::Prefetch(std::uint32_t place) const {
  if (place == kNowhere) return;
  for (std::size_t line = 0; line < kLinesAhead; ++line)
    __builtin_prefetch(words_.get() + begins_[place] + line * kLineWords);
}

std::uint64_t Segment::memory_bytes() const {
  const std::uint64_t directory =
      directory_.numbers.size() * (3 * sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t)) +
      steps_.size() * sizeof(Step);
  return directory + word_bytes() - mapped_bytes();
}

}  // namespace inlier
