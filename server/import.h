#pragma once

#include <filesystem>
#include <string>

#include "server/jobs.h"
#include "server/service.h"

namespace inlier::server {

/// The body of an import, in a file that is removed with this object.
class Upload {
 public:
  /// `multipart`: the content type of a multipart body; empty: the file is an archive.
  Upload(std::filesystem::path path, std::string multipart)
      : path_(std::move(path)), multipart_(std::move(multipart)) {}
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::string& multipart() const { return multipart_; }

 private:
  std::filesystem::path path_;
  std::string multipart_;
};

/// Brings a catalogue into the database: a table with its pictures, or pictures alone, as
/// ReadCatalogue has them. Its items are put one by one through the writer, so that they share
/// syncs with each other and with what others put. A row or a picture that cannot be used fails
/// alone.
Status Import(Service& service, const Upload& upload, Jobs::Report& report);

}  // namespace inlier::server
