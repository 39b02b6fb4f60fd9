#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace inlier {

/// Is it a URL, with or without its scheme (//cdn.example.com/a.jpg)? A file:// URL is a path.
bool IsUrl(std::string_view picture);

/// The pictures that a cell names. Without a `separator`, the cell is cut at line breaks, or at |,
/// ; or commas, but only where every part looks like the name of a picture; URLs may have such
/// characters in them, and are cut where another URL begins. `exists` says whether the cell as a
/// whole is a file.
std::vector<std::string> PicturesOfCell(std::string_view cell, std::string_view separator,
                                        const std::function<bool(std::string_view)>& exists);

}  // namespace inlier
