# All of these are Debian 12 packages, which scripts/setup installs.
find_package(OpenCV 4.6 REQUIRED COMPONENTS core imgproc imgcodecs features2d calib3d)
find_package(faiss REQUIRED)
find_package(RocksDB REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(hwy REQUIRED)
# Population counts and products of 16 bits in one instruction, where the machine has them.
add_compile_definitions(HWY_WANT_AVX3_DL)
# Processors with SSSE3 but without SSE4.1 were sold for a year or two around 2007. They take the
# baseline, and every file of kernels is compiled once less.
add_compile_definitions(HWY_DISABLED_TARGETS=HWY_SSSE3)
find_package(Eigen3 3.4 REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(BLAS REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(lcms2 REQUIRED IMPORTED_TARGET lcms2)
find_package(JPEG REQUIRED)  # libjpeg-turbo, for its DCT at n/8 and its orders of colours
pkg_check_modules(png REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(gif REQUIRED IMPORTED_TARGET libgif)
find_package(ZLIB REQUIRED)
find_path(STB_INCLUDE_DIR stb/stb_image.h REQUIRED)
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebpdemux libwebp)
pkg_check_modules(tiff REQUIRED IMPORTED_TARGET libtiff-4)
# Of libheif only the header: Debian builds the library with x265, which is under the GPL, so it is
# opened when a picture needs it and never linked.
find_path(HEIF_INCLUDE_DIR libheif/heif.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
# The server. Of prometheus-cpp only the core: its exposer would bring a second web server.
find_package(spdlog 1.10 REQUIRED)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
# libarchive is linked in, with what tar files need of it. As a shared library it brings libxml2, and
# that brings 30 MB of tables of ICU, which every command of the program would load.
find_library(ARCHIVE_LIBRARY libarchive.a REQUIRED)
find_path(ARCHIVE_INCLUDE_DIR archive.h REQUIRED)
set(archive_libraries ${ARCHIVE_LIBRARY} nettle lzma zstd bz2 ZLIB::ZLIB -Wl,--gc-sections)

# ONNX Runtime is in no Debian package; scripts/setup-deep fetches one copy for all presets. Method
# deep is compiled with its headers alone: the program opens the library when a network is asked for.
set(INLIER_DEEP_FOLDER ${PROJECT_SOURCE_DIR}/build/deep CACHE PATH "What scripts/setup-deep made")
set(runtime ${INLIER_DEEP_FOLDER}/onnxruntime)
set(INLIER_DEEP_HEADERS OFF)
set(INLIER_HAS_DEEP OFF)  # it can run here as well, so it is tested and installed
if(EXISTS ${runtime}/include/onnxruntime_cxx_api.h)
  set(INLIER_DEEP_HEADERS ON)
  if(EXISTS ${runtime}/lib/libonnxruntime.so.1)
    set(INLIER_HAS_DEEP ON)
  endif()
else()
  message(STATUS "No ONNX Runtime in ${runtime}: method deep is left out (scripts/setup-deep fetches it)")
endif()
