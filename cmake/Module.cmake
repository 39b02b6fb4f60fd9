option(INLIER_WERROR "Treat warnings of the compiler as errors; .ci/run does" $ENV{INLIER_WERROR})

# inlier_module(NAME SOURCES ... LIBRARIES ... [OPTIONS ...]): one folder of the house as an object
# library. OPTIONS are for the compiler; with them the module does not share the precompiled header,
# since GCC takes the options of the header for those functions that a SIMD target compiles.
function(inlier_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;OPTIONS" ${ARGN})
  add_library(inlier_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(inlier_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(inlier_${name} PUBLIC tl::expected fmt::fmt PRIVATE ${ARG_LIBRARIES})
  inlier_warnings(inlier_${name})
  if(ARG_OPTIONS)
    target_compile_options(inlier_${name} PRIVATE ${ARG_OPTIONS})
    target_link_libraries(inlier_${name} PRIVATE ${precompiled_libraries})
    inlier_precompile_alone(inlier_${name} ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
  else()
    inlier_precompile(inlier_${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY INLIER_LIBRARIES ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY INLIER_MODULES inlier_${name})
endfunction()

# inlier_precompile(TARGET [HOLDER]): compiles the target with the precompiled header that HOLDER
# holds: cmake/precompiled.h, unless the target has one of its own to share, as the tests do.
function(inlier_precompile target)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()  # CMake itself overlooks that for a header which is reused
  endif()
  set(holder inlier_precompiled)
  if(ARGC GREATER 1)
    set(holder ${ARGV1})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${holder})
  inlier_precompiled_flags(${target})
endfunction()

# inlier_precompiled(HOLDER HEADER LIBRARIES ...): a library of nothing but the precompiled HEADER.
function(inlier_precompiled holder header)
  file(CONFIGURE OUTPUT ${holder}.cc CONTENT "// Nothing: a target needs a source.\n")
  add_library(${holder} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${holder}.cc)
  target_link_libraries(${holder} PRIVATE ${ARGN})
  inlier_warnings(${holder})
  inlier_precompile_alone(${holder} ${header})
endfunction()

# inlier_precompile_alone(TARGET HEADER): precompiles HEADER for the target alone.
function(inlier_precompile_alone target header)
  target_precompile_headers(${target} PRIVATE ${header})
  inlier_precompiled_flags(${target})
endfunction()

function(inlier_precompiled_flags target)
  # ccache can tell what a precompiled header holds only with this.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

# inlier_cold(TARGET): its own code takes no time that counts, so it is compiled faster instead.
function(inlier_cold target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(inlier_warnings target)
  # GCC 12 takes "text" + std::string for a copy onto itself (its bug 105651).
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                           -Wno-missing-field-initializers)
  if(INLIER_WERROR)
    # Where bytes are copied into a vector, GCC 12 sometimes believes that they do not fit.
    target_compile_options(${target} PRIVATE -Werror
      $<$<CXX_COMPILER_ID:GNU>:-Wno-error=array-bounds -Wno-error=stringop-overflow>)
  endif()
  if(INLIER_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=address,undefined -fno-sanitize-recover=all
                                            -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
  if(INLIER_SANITIZE_THREADS)
    target_compile_options(${target} PUBLIC -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=thread)
  endif()
  if(INLIER_FUZZ)
    target_compile_options(${target} PUBLIC -fsanitize=fuzzer-no-link)
  endif()
endfunction()
