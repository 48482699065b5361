# Install rules: headers and the CMake package. tenon::eigen and tenon::gzip are not exported: the package defines them
# on the machine of the consumer, since they depend on what is there and not here.
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
              cmake/optional_targets.cmake
        DESTINATION ${tenon_package_dir})
