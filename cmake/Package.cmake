# One library of all modules. Static linking of FAISS stays inside it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY INLIER_MODULES)
get_property(libraries GLOBAL PROPERTY INLIER_LIBRARIES)
list(REMOVE_DUPLICATES libraries)
add_library(inlier SHARED)
add_library(inlier::inlier ALIAS inlier)
foreach(module ${modules})
  target_sources(inlier PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
target_link_libraries(inlier PRIVATE ${libraries} PUBLIC tl::expected $<BUILD_INTERFACE:fmt::fmt>)
target_link_options(inlier PRIVATE LINKER:--exclude-libs,ALL)
target_include_directories(inlier PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(inlier PUBLIC cxx_std_20)
set_target_properties(inlier PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
inlier_warnings(inlier)

# Sources say "core/result.h"; who installs the library includes <inlier/core/result.h>.
set(public_headers
  core/features.h core/image.h core/options.h core/result.h extractor/extractor.h
  index/collection.h matcher/matcher.h
  engine/catalogue.h engine/decision.h engine/draw.h engine/engine.h engine/options.h engine/plan.h engine/report.h)
foreach(header ${public_headers})
  file(READ ${PROJECT_SOURCE_DIR}/${header} text)
  string(REGEX REPLACE "#include \"" "#include \"inlier/" text "${text}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/include/inlier/${header} CONTENT "${text}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
endforeach()

set(CMAKE_INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})
if(INLIER_HAS_DEEP)
  # Programs that link the library need not know of ONNX Runtime; it lies beside it.
  set_target_properties(inlier PROPERTIES INSTALL_RPATH $ORIGIN)
  install(FILES ${INLIER_DEEP_FOLDER}/onnxruntime/lib/libonnxruntime.so.1 DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${INLIER_DEEP_FOLDER}/onnxruntime/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/inlier RENAME LICENSE.onnxruntime)
  # Networks are links there; the files that they lead to are installed.
  install(CODE "set(models_folder \"${INLIER_DEEP_FOLDER}/models\")")
  install(CODE [[
    file(GLOB models LIST_DIRECTORIES false "${models_folder}/nanodet-g*")
    foreach(model IN LISTS models)
      file(REAL_PATH "${model}" real)
      file(INSTALL "${real}" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/inlier/models")
    endforeach()
  ]])
endif()
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/inlier)
install(TARGETS inlier EXPORT inlierTargets)
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT inlierTargets NAMESPACE inlier:: DESTINATION ${package_folder})
file(CONFIGURE OUTPUT inlierConfig.cmake @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
include(${CMAKE_CURRENT_LIST_DIR}/inlierTargets.cmake)
]])
write_basic_package_version_file(inlierConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/inlierConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/inlierConfigVersion.cmake DESTINATION ${package_folder})
