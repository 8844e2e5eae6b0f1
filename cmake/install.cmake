# `cmake --install`: the program, the headers, and the libraries behind the one target clvsim::clvsim.
include(CMakePackageConfigHelpers)

add_library(clvsim INTERFACE)
target_link_libraries(clvsim INTERFACE clv_pipeline)

get_property(layers GLOBAL PROPERTY CLV_LAYERS)
install(TARGETS clv RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS clvsim ${layers} EXPORT clvsim-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/clv DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT clvsim-targets NAMESPACE clvsim:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clvsim)
configure_package_config_file(cmake/clvsim-config.cmake.in ${PROJECT_BINARY_DIR}/clvsim-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clvsim)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/clvsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/clvsim-config.cmake ${PROJECT_BINARY_DIR}/clvsim-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clvsim)
