# Sets the target inlier::inlier, and inlier_prefix, where the library and the command are installed.
# An installed copy is found as any package is (CMAKE_PREFIX_PATH). Without one, the engine is built
# here, from the checkout that this folder lies in.
find_package(inlier 0.1 CONFIG QUIET)
if(NOT inlier_FOUND)
  execute_process(COMMAND ${checkout}/scripts/setup --missing OUTPUT_VARIABLE missing
                  OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "To build the engine these Debian packages are missing: ${missing}\n"
                        "Run scripts/setup, or: apt-get install ${missing}")
  endif()
  set(engine ${CMAKE_CURRENT_BINARY_DIR}/engine)
  message(STATUS "No installed inlier was found: building it in ${engine}, which takes minutes")
  foreach(step
      "-S;${checkout};-B;${engine};-G;Ninja;-DCMAKE_BUILD_TYPE=Release;-DINLIER_TESTS=OFF"
      "--build;${engine};--target;libinlier.so;inlier-cli"
      "--install;${engine};--prefix;${engine}/prefix")
    execute_process(COMMAND ${CMAKE_COMMAND} ${step} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  find_package(inlier 0.1 CONFIG REQUIRED PATHS ${engine}/prefix NO_DEFAULT_PATH)
endif()

# The package of CMake lies in PREFIX/LIBDIR/cmake/inlier.
get_target_property(inlier_library inlier::inlier IMPORTED_LOCATION_RELEASE)
get_target_property(inlier_soname inlier::inlier IMPORTED_SONAME_RELEASE)
file(REAL_PATH ${inlier_library} inlier_library)
file(REAL_PATH ${inlier_DIR}/../../.. inlier_prefix)
if(NOT EXISTS ${inlier_prefix}/bin/inlier)
  file(REAL_PATH ${inlier_prefix}/.. inlier_prefix)  # LIBDIR has two parts, as in lib/x86_64-linux-gnu
endif()
