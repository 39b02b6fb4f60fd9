// Feeds of products in XML, as Google Merchant and others take them: the items of RSS 2.0 or the
// entries of Atom, with the elements of the namespace "g". Expat reads them while the text comes
// in. A feed needs no document type, so none is accepted and no entity can expand without bound.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <expat.h>
#include <fmt/format.h>

#include "engine/tables/line_splitter.h"
#include "engine/tables/row_reader.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxLevels = 32;
constexpr std::size_t kMaxElements = 4096;  // of an item
constexpr char kSeparator = '\t';  // between a namespace and a name, as Expat hands them over
constexpr std::string_view kGoogle = "http://base.google.com/ns/1.0\t";

class FeedReader : public RowReader {
 public:
  // The text is UTF-8 by now, whatever the document declares.
  FeedReader(StreamedTable& table, const VisitRow& visit)
      : table_(table), visit_(visit), parser_(XML_ParserCreateNS("UTF-8", kSeparator)) {
    if (parser_ == nullptr) return;
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, OnStart, OnEnd);
    XML_SetCharacterDataHandler(parser_, OnText);
    XML_SetStartDoctypeDeclHandler(parser_, OnDoctype);
  }
  ~FeedReader() override { XML_ParserFree(parser_); }

  Status Add(std::string_view part) override { return Parse(part, /*is_last=*/false); }
  Status Finish() override { return Parse("", /*is_last=*/true); }

 private:
  struct Element {
    std::string name;
    std::string text;
    bool is_google = false;
  };

  Status Parse(std::string_view part, bool is_last) {
    if (parser_ == nullptr) return Fail(ErrorCode::kInvalidArgument, "out of memory");
    const auto result = XML_Parse(parser_, part.data(), static_cast<int>(part.size()), is_last);
    INLIER_RETURN_IF_ERROR(status_);
    taken_bytes_ += static_cast<std::int64_t>(part.size());
    // Expat keeps a tag until it is whole, and begins it again with each part.
    const std::int64_t done_bytes = XML_GetCurrentByteIndex(parser_);
    if (result == XML_STATUS_OK && done_bytes >= 0 &&
        taken_bytes_ - done_bytes > 2 * std::int64_t{kMaxRow_bytes}) {
      Stop("a tag is longer than 2 MiB");
      return status_;
    }
    if (result == XML_STATUS_OK) return {};
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}, line {}: {}", table_.name, XML_GetCurrentLineNumber(parser_),
                            XML_ErrorString(XML_GetErrorCode(parser_))));
  }

  static void OnStart(void* self, const char* name, const char** attributes) {
    static_cast<FeedReader*>(self)->Start(name, attributes);
  }
  static void OnEnd(void* self, const char*) { static_cast<FeedReader*>(self)->End(); }
  static void OnText(void* self, const char* text, int size) {
    static_cast<FeedReader*>(self)->Text({text, static_cast<std::size_t>(size)});
  }
  static void OnDoctype(void* self, const char*, const char*, const char*, int) {
    static_cast<FeedReader*>(self)->Stop("a document type is declared, which a feed does not need");
  }

  void Stop(const char* why) {
    if (status_) {
      status_ =
          Fail(ErrorCode::kInvalidArgument,
               fmt::format("{}, line {}: {}", table_.name, XML_GetCurrentLineNumber(parser_), why));
    }
    XML_StopParser(parser_, XML_FALSE);
  }

  void Start(std::string_view name, const char** attributes) {
    if (++level_ > kMaxLevels) return Stop("elements are nested too deeply");
    const auto cut = name.rfind(kSeparator);
    const std::string_view local = cut == std::string_view::npos ? name : name.substr(cut + 1);
    if (item_level_ == 0) {
      if (local != "item" && local != "entry") return;
      item_level_ = level_;
      row_ = {.line = XML_GetCurrentLineNumber(parser_)};
      elements_.clear();
      item_bytes_ = 0;
      return;
    }
    if (elements_.size() == kMaxElements) {
      item_bytes_ = kMaxRow_bytes + 1;
      return open_.push_back(kMaxElements - 1);
    }
    const std::string outer = open_.empty() ? "" : elements_[open_.back()].name + ".";
    open_.push_back(elements_.size());
    elements_.push_back({outer + std::string(local), "", name.starts_with(kGoogle)});
    item_bytes_ += elements_.back().name.size();
    // Atom's links are attributes.
    for (std::size_t i = 0; attributes[i] != nullptr; i += 2) {
      if (local == "link" && std::string_view(attributes[i]) == "href") Text(attributes[i + 1]);
    }
  }

  void Text(std::string_view text) {
    if (open_.empty()) return;
    item_bytes_ += text.size();
    if (item_bytes_ <= kMaxRow_bytes) elements_[open_.back()].text += text;
  }

  void End() {
    if (item_level_ == level_) {
      item_level_ = 0;
      EndItem();
    } else if (!open_.empty()) {
      open_.pop_back();
    }
    --level_;
  }

  // Where both RSS and Google have an element, such as the title, Google's counts.
  bool IsOverruled(const Element& element) const {
    if (element.is_google) return false;
    return std::ranges::any_of(elements_, [&element](const Element& other) {
      return other.is_google && other.name == element.name;
    });
  }

  void EndItem() {
    if (item_bytes_ > kMaxRow_bytes) {
      row_.problem = "the item is longer than 1 MiB or has too many elements";
    }
    for (std::size_t i = 0; row_.problem.empty() && i < elements_.size(); ++i) {
      const std::string_view text = TrimSpaces(elements_[i].text);
      if (text.empty() || IsOverruled(elements_[i])) continue;
      if (const auto column = table_.columns.Number(elements_[i].name)) {
        row_.cells.push_back({*column, std::string(text)});
      } else {
        row_.problem = "too many columns";
      }
    }
    if (!row_.problem.empty()) row_.cells.clear();
    if (status_) status_ = visit_(std::move(row_));
    elements_.clear();
    if (!status_) XML_StopParser(parser_, XML_FALSE);
  }

  StreamedTable& table_;
  const VisitRow& visit_;
  XML_Parser parser_;
  StreamedRow row_;
  std::vector<Element> elements_;  // of the item so far
  std::vector<std::size_t> open_;  // of them, from the outermost one
  std::size_t level_ = 0, item_level_ = 0, item_bytes_ = 0;
  std::int64_t taken_bytes_ = 0;
  Status status_;
};

}  // namespace

std::unique_ptr<RowReader> MakeFeedReader(StreamedTable& table, const VisitRow& visit) {
  return std::make_unique<FeedReader>(table, visit);
}

}  // namespace inlier
