#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/error.h"
#include "inlier/options.h"

namespace inlier::server {

/// What `inlier serve` can be told besides its database. Flags (--max-body-kb), variables of the
/// environment (INLIER_MAX_BODY_KB), the configuration file and help are made from Visit.
struct ServerOptions {
  std::string listen = "127.0.0.1:8080";
  bool read_only = false;
  std::string keys_file;
  bool allow_without_keys = false;
  std::string cors_origins;
  std::string trusted_proxies;
  std::string log = "stderr";
  std::string snapshots;
  std::string cluster;
  int shard_epoch = 0;

  int workers = 0;
  int queue = 0;
  int queue_wait_ms = 500;
  int refusal_pause_ms = 30;
  int io_threads = 1;
  int write_queue = 256;
  int write_group = 64;

  int max_body_kb = 32'768;
  int max_header_bytes = 16'384;
  int max_import_mb = 4'096;
  int max_batch = 64;
  int max_side_px = 20'000;
  int decode_memory_mb = 2'048;
  int body_memory_mb = 512;
  int max_connections = 2'048;
  int max_connections_per_address = 512;
  int requests_per_minute = 0;
  int min_free_disk_mb = 256;

  int idle_timeout_ms = 60'000;
  int header_timeout_ms = 10'000;
  int body_timeout_ms = 30'000;
  int import_timeout_ms = 3'600'000;
  int answer_timeout_ms = 30'000;
  int write_timeout_ms = 30'000;
  int stop_timeout_ms = 20'000;
  int refresh_ms = 500;

  /// Calls `visit(Field, value&)` for each option; `self` may be const.
  static void Visit(auto& self, auto&& visit) {
    VisitAccess(self, visit);
    VisitWork(self, visit);
    VisitLimits(self, visit);
    VisitDeadlines(self, visit);
  }

  /// What 0 stands for.
  int worker_count() const;
  int queue_length() const { return queue > 0 ? queue : 2 * worker_count(); }

 private:
  static constexpr double kDay_ms = 86'400'000;

  static void VisitAccess(auto& self, auto& visit) {
    visit(Field{"listen", "address and port; port 0 takes a free one and says which"}, self.listen);
    visit(Field{"read_only", "refuse changes, and follow those that another process makes"},
          self.read_only);
    visit(Field{"keys_file", "file of API keys, one 'ROLE NAME KEY' a line; read again on SIGHUP"},
          self.keys_file);
    visit(Field{"allow_without_keys",
                "let everybody do everything at an address that is not this machine alone"},
          self.allow_without_keys);
    visit(
        Field{
            "cors_origins",
            "origins whose pages may send requests, separated by commas; empty: none but our own"},
        self.cors_origins);
    visit(Field{"trusted_proxies",
                "addresses of proxies whose X-Forwarded-For counts, separated by commas"},
          self.trusted_proxies);
    visit(Field{"log", "where the line of each request goes: stderr, stdout, none or a file"},
          self.log);
    visit(Field{"cluster",
                "file that says who serves the shards of a catalogue: answer as their gateway, "
                "without a database"},
          self.cluster);
    visit(Field{"shard_epoch",
                "number of this server's placement in a cluster, which gateways have to name; 0: "
                "any",
                0, 2e9},
          self.shard_epoch);
    visit(Field{"snapshots", "folder of the snapshots; empty: beside the database, on its disk"},
          self.snapshots);
  }

  static void VisitWork(auto& self, auto& visit) {
    visit(Field{"workers", "queries at once; 0: one for each core", 0, 1024}, self.workers);
    visit(Field{"queue", "queries that may wait; 0: twice the workers", 0, 100'000}, self.queue);
    visit(Field{"queue_wait_ms", "longest wait in the queue; what would wait longer gets 503", 1,
                kDay_ms},
          self.queue_wait_ms);
    visit(Field{"refusal_pause_ms",
                "how long a 503 of a full queue is held back, for clients that ask again at once",
                0, 1'000},
          self.refusal_pause_ms);
    visit(Field{"io_threads", "threads that read requests and write answers", 1, 64},
          self.io_threads);
    visit(Field{"write_queue", "changes that may wait to be written", 1, 1'000'000},
          self.write_queue);
    visit(Field{"write_group", "most changes that one sync to disk serves", 1, 10'000},
          self.write_group);
  }

  static void VisitLimits(auto& self, auto& visit) {
    visit(Field{"max_body_kb", "largest body of a request but an import", 1, 4'000'000},
          self.max_body_kb);
    visit(Field{"max_header_bytes", "largest header of a request", 1'024, 1 << 20},
          self.max_header_bytes);
    visit(Field{"max_import_mb", "largest body of an import", 1, 1'000'000'000},
          self.max_import_mb);
    visit(Field{"max_batch", "most photos of one batch", 1, 10'000}, self.max_batch);
    visit(Field{"max_side_px", "longest side of a picture that is decoded", 16, 65'535},
          self.max_side_px);
    visit(Field{"decode_memory_mb", "memory that all decoders together may take", 64, 1'000'000},
          self.decode_memory_mb);
    visit(Field{"body_memory_mb", "memory that the bodies of all requests together may take", 1,
                1'000'000},
          self.body_memory_mb);
    visit(Field{"max_connections", "connections at once", 1, 1'000'000}, self.max_connections);
    visit(Field{"max_connections_per_address",
                "of them from one address that is no trusted proxy; 0: as many as there may be", 0,
                1'000'000},
          self.max_connections_per_address);
    visit(Field{"requests_per_minute", "of one key, or of one address without keys; 0: any number",
                0, 1'000'000'000},
          self.requests_per_minute);
    visit(Field{"min_free_disk_mb", "with less room on disk, nothing is written and /readyz fails",
                0, 1'000'000'000},
          self.min_free_disk_mb);
  }

  static void VisitDeadlines(auto& self, auto& visit) {
    visit(Field{"idle_timeout_ms", "until a connection without a request is closed", 1, kDay_ms},
          self.idle_timeout_ms);
    visit(Field{"header_timeout_ms", "for the whole header of a request", 1, kDay_ms},
          self.header_timeout_ms);
    visit(Field{"body_timeout_ms", "for the whole body of a request but an import", 1, kDay_ms},
          self.body_timeout_ms);
    visit(Field{"import_timeout_ms", "for the whole body of an import", 1, kDay_ms},
          self.import_timeout_ms);
    visit(
        Field{"answer_timeout_ms", "from the whole request to the start of its answer", 1, kDay_ms},
        self.answer_timeout_ms);
    visit(Field{"write_timeout_ms", "for an answer, and for each part of a large one", 1, kDay_ms},
          self.write_timeout_ms);
    visit(
        Field{"stop_timeout_ms", "for what still runs when the server is told to stop", 0, kDay_ms},
        self.stop_timeout_ms);
    visit(Field{"refresh_ms", "how often a read-only server looks for changes", 1, kDay_ms},
          self.refresh_ms);
  }
};

/// Sets a field from text; a truth value is true, false, 1, 0, yes, no, on or off. Errors:
/// kInvalidArgument (no such field, not such a value).
Status SetOption(ServerOptions& options, std::string_view name, std::string_view value);
/// Errors: kInvalidArgument naming the field that is outside its range, or makes no sense.
Status Validate(const ServerOptions& options);

/// The two sides of `listen`. An IPv6 address is in brackets: [::1]:8080. Errors: kInvalidArgument.
struct Endpoint {
  std::string address;
  unsigned short port = 0;
};
Result<Endpoint> ParseEndpoint(std::string_view listen);
/// True for addresses that only programs of this machine can reach.
bool IsLoopback(std::string_view address);
/// The parts between commas, without spaces around them and without empty ones.
std::vector<std::string> SplitList(std::string_view text);

}  // namespace inlier::server
