option(INLIER_WERROR "Treat warnings of the compiler as errors; .ci/run does" $ENV{INLIER_WERROR})

# inlier_module(NAME SOURCES ... LIBRARIES ...): one folder of the house as an object library.
function(inlier_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(inlier_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(inlier_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(inlier_${name} PUBLIC tl::expected fmt::fmt PRIVATE ${ARG_LIBRARIES})
  inlier_warnings(inlier_${name})
  inlier_precompile(inlier_${name})
  set_property(GLOBAL APPEND PROPERTY INLIER_LIBRARIES ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY INLIER_MODULES inlier_${name})
endfunction()

# inlier_precompile(TARGET [HEADER]): compiles cmake/precompiled.h, or HEADER, once for the target.
function(inlier_precompile target)
  set(header ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
  if(ARGC GREATER 1)
    set(header ${ARGV1})
  endif()
  target_precompile_headers(${target} PRIVATE ${header})
  # ccache can tell what a precompiled header holds only with this.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
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
