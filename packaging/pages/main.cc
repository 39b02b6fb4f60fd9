// Writes what a package installs beside the program and what the program's own tables say: man
// pages, completions for three shells, and a configuration file for the service.
//
// inlier_pages FOLDER DATABASE
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "packaging/pages/pages.h"

namespace inlier::packaging {
namespace {

namespace fs = std::filesystem;

void Write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(file.string() + " cannot be written");
}

void WriteAll(const fs::path& folder, const fs::path& database) {
  fs::remove_all(folder);  // a command may have gone
  Write(folder / "man/man1/inlier.1", OverviewManual());
  for (const cli::Command& command : cli::Commands())
    Write(folder / fmt::format("man/man1/inlier-{}.1", command.name), CommandManual(command));
  Write(folder / "man/man7/inlier-options.7", OptionsManual());
  Write(folder / "bash-completion/completions/inlier", BashCompletion());
  Write(folder / "zsh/vendor-completions/_inlier", ZshCompletion());
  Write(folder / "fish/vendor_completions.d/inlier.fish", FishCompletion());
  Write(folder / "serve.conf", ServerConfiguration(database));
}

}  // namespace
}  // namespace inlier::packaging

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: inlier_pages FOLDER DATABASE\n", stderr);
    return 2;
  }
  try {
    inlier::packaging::WriteAll(argv[1], argv[2]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "inlier_pages: {}\n", e.what());
    return 1;
  }
  return 0;
}
