// The headers of the standard library, of fmt and of OpenCV that nearly every file includes,
// compiled once for all rooms. They are two thirds of the lines that the compiler would read
// otherwise. Only headers from outside the house belong here, so that what a room may include stays
// visible in its files; each file still includes what it uses, which the check of clang-tidy
// compiles without this one.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>
#include <tl/expected.hpp>
