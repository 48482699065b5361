# Builds and runs the tests, on a machine that needs only a C++20 compiler and CMake:
#
#   cmake -P cmake/test.cmake
#   cmake -DCOMPILER=clang++-16 -P cmake/test.cmake
#   cmake -DSANITIZE=ON -DTESTS="^core/|io/csv" -P cmake/test.cmake
#
# Variables besides those of cmake/bootstrap.cmake (COMPILER, BUILD_DIR, JOBS):
#   TESTS     regular expression: only the tests whose names match are built and run
#   SANITIZE  ON: with AddressSanitizer and UndefinedBehaviorSanitizer
#   PRESET    a preset of CMakePresets.json to start from
#   TRIED     how many of the headers that units of tests begin with are tried by other builds (tests/CMakeLists.txt)
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/bootstrap.cmake")

# A folder for each way to build: a change of compiler would throw away the folder's contents.
set(default_dir build/test)
if(PRESET)
  set(default_dir build/${PRESET})
endif()
if(COMPILER)
  get_filename_component(compiler_name "${COMPILER}" NAME)
  string(APPEND default_dir -${compiler_name})
endif()
if(SANITIZE)
  string(APPEND default_dir -sanitize)
endif()
tenon_bootstrap(${default_dir})
tenon_require(tool eigen doctest zlib)
if("$ENV{TENON_ONNX_DATA}" STREQUAL "" AND ("${TESTS}" STREQUAL "" OR "onnx/nodes_test" MATCHES "${TESTS}"))
  tenon_offer(libonnx-testdata /usr/share/libonnx-testdata/data/node)
endif()

set(options "")
if(PRESET)
  list(APPEND options --preset ${PRESET})
endif()
if(SANITIZE)
  list(APPEND options -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1" -DTENON_SANITIZE=ON)
elseif(NOT PRESET)
  list(APPEND options -DCMAKE_BUILD_TYPE=Release -DTENON_SANITIZE=OFF)
endif()
if(NOT TRIED)
  set(TRIED 0)
endif()
tenon_configure(${options} -DTENON_TEST_TRIED=${TRIED} -DTENON_TESTS=ON -DTENON_BENCH=OFF -DTENON_EXAMPLES=OFF -DTENON_NATIVE=ON
                "-DTENON_TEST_FILTER=${TESTS}")
tenon_build()

tenon_run("Testing" "${CMAKE_CTEST_COMMAND}" --test-dir "${BUILD_DIR}" --build-config Release --output-on-failure
          --no-tests=error --parallel ${JOBS})
