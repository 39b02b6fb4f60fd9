// An import at the gateway of a cluster: its items are PUT, as a client would put them.
#include "server/cluster_import.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "server/in_flight.h"
#include "server/target.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace inlier::server {
namespace {

// The server that takes the changes writes those that arrive together in one go.
constexpr std::size_t kAtOnce = 16;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kPause = std::chrono::milliseconds(500);

// A boundary that no picture contains, unless by chance.
std::string DrawnBoundary() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

class ClusterImport {
 public:
  ClusterImport(const Cluster& cluster, const Catalogue& catalogue, const ReadEntry& read,
                Jobs::Report& report)
      : cluster_(cluster),
        entries_(catalogue.entries),
        read_(read),
        report_(report),
        boundary_(DrawnBoundary()) {}

  Status Run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::min(kAtOnce, entries_.size()); ++i)
      threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    if (report_.cancelled()) return Fail(ErrorCode::kCancelled, "the import was given up");
    return outcome_;
  }

 private:
  void Work() {
    try {
      for (std::size_t i = next_++; i < entries_.size() && !ended_; i = next_++) {
        if (Status put = PutEntry(i); !put) return End(std::move(put));
        std::lock_guard lock(mutex_);
        report_.Progress(++done_, entries_.size());
      }
    } catch (const std::exception& thrown) {  // for example because there is no memory
      End(Fail(ErrorCode::kIo, std::string("an import: ") + thrown.what()));
    }
  }

  void End(Status with) {
    std::lock_guard lock(mutex_);
    if (outcome_) outcome_ = std::move(with);
    ended_ = true;
  }

  // Errors: those that end the import.
  Status PutEntry(std::size_t number) {
    auto item = read_(entries_[number]);
    if (!item) return {};
    const InFlight::Share share(in_flight_, 2 * SizeOf(*item));
    const std::string id = item->id, body = BodyOf(*std::exchange(item, std::nullopt));
    const HttpClient::Request request{
        .host = {},
        .port = {},
        .method = "PUT",
        .target = "/v1/items/" + PercentEncoded(id),
        .headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary_},
                    {"Idempotency-Key", fmt::format("{}-{}", report_.id(), number)}},
        .body = body};
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (true) {
      if (report_.cancelled()) return Fail(ErrorCode::kCancelled, "the import was given up");
      const auto reply = cluster_.AskWriter(request);
      if (reply && reply->status < 300) return {};
      const bool is_final = reply && reply->status != 503 && reply->status != 429;
      if (is_final) {
        report_.Failed(id + ": " + wire::ReadProblemDetail(reply->body));
        return {};
      }
      if (ended_ || std::chrono::steady_clock::now() > until)
        return Fail(ErrorCode::kUnavailable, "no server takes the changes of an import");
      std::this_thread::sleep_for(kPause);
    }
  }

  std::string BodyOf(const ItemToAdd& item) const {
    std::string body;
    const auto add = [&](std::string_view name, std::string_view content) {
      body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", boundary_,
                          name);
      body.append(content).append("\r\n");
    };
    for (const Picture& picture : item.pictures) {
      const auto& bytes = std::get<std::vector<std::uint8_t>>(picture);
      add("picture", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    if (!item.metadata.empty()) add("metadata", wire::MetadataText(item.metadata));
    return body + "--" + boundary_ + "--\r\n";
  }

  const Cluster& cluster_;
  const std::vector<CatalogueEntry>& entries_;
  const ReadEntry& read_;
  Jobs::Report& report_;
  const std::string boundary_;
  InFlight in_flight_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  Status outcome_;
};

}  // namespace

Status PutThroughCluster(const Cluster& cluster, const Catalogue& catalogue, const ReadEntry& read,
                         Jobs::Report& report) {
  return ClusterImport(cluster, catalogue, read, report).Run();
}

}  // namespace inlier::server
