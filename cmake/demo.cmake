# Builds and runs the spam example, on a machine that needs only a C++20 compiler and CMake:
#
#   cmake -P cmake/demo.cmake
#   cmake -DARGS="--model logistic" -P cmake/demo.cmake    # options of the example
#
# See cmake/bootstrap.cmake for COMPILER, BUILD_DIR and JOBS.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/bootstrap.cmake")

tenon_bootstrap(build/demo)
tenon_require(tool zlib)
tenon_configure(-DCMAKE_BUILD_TYPE=Release -DTENON_NATIVE=ON -DTENON_EXAMPLES=ON -DTENON_TESTS=OFF -DTENON_BENCH=OFF)
tenon_build(--target example_spam)

separate_arguments(args NATIVE_COMMAND "${ARGS}")
tenon_run("The example" "${BUILD_DIR}/examples/spam" ${args})
