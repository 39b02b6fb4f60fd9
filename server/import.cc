#include "server/import.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inlier/catalogue.h"
#include "server/archive.h"
#include "server/cluster_import.h"
#include "server/in_flight.h"
#include "server/multipart.h"

namespace inlier::server {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxParts = 100'000;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kBytesPerLook = 64 * kMegabyte;  // unpacked between looks at the disk

// A folder that is removed with this object.
class Folder {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {
    std::error_code ec;
    fs::create_directories(path_, ec);
  }
  ~Folder() {
    std::error_code ec;
    fs::remove_all(path_, ec);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The bytes of a file, mapped, so that a body of gigabytes takes no memory.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::error_code ec;
    size_ = fs::file_size(path, ec);
    if (file >= 0 && !ec && size_ > 0)
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    if (file >= 0) ::close(file);
  }
  ~MappedFile() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::uint8_t> bytes() const {
    if (data_ == MAP_FAILED) return {};
    return {static_cast<const std::uint8_t*>(data_), size_};
  }

 private:
  void* data_ = MAP_FAILED;
  std::size_t size_ = 0;
};

// Ends the unpacking when the job is cancelled or the disk gets full: what is unpacked must not
// take the room that changes need.
GoOn WhileThereIsRoom(const Service& service, const Jobs::Report& report) {
  return [&service, &report, since = kBytesPerLook](std::uint64_t bytes) mutable -> Status {
    if (report.cancelled()) return Fail(ErrorCode::kCancelled, "the import was given up");
    since += bytes;
    if (since < kBytesPerLook) return {};
    since = 0;
    if (service.DiskIsFull()) return Fail(ErrorCode::kDiskFull, "the import: the disk is full");
    return {};
  };
}

// Writes each part that has a file name to a file of that name, within the folder.
Status UnpackParts(const Upload& upload, const fs::path& folder, const GoOn& go_on) {
  const MappedFile file(upload.path());
  const auto parts = ParseMultipart(upload.multipart(), file.bytes(), kMaxParts);
  if (!parts) return tl::unexpected(parts.error());
  for (const Part& part : *parts) {
    const fs::path name = fs::path(part.filename).lexically_normal();
    if (name.empty() || name.is_absolute() || *name.begin() == "..")
      return Fail(ErrorCode::kInvalidArgument,
                  "a part has no file name, or one that leads elsewhere");
    std::error_code ec;
    if (fs::exists(folder / name, ec))
      return Fail(ErrorCode::kInvalidArgument, "two parts have the same file name");
    Status status = go_on(part.bytes.size());
    if (!status) return status;
    fs::create_directories((folder / name).parent_path(), ec);
    std::ofstream out(folder / name, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(part.bytes.data()),
              static_cast<std::streamsize>(part.bytes.size()));
    out.close();
    if (!out)
      return Fail(errno == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIo,
                  "a part of the import cannot be written");
  }
  return {};
}

// What is read: the one table at the top of the folder, or the folder.
fs::path CatalogueIn(const fs::path& folder) {
  std::optional<fs::path> table;
  std::error_code ec;
  for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
    const std::string ending = at->path().extension().string();
    const bool is_table = ending == ".csv" || ending == ".tsv" || ending == ".txt" ||
                          ending == ".jsonl" || ending == ".json" || ending == ".xml";
    if (!is_table) continue;
    if (table) return folder;
    table = at->path();
  }
  return table.value_or(folder);
}

// Reads the pictures of entries, and only those that came with the import. A row is written by the
// client and may name any file of this machine, so a path counts by where it leads in the end.
class PictureReader {
 public:
  PictureReader(const fs::path& folder, std::uint64_t most_bytes) : most_bytes_(most_bytes) {
    std::error_code ec;
    folder_ = fs::canonical(folder, ec);
  }

  // A picture that is left out is named by its number in the row: the path that the catalogue makes
  // of a row depends on which files there are outside, which is none of the client's business.
  std::optional<ItemToAdd> Read(const CatalogueEntry& entry, Jobs::Report& report) const {
    ItemToAdd item{.id = entry.id, .pictures = {}, .metadata = entry.metadata};
    std::uint64_t left = most_bytes_;
    for (std::size_t i = 0; i < entry.images.size(); ++i) {
      const auto failed = [&](const char* why) {
        report.Failed(entry.id + ": its picture " + std::to_string(i + 1) + ' ' + why);
      };
      if (item.pictures.size() == kMaxPicturesAtOnce) {
        failed("and those after it are too many for one item");
        break;
      }
      const auto path = Place(entry.images[i]);
      std::error_code ec;
      const std::uint64_t bytes = path ? fs::file_size(*path, ec) : 0;
      if (!path || ec) {
        failed("is not among the files of the import");
        continue;
      }
      if (bytes > left) {
        failed("is too large, or the pictures of the item are together");
        continue;
      }
      if (auto read = BytesOf(*path, bytes)) {
        left -= bytes;
        item.pictures.emplace_back(std::move(*read));
      } else {
        failed("cannot be read");
      }
    }
    return item.pictures.empty() ? std::nullopt : std::optional(std::move(item));
  }

 private:
  // The ordinary file within the folder that a path leads to. A path that begins with a slash may
  // start at the folder: that has to work whether or not there is such a file on this machine.
  std::optional<fs::path> Place(const fs::path& image) const {
    for (const fs::path& path : {image, folder_ / image.relative_path()}) {
      std::error_code ec;
      const fs::path place = fs::weakly_canonical(path, ec);
      if (ec || folder_.empty()) continue;
      const auto within = std::ranges::mismatch(folder_, place).in1 == folder_.end();
      if (within && fs::is_regular_file(fs::symlink_status(place, ec))) return place;
    }
    return std::nullopt;
  }

  static std::optional<std::vector<std::uint8_t>> BytesOf(const fs::path& path,
                                                          std::uint64_t size) {
    std::ifstream in(path, std::ios::binary);
    std::vector<std::uint8_t> bytes(size);
    if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
      return std::nullopt;
    return bytes;
  }

  fs::path folder_;
  const std::uint64_t most_bytes_;  // of the pictures of one item, as in a body
};

// Hands the items of a catalogue to the writer, and returns when all of them are written.
Status PutAll(Service& service, const Catalogue& catalogue, const PictureReader& pictures,
              Jobs::Report& report) {
  const std::size_t total = catalogue.entries.size();
  std::atomic<std::uint64_t> done = 0;
  InFlight in_flight;  // behind what the changes use, so that it waits for them first
  for (const CatalogueEntry& entry : catalogue.entries) {
    if (report.cancelled()) return Fail(ErrorCode::kCancelled, "the import was given up");
    auto item = pictures.Read(entry, report);
    if (!item) {
      report.Progress(++done, total);
      continue;
    }
    auto share = std::make_shared<InFlight::Share>(in_flight, SizeOf(*item));
    const bool taken = service.writer()->SubmitWhenRoom(
        {.what = PutItem{std::move(*item)},
         .if_match = {},
         .done = [&, id = entry.id, share = std::move(share)](ChangeOutcome changed) {
           if (!changed) report.Failed(id + ": " + ProblemOf(changed.error().error).detail);
           report.Progress(++done, total);
         }});
    if (!taken) return Fail(ErrorCode::kCancelled, "the server stops");
  }
  return {};
}

}  // namespace

Upload::~Upload() {
  std::error_code ec;
  if (!path_.empty()) fs::remove(path_, ec);
}

Status Import(Service& service, const Upload& upload, Jobs::Report& report) {
  const Folder folder(service.work_folder() / ("import-" + report.id()));
  const auto most = static_cast<std::uint64_t>(service.options.max_import_mb) * kMegabyte;
  const GoOn go_on = WhileThereIsRoom(service, report);
  Status unpacked = upload.multipart().empty()
                        ? UnpackArchive(upload.path(), folder.path(), 2 * most, go_on)
                        : UnpackParts(upload, folder.path(), go_on);
  if (!unpacked) return unpacked;
  const auto catalogue = ReadCatalogue(CatalogueIn(folder.path()));
  if (!catalogue) {
    service.log.Note("warning", "import: " + catalogue.error().message);
    return Fail(ErrorCode::kInvalidArgument,
                "the import has no table or pictures that can be read");
  }
  for (const Catalogue::Rejected& row : catalogue->rejected)
    report.Failed(fs::path(row.where).filename().string() + ": " + row.reason);
  const PictureReader pictures(folder.path(),
                               static_cast<std::uint64_t>(service.options.max_body_kb) * 1'000);
  if (service.cluster() == nullptr) return PutAll(service, *catalogue, pictures, report);
  return PutThroughCluster(
      *service.cluster(), *catalogue,
      [&](const CatalogueEntry& entry) { return pictures.Read(entry, report); }, report);
}

}  // namespace inlier::server
