#include "server/import.h"

#include <fstream>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inlier/catalogue.h"
#include "server/archive.h"
#include "server/multipart.h"

namespace inlier::server {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostParts = 100'000;
constexpr std::size_t kInFlight = 64;  // items that wait for the writer
constexpr std::uint64_t kMegabyte = 1'000'000;

// A folder that goes with this object.
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

// Writes each part that has a file name to a file of that name.
Status UnpackParts(const Upload& upload, const fs::path& folder) {
  const MappedFile file(upload.path());
  const auto parts = ParseMultipart(upload.multipart(), file.bytes(), kMostParts);
  if (!parts) return tl::unexpected(parts.error());
  for (const Part& part : *parts) {
    const fs::path name = fs::path(part.filename).lexically_normal();
    if (name.empty() || name.is_absolute() || *name.begin() == "..")
      return Fail(ErrorCode::kInvalidArgument,
                  "a part has no file name, or one that leads elsewhere");
    std::error_code ec;
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
  for (const auto& entry : fs::directory_iterator(folder, ec)) {
    const std::string ending = entry.path().extension().string();
    const bool is_table = ending == ".csv" || ending == ".tsv" || ending == ".txt" ||
                          ending == ".jsonl" || ending == ".json" || ending == ".xml";
    if (!is_table) continue;
    if (table) return folder;
    table = entry.path();
  }
  return table.value_or(folder);
}

std::optional<std::vector<std::uint8_t>> BytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(in), {});
}

// Counts what waits for the writer.
class InFlight {
 public:
  void Begin() {
    std::unique_lock lock(mutex_);
    less_.wait(lock, [this] { return count_ < kInFlight; });
    ++count_;
  }
  void End() {
    std::lock_guard lock(mutex_);
    --count_;
    less_.notify_all();
  }
  void WaitForAll() {
    std::unique_lock lock(mutex_);
    less_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable less_;
  std::size_t count_ = 0;
};

std::optional<ItemToAdd> ReadEntry(const CatalogueEntry& entry, Jobs::Report& report) {
  ItemToAdd item{.id = entry.id, .pictures = {}, .metadata = entry.metadata};
  for (const fs::path& image : entry.images) {
    if (auto bytes = BytesOf(image))
      item.pictures.emplace_back(std::move(*bytes));
    else
      report.Failed(entry.id + ": the picture " + image.filename().string() + " is not there");
  }
  return item.pictures.empty() ? std::nullopt : std::optional(std::move(item));
}

}  // namespace

Upload::~Upload() {
  std::error_code ec;
  if (!path_.empty()) fs::remove(path_, ec);
}

Status Import(Service& service, const Upload& upload, Jobs::Report& report) {
  const Folder folder(service.work_folder() / ("import-" + report.id()));
  const auto most = static_cast<std::uint64_t>(service.options.max_import_mb) * kMegabyte;
  const auto go_on = [&report] { return !report.cancelled(); };
  Status unpacked = upload.multipart().empty()
                        ? UnpackArchive(upload.path(), folder.path(), 2 * most, go_on)
                        : UnpackParts(upload, folder.path());
  if (!unpacked) return unpacked;
  const auto catalogue = ReadCatalogue(CatalogueIn(folder.path()));
  if (!catalogue) {
    service.log.Note("warning", "import: " + catalogue.error().message);
    return Fail(ErrorCode::kInvalidArgument,
                "the import has no table or pictures that can be read");
  }
  for (const Catalogue::Rejected& row : catalogue->rejected)
    report.Failed(fs::path(row.where).filename().string() + ": " + row.reason);
  InFlight in_flight;
  std::atomic<std::uint64_t> done = 0;
  const std::size_t total = catalogue->entries.size();
  Status status;
  for (const CatalogueEntry& entry : catalogue->entries) {
    if (report.cancelled()) status = Fail(ErrorCode::kCancelled, "the import was given up");
    if (!status) break;
    auto item = ReadEntry(entry, report);
    if (!item) {
      report.Progress(++done, total);
      continue;
    }
    in_flight.Begin();
    const bool taken = service.writer()->SubmitWhenRoom(
        {.what = PutItem{std::move(*item)},
         .if_match = {},
         .done = [&, id = entry.id](Result<Changed> changed) {
           if (!changed) report.Failed(id + ": " + ProblemOf(changed.error()).detail);
           report.Progress(++done, total);
           in_flight.End();
         }});
    if (!taken) {
      in_flight.End();
      status = Fail(ErrorCode::kCancelled, "the server stops");
    }
  }
  in_flight.WaitForAll();
  return status;
}

}  // namespace inlier::server
