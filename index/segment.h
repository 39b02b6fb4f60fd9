#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/manifest.h"
#include "index/packed_postings.h"
#include "index/posting_batch.h"

namespace inlier {

/// One list: `size` codes of the segment's code_words each, and their postings.
struct PostingList {
  const std::uint64_t* codes = nullptr;
  PackedPostings postings;
  std::size_t size = 0;
};

/// Where things are in a segment: the number of each list that has postings, ascending, and its
/// size.
struct SegmentDirectory {
  std::uint32_t lists = 0;  // of the vocabulary, also empty ones
  std::uint32_t code_words = 1;
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint32_t> sizes;      // postings
  std::vector<std::uint32_t> words;      // that the list takes
  std::vector<std::uint64_t> checksums;  // XXH3 of these words
};

/// The inverted lists of some faces, list by list: the codes, then the postings
/// (index/packed_postings.h), in words of 8 bytes. A segment lies in memory of its own or is mapped
/// from a file. It never changes, so searches need no lock; larger segments are made by merging
/// smaller ones.
class Segment {
 public:
  using Put = std::function<void(std::string_view)>;

  static std::shared_ptr<const Segment> FromBatch(const PostingBatch& batch, std::uint32_t lists,
                                                  int code_words);
  /// Merges segments into one in memory. `live[face]` is 0 for faces whose postings are dropped.
  /// Errors: kCorrupt (a mapped list that fails its checksum).
  static Result<std::shared_ptr<const Segment>> Merge(
      std::span<const std::shared_ptr<const Segment>> from, std::span<const std::uint32_t> live);
  /// Does the same into a file, which is published as `file` in `folder`. Errors: kCorrupt, kIo.
  static Result<ListsFile> MergeToFile(std::span<const std::shared_ptr<const Segment>> from,
                                       std::span<const std::uint32_t> live,
                                       const std::filesystem::path& folder, const std::string& file,
                                       const std::function<void(std::string_view)>& step);
  /// Maps a file. All of it is read and checked at once or, when `lazy`, each list when it is first
  /// asked for. Errors: kNotFound, kCorrupt, kIo.
  static Result<std::shared_ptr<const Segment>> Open(const std::filesystem::path& folder,
                                                     const ListsFile& file, bool lazy);

  /// A list, empty when it has no postings. Errors: kCorrupt.
  Result<PostingList> At(std::uint32_t list) const { return AtPlace(PlaceOf(list)); }
  /// Where a list is in the directory; kNowhere when it has no postings. Callers that visit many
  /// lists ask for their places first.
  std::uint32_t PlaceOf(std::uint32_t list) const;
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;
  /// The list at a place. Errors: kCorrupt.
  Result<PostingList> AtPlace(std::uint32_t place) const;
  /// Asks the processor to load the beginning of the list at a place into its cache.
  void Prefetch(std::uint32_t place) const;

  std::uint32_t lists() const { return directory_.lists; }  // of the vocabulary, also empty ones
  std::uint32_t code_words() const { return directory_.code_words; }
  std::uint64_t size() const { return size_; }  // postings
  std::uint64_t memory_bytes() const;
  std::uint64_t mapped_bytes() const { return checked_ ? word_bytes() : 0; }
  /// Checks every list. Errors: kCorrupt.
  Status CheckAll() const;
  /// The file that it is mapped from; without a name for a segment in memory.
  const ListsFile& file() const { return file_; }

 private:
  Segment(SegmentDirectory directory, std::shared_ptr<const std::uint64_t> words);
  static Result<SegmentDirectory> MergeLists(std::span<const std::shared_ptr<const Segment>> from,
                                             std::span<const std::uint32_t> live, const Put& put);
  std::uint64_t word_bytes() const { return words_count_ * sizeof(std::uint64_t); }
  PostingList ListAt(std::size_t place) const;
  Status CheckList(std::size_t place) const;
  /// Touching a mapped page that the disk cannot read kills the process, so the system is asked for
  /// the pages first. Errors: kIo.
  Status Readable(std::span<const std::uint64_t> words) const;
  std::span<const std::uint64_t> WordsAt(std::size_t place) const;

  SegmentDirectory directory_;
  std::vector<std::uint64_t> begins_;  // of each list, in words
  // Of 64 lists: which have postings, and the place of the first of these.
  struct Step {
    std::uint64_t present = 0;
    std::uint32_t first_place = 0;
  };
  std::vector<Step> steps_;  // by list / 64
  std::shared_ptr<const std::uint64_t> words_;
  std::uint64_t size_ = 0;         // postings
  std::uint64_t words_count_ = 0;  // of all lists
  ListsFile file_;
  std::unique_ptr<std::atomic<bool>[]>
      checked_;  // by place; null when all lists are known to be whole
};

}  // namespace inlier
