# Installs the library into a new folder, builds a program against it there, and lets it answer.
set(work ${BINARY_DIR}/tests/consumer/work)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    string(JOIN " " command ${ARGV})
    message(FATAL_ERROR "${command}\nended with ${code}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/prefix)
file(GLOB_RECURSE headers ${work}/prefix/include/*.h)
list(TRANSFORM headers PREPEND -include)
run(${CXX_COMPILER} -std=c++20 -fsyntax-only -I${work}/prefix/include ${headers} -x c++ /dev/null)

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${work}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${DRAW_IMAGES} ${work})
run(${work}/build/consumer ${work}/db ${work}/first.png ${work}/second.png ${work}/photo.png)
if(NOT output MATCHES "second\n$")
  message(FATAL_ERROR "expected 'second', got '${output}'")
endif()
run(${work}/prefix/bin/inlier --version)
