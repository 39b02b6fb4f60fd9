# What cpack makes of the installed files: inlier (program, service), libinlierX.Y and libinlier-dev.
# scripts/package runs it. Only the three components below are packed, so networks and ONNX Runtime,
# which method deep opens when it is asked for, stay out.
set(debian ${CMAKE_CURRENT_LIST_DIR})
set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(library_package libinlier${soname})  # Debian's policy 8.1: the name of the library and its soname
set(revision 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Inlier maintainers <maintainers@inlier.invalid>"
    CACHE STRING "Who answers for the packages")

# The date of the packages is that of the commit, so that two builds of it are equal.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(epoch $ENV{SOURCE_DATE_EPOCH})
else()
  set(epoch 0)  # nobody asked for packages; scripts/package sets it
endif()
execute_process(COMMAND date --utc --rfc-email --date=@${epoch} OUTPUT_VARIABLE date
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(made ${CMAKE_CURRENT_BINARY_DIR}/debian)
file(CONFIGURE OUTPUT ${made}/changelog.Debian @ONLY CONTENT
"inlier (@PROJECT_VERSION@-@revision@) bookworm; urgency=medium

  * Version @PROJECT_VERSION@; changelog.gz says what is in it.

 -- @CPACK_DEBIAN_PACKAGE_MAINTAINER@  @date@
")
add_custom_command(OUTPUT ${made}/changelog.gz ${made}/changelog.Debian.gz
  COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${made}/changelog.gz
  COMMAND gzip -9nc ${made}/changelog.Debian > ${made}/changelog.Debian.gz
  DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${made}/changelog.Debian)
add_custom_target(inlier_debian_changelogs ALL DEPENDS ${made}/changelog.gz ${made}/changelog.Debian.gz)

# debian_package(COMPONENT PACKAGE): the files that Debian wants in each of its packages.
function(debian_package component package)
  install(FILES ${made}/changelog.gz ${made}/changelog.Debian.gz ${debian}/copyright
          DESTINATION share/doc/${package} COMPONENT ${component})
  if(EXISTS ${debian}/${component}.overrides)
    configure_file(${debian}/${component}.overrides ${made}/overrides/${package} @ONLY)
    install(FILES ${made}/overrides/${package} DESTINATION share/lintian/overrides COMPONENT ${component})
  endif()
endfunction()
debian_package(program inlier)
debian_package(library ${library_package})
debian_package(development libinlier-dev)
install(FILES ${debian}/README.Debian ${PROJECT_SOURCE_DIR}/docs/SERVER.md DESTINATION share/doc/inlier COMPONENT program)
install(FILES ${debian}/inlier.service DESTINATION lib/systemd/system COMPONENT program)
install(FILES ${debian}/sysusers.conf DESTINATION lib/sysusers.d RENAME inlier.conf COMPONENT program)

set(synopsis "finds the items of a catalogue that a photo shows")
string(JOIN "\n" introduction
  "You give Inlier a catalogue of pictures, such as the products of a shop, and"
  "then a photo. It tells you which items the photo shows, where in the photo"
  "they are, and how sure it is. When none of them is there, it says so.")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # otherwise it stands above each description

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME inlier)
set(CPACK_PACKAGE_VENDOR Inlier)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME inlier)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# Either of them makes the user of the service.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "init-system-helpers (>= 1.52), systemd-standalone-sysusers | systemd")
# Opened when a picture needs them, and plots of 'inlier bench'.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "libheif1, libtiff6")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "python3-matplotlib")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "${synopsis}\n${introduction}\n\nIt works from local features and needs no training, no GPU and no network. This\npackage has the command inlier, which also answers photos over HTTP, and a\nservice of systemd, which starts when you enable it.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS "libheif1, libtiff6")
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "${synopsis} - library\n${introduction}\n\nThis package has the shared library, for programs that embed the search.")
file(CONFIGURE OUTPUT ${made}/shlibs CONTENT "libinlier ${soname} ${library_package} (>= ${PROJECT_VERSION})\n")
file(CONFIGURE OUTPUT ${made}/triggers CONTENT "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${made}/shlibs ${made}/triggers)

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libinlier-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${library_package} (= ${PROJECT_VERSION}-${revision}), libexpected-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${synopsis} - headers\n${introduction}\n\nThis package has the headers, and what find_package(inlier) of CMake reads.")
include(CPack)
