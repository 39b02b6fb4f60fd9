# How a build differs whose files leave this machine.
option(INLIER_PACKAGED "Build for a package: hardened, and without a word of the folder it was built in" OFF)
if(INLIER_PACKAGED)
  # The same commit gives the same bytes wherever it is built: __FILE__ is relative, and the places of
  # networks and scripts are those of the installed package. That is also safer, since a program that
  # opens libraries must not look for them in the folder of somebody's build.
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  # What Debian builds its packages with (dpkg-buildflags).
  add_compile_options(-fstack-protector-strong -Wformat -Werror=format-security)
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(LINKER:-z,relro LINKER:-z,now)
endif()
