# Installs the library into a new folder, compiles each public header by itself, builds the examples
# against the installed copy as a stranger would, and runs them.
set(work ${BINARY_DIR}/tests/package/work)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    string(JOIN " " command ${ARGV})
    message(FATAL_ERROR "${command}\nended with ${code}:\n${output}${error}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect pattern)
  if(NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "expected '${pattern}', got '${output}'")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/prefix)
if(NOT EXISTS ${work}/prefix/share/man/man1/inlier-query.1.gz)
  message(FATAL_ERROR "the man pages are not installed")
endif()
file(GLOB_RECURSE headers ${work}/prefix/include/*.h)
foreach(header IN LISTS headers)
  run(${CXX_COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -I${work}/prefix/include
      -include ${header} -x c++ /dev/null)
endforeach()

run(${CMAKE_COMMAND} -S ${EXAMPLES} -B ${work}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${DRAW_IMAGES} ${work})

run(${work}/build/index_and_ask ${work}/items ${work}/db ${work}/photo.png)
expect("2 items added, 0 unchanged\nsecond, probability")
run(${work}/build/index_and_ask ${work}/items ${work}/db ${work}/photo.png)
expect("0 items added, 2 unchanged\nsecond, probability")

set(first Acme=${work}/items/first.png)
set(second Other=${work}/items/second.png)
run(${work}/build/metadata_filter ${work}/brands Nobody ${work}/photo.png ${first} ${second})
expect("^nothing of ")
run(${work}/build/metadata_filter ${work}/brands Other ${work}/photo.png)
expect("^second brand=Other\n$")
run(${work}/build/metadata_filter ${work}/brands Acme ${work}/photo.png)
expect("^nothing of Acme\n$")

if(HAS_DEEP)
  run(${work}/build/own_embedding ${work}/tiny.json ${work}/deep ${work}/photo.png
      ${work}/items/first.png ${work}/items/second.png)
  expect("(first|second), cosine [0-9.]+")
endif()
run(${work}/prefix/bin/inlier --version)
