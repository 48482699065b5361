# Builds and runs a program that uses Tenon in each of the three ways there are:
#
#   cmake -P tests/consumers/run.cmake    # COMPILER and JOBS as in cmake/bootstrap.cmake
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/bootstrap.cmake")

# A fixed folder, because it is deleted first: neither an old install nor an old cache may help.
unset(BUILD_DIR)
tenon_bootstrap(build/consumers)
file(REMOVE_RECURSE "${BUILD_DIR}")
tenon_require(tool)

set(work "${BUILD_DIR}")
set(prefix "${work}/prefix")

# Headers need no build before their install.
set(BUILD_DIR "${work}/tenon")
tenon_configure(-DTENON_TESTS=OFF -DTENON_BENCH=OFF -DTENON_EXAMPLES=OFF "-DCMAKE_INSTALL_PREFIX=${prefix}")
tenon_run("Installing" "${CMAKE_COMMAND}" --install "${BUILD_DIR}")

foreach(consumer find_package add_subdirectory plain)
  message(STATUS "Consumer: ${consumer}")
  set(BUILD_DIR "${work}/${consumer}")
  set(root_option "-DTENON_ROOT=${tenon_root}")
  if(consumer STREQUAL "find_package")
    set(root_option "-DCMAKE_PREFIX_PATH=${prefix}")
  endif()
  tenon_run("Configuring ${consumer}" "${CMAKE_COMMAND}" ${tenon_generator} ${tenon_compiler}
            -S "${CMAKE_CURRENT_LIST_DIR}/${consumer}" -B "${BUILD_DIR}" "${root_option}" -DCMAKE_BUILD_TYPE=Release)
  tenon_build()
  tenon_run("Running ${consumer}" "${BUILD_DIR}/consumer")
endforeach()
message(STATUS "All three consumers build and run")
