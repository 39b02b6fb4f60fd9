# Two libraries of the same objects. `inlier` is what others get: a shared library that shows the
# symbols of include/inlier/ and hides everything else, FAISS and OpenBLAS included. Our own programs,
# the bench and the tests reach into the rooms behind that face, so they link `inlier_internal`, which
# is static and is never installed.
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY INLIER_MODULES)
get_property(libraries GLOBAL PROPERTY INLIER_LIBRARIES)
list(REMOVE_DUPLICATES libraries)
add_library(inlier SHARED)
add_library(inlier_internal STATIC)
foreach(module ${modules})
  target_sources(inlier PRIVATE $<TARGET_OBJECTS:${module}>)
  target_sources(inlier_internal PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
target_link_libraries(inlier PRIVATE ${libraries} fmt::fmt PUBLIC tl::expected)
configure_file(${PROJECT_SOURCE_DIR}/cmake/exports.map.in ${CMAKE_CURRENT_BINARY_DIR}/exports.map @ONLY)
target_link_options(inlier PRIVATE LINKER:--exclude-libs,ALL
                                   LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/exports.map)
set_property(TARGET inlier APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/exports.map)
target_include_directories(inlier PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(inlier PUBLIC cxx_std_20)
set_target_properties(inlier PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
inlier_warnings(inlier)
add_library(inlier::inlier ALIAS inlier)

target_link_libraries(inlier_internal PRIVATE ${libraries} PUBLIC tl::expected fmt::fmt)
target_include_directories(inlier_internal PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

if(INLIER_HAS_DEEP)
  # Programs that link the library need not know of ONNX Runtime; it lies beside it, where
  # deep/onnx_library.cc looks first.
  install(FILES ${INLIER_DEEP_FOLDER}/onnxruntime/lib/libonnxruntime.so.1 DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${INLIER_DEEP_FOLDER}/onnxruntime/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/inlier RENAME LICENSE.onnxruntime)
  # Networks are links there; the files that they lead to are installed.
  install(CODE "set(models_folder \"${INLIER_DEEP_FOLDER}/models\")")
  install(CODE [[
    file(GLOB models LIST_DIRECTORIES false "${models_folder}/*.onnx" "${models_folder}/*.json")
    foreach(model IN LISTS models)
      file(REAL_PATH "${model}" real)
      file(INSTALL "${real}" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/inlier/models")
    endforeach()
  ]])
endif()
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/inlier)
install(TARGETS inlier EXPORT inlierTargets LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT inlierTargets NAMESPACE inlier:: DESTINATION ${package_folder} COMPONENT development)
file(CONFIGURE OUTPUT inlierConfig.cmake @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
include(${CMAKE_CURRENT_LIST_DIR}/inlierTargets.cmake)
]])
write_basic_package_version_file(inlierConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/inlierConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/inlierConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT development)
