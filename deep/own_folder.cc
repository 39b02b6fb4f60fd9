#include "deep/own_folder.h"

#include <dlfcn.h>
#include <link.h>

namespace inlier {

std::filesystem::path OwnFolder() {
  Dl_info info{};
  link_map* object = nullptr;
  if (dladdr1(reinterpret_cast<const void*>(&OwnFolder), &info, reinterpret_cast<void**>(&object),
              RTLD_DL_LINKMAP) == 0 ||
      object == nullptr)
    return {};
  // The program itself has no name there, and the name that it was called by may lead to another
  // place: libraries are loaded from this folder, so it must not be somebody's working folder.
  const std::filesystem::path file = *object->l_name == 0 ? "/proc/self/exe" : object->l_name;
  std::error_code ec;
  const auto own = std::filesystem::canonical(file, ec);
  return ec ? std::filesystem::path() : own.parent_path();
}

}  // namespace inlier
