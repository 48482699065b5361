# Install rules: headers and the CMake package. tenon::gzip is not exported: the package defines it on the machine of
# the consumer, since it depends on whether zlib is there and not here.
include(CMakePackageConfigHelpers)

set(tenon_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/tenon)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cuh")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/tenon)
install(TARGETS tenon EXPORT tenon-targets)
install(EXPORT tenon-targets NAMESPACE tenon:: DESTINATION ${tenon_package_dir})

configure_package_config_file(cmake/tenon-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/tenon-config.cmake
                              INSTALL_DESTINATION ${tenon_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/tenon-config-version.cmake
                                 COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tenon-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/tenon-config-version.cmake
        DESTINATION ${tenon_package_dir})
