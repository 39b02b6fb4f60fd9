# Writes OUT, the source of bench/commit.h, when the commit has changed, so that results say what made them.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT
"#include \"bench/commit.h\"

namespace inlier {

const char* Commit() { return \"@commit@\"; }

}  // namespace inlier
")
