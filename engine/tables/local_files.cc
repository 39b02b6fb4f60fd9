#include "engine/tables/local_files.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/utf8.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

std::string_view WithoutQuery(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

std::string_view WithoutScheme(std::string_view url) {
  const auto slashes = url.find("//");
  return slashes == std::string_view::npos ? url : url.substr(slashes + 2);
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The names under which programs that download keep the file of a URL, the likeliest first. wget
// writes an @ for the ? where files may not have one.
std::vector<std::string> NamesOf(std::string_view url) {
  const std::string_view path = WithoutQuery(url);
  const std::string name(NameOf(path));
  const std::string query(url.substr(path.size()));
  std::vector<std::string> names;
  if (!query.empty()) {
    names = {name + query, PercentDecoded(name) + query, name + "@" + query.substr(1)};
  }
  names.push_back(name);
  names.push_back(PercentDecoded(name));
  std::erase(names, "");
  return names;
}

// How many names at the end of two paths are equal.
std::size_t CommonNames(std::string_view a, std::string_view b) {
  std::size_t common = 0;
  while (!a.empty() && !b.empty() && NameOf(a) == NameOf(b)) {
    ++common;
    a = a.substr(0, a.size() - std::min(a.size(), NameOf(a).size() + 1));
    b = b.substr(0, b.size() - std::min(b.size(), NameOf(b).size() + 1));
  }
  return common;
}

}  // namespace

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* end = text.data() + i + 3;
      const auto parsed = std::from_chars(text.data() + i + 1, end, byte, 16);
      if (parsed.ec == std::errc() && parsed.ptr == end) {
        decoded += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

Result<LocalFiles> LocalFiles::In(const fs::path& folder) {
  LocalFiles local;
  std::error_code error;
  local.folder_ = fs::absolute(folder, error).lexically_normal();
  const auto fail = [&folder, &error] {
    const bool absent = error == std::errc::no_such_file_or_directory;
    return Fail(absent ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{}: {}", folder.string(), error.message()));
  };
  fs::recursive_directory_iterator entry(local.folder_,
                                         fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored)) {
      local.by_name_[name].push_back(local.files_.size());
      local.files_.push_back(entry->path().lexically_relative(local.folder_).generic_string());
    }
  }
  if (error) return fail();
  return local;
}

std::span<const std::size_t> LocalFiles::Named(const std::vector<std::string>& names, bool folded) {
  if (folded && by_folded_name_.empty()) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      by_folded_name_[FoldedForm(NameOf(files_[i]))].push_back(i);
    }
  }
  const Index& index = folded ? by_folded_name_ : by_name_;
  for (const std::string& name : names) {
    const auto found = index.find(folded ? FoldedForm(name) : name);
    if (found != index.end()) return found->second;
  }
  return {};
}

std::string LocalFiles::Shown(std::size_t file) const { return (folder_ / files_[file]).string(); }

Result<std::size_t> LocalFiles::Choose(std::span<const std::size_t> files,
                                       std::string_view url) const {
  if (files.size() == 1) return files.front();
  const std::string path = PercentDecoded(WithoutScheme(WithoutQuery(url)));
  const std::string folders = path.substr(0, std::min(path.rfind('/'), path.size()));
  std::size_t most = 0, best = 0, second = 0;
  bool is_one = false;
  for (const std::size_t file : files) {
    const std::string& local = files_[file];
    const auto cut = local.rfind('/');
    const std::size_t common =
        1 + (cut == std::string::npos ? 0 : CommonNames(local.substr(0, cut), folders));
    if (common > most) {
      most = common;
      best = file;
      is_one = true;
    } else if (common == most) {
      second = file;
      is_one = false;
    }
  }
  if (is_one) return best;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("both {} and {} may be {}", Shown(best), Shown(second), url));
}

Result<fs::path> LocalFiles::Find(std::string_view url) {
  const std::vector<std::string> names = NamesOf(url);
  auto files = Named(names, /*folded=*/false);
  if (files.empty()) files = Named(names, /*folded=*/true);
  if (files.empty()) {
    return Fail(ErrorCode::kNotFound,
                fmt::format("no file in {} has the name of {}", folder_.string(), url));
  }
  INLIER_ASSIGN_OR_RETURN(const std::size_t file, Choose(files, url));
  // Pictures that were downloaded into one folder overwrite each other when their names are equal.
  const std::string_view path = WithoutScheme(WithoutQuery(url));
  const auto [first, is_new] = url_of_.try_emplace(file, path);
  if (!is_new && first->second != path) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} would be both {} and {}; keep the folders of the URLs (wget -x)",
                            Shown(file), first->second, url));
  }
  return folder_ / files_[file];
}

}  // namespace inlier
