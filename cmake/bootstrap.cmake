# For scripts that run on a machine with nothing but a C++20 compiler and CMake: finds what is missing, installs it
# where apt-get may, and builds. Common variables, given as `cmake -DNAME=value -P script.cmake`:
#   COMPILER   C++ compiler, such as clang++-16 (default: the one CMake picks)
#   BUILD_DIR  build folder
#   JOBS       number of parallel compilations
get_filename_component(tenon_root "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)

# What each thing is called for a person, and for apt-get.
set(tenon_about_tool "a build tool, make or ninja")
set(tenon_about_eigen "Eigen 3.4.0 or newer")
set(tenon_about_doctest "doctest")
set(tenon_about_zlib "zlib with its header files")
set(tenon_apt_tool make)
set(tenon_apt_eigen libeigen3-dev)
set(tenon_apt_doctest doctest-dev)
set(tenon_apt_zlib zlib1g-dev)

# One command; its output is the script's own. The script ends where the command fails.
function(tenon_run what)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${tenon_root}" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}).")
  endif()
endfunction()

# Sets tenon_generator to the options that choose a generator, or to NOTFOUND if no build tool is there.
function(tenon_find_generator)
  find_program(tenon_ninja NAMES ninja ninja-build NO_CACHE)
  find_program(tenon_make NAMES make gmake NO_CACHE)
  set(options "")
  # A generator that somebody chose, and the default one of Windows, are left alone.
  if(NOT CMAKE_HOST_WIN32 AND "$ENV{CMAKE_GENERATOR}" STREQUAL "")
    if(tenon_make)
      set(options -G "Unix Makefiles")
    elseif(tenon_ninja)
      set(options -G Ninja)
    else()
      set(options NOTFOUND)
    endif()
  endif()
  set(tenon_generator "${options}" PARENT_SCOPE)
endfunction()

# Sets `out` to those of ARGN (tool, eigen, doctest, zlib) that this machine lacks. A small project asks the
# libraries' own packages, so that the answer is the one which the real build will get.
function(tenon_find_missing out)
  tenon_find_generator()
  set(tenon_generator "${tenon_generator}" PARENT_SCOPE)
  if("${tenon_generator}" STREQUAL "NOTFOUND")
    # Without a build tool CMake can examine nothing else: all the rest counts as missing, apt-get knows better.
    set(${out} ${ARGN} PARENT_SCOPE)
    return()
  endif()

  set(dir "${BUILD_DIR}/tenon-bootstrap")
  file(REMOVE_RECURSE "${dir}")
  file(WRITE "${dir}/CMakeLists.txt" [[
cmake_minimum_required(VERSION 3.22)
project(bootstrap LANGUAGES CXX)
find_package(Eigen3 QUIET CONFIG)
find_package(doctest QUIET)
find_package(ZLIB QUIET)
set(found "tool")
if(Eigen3_FOUND AND NOT Eigen3_VERSION VERSION_LESS 3.4.0)
  list(APPEND found eigen)
endif()
if(doctest_FOUND)
  list(APPEND found doctest)
endif()
if(ZLIB_FOUND)
  list(APPEND found zlib)
endif()
file(WRITE ${CMAKE_BINARY_DIR}/found.txt "${found}")
if(NOT cxx_std_20 IN_LIST CMAKE_CXX_COMPILE_FEATURES)
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} does not know C++20.")
endif()
]])
  execute_process(COMMAND "${CMAKE_COMMAND}" ${tenon_generator} ${tenon_compiler} -S "${dir}" -B "${dir}/build"
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message("${output}")
    message(FATAL_ERROR "No usable C++20 compiler. Install g++ 12 or newer, or clang++ 16 or newer (Debian/Ubuntu: "
                        "apt-get install g++), or name one with -DCOMPILER=... before -P.")
  endif()
  file(READ "${dir}/build/found.txt" found)
  file(REMOVE_RECURSE "${dir}")
  set(missing ${ARGN})
  list(REMOVE_ITEM missing ${found})
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

# Sets `out` to the words that must stand before apt-get, or to NOTFOUND if it cannot be used.
function(tenon_find_apt out)
  find_program(apt_get apt-get NO_CACHE)
  find_program(sudo sudo NO_CACHE)
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(prefix NOTFOUND)
  if(apt_get AND "${user}" STREQUAL "0")
    set(prefix "${CMAKE_COMMAND}" -E env DEBIAN_FRONTEND=noninteractive)
  elseif(apt_get AND sudo)
    execute_process(COMMAND "${sudo}" -n true RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
    if(result EQUAL 0)
      set(prefix "${sudo}" -n env DEBIAN_FRONTEND=noninteractive)
    endif()
  endif()
  set(${out} "${prefix}" PARENT_SCOPE)
endfunction()

# Makes sure that ARGN (tool, eigen, doctest, zlib) are there, or ends the script saying what to install.
function(tenon_require)
  tenon_find_missing(missing ${ARGN})
  if(missing)
    set(packages "")
    foreach(thing IN LISTS missing)
      list(APPEND packages ${tenon_apt_${thing}})
    endforeach()
    tenon_find_apt(apt)
    if(apt)
      list(JOIN packages " " shown)
      message(STATUS "Missing here; installing with apt-get: ${shown}")
      execute_process(COMMAND ${apt} apt-get update RESULT_VARIABLE result)
      if(NOT result EQUAL 0)
        message(STATUS "apt-get update failed; trying with the package lists that are there")
      endif()
      # A failure shows below, in what is still missing.
      execute_process(COMMAND ${apt} apt-get install -y --no-install-recommends ${packages})
      tenon_find_missing(missing ${ARGN})
    endif()
  endif()
  if(missing)
    set(text "")
    set(packages "")
    foreach(thing IN LISTS missing)
      string(APPEND text "  ${tenon_about_${thing}}\n")
      list(APPEND packages ${tenon_apt_${thing}})
    endforeach()
    list(JOIN packages " " packages)
    if(tool IN_LIST missing)
      string(APPEND text "(Without a build tool the libraries could not be looked for; they may be there.)\n")
    endif()
    message(FATAL_ERROR "Please install, then run this again:\n${text}"
                        "On Debian or Ubuntu: apt-get install ${packages}")
  endif()
  set(tenon_generator "${tenon_generator}" PARENT_SCOPE)
endfunction()

# Installs the package that has the folder `path`, where it is missing and apt-get may. Nothing depends on it: a failure
# is a line of output.
function(tenon_offer package path)
  if(EXISTS "${path}")
    return()
  endif()
  tenon_find_apt(apt)
  if(apt)
    message(STATUS "Missing here; installing with apt-get: ${package}")
    execute_process(COMMAND ${apt} apt-get install -y --no-install-recommends ${package} RESULT_VARIABLE result
                    OUTPUT_QUIET ERROR_QUIET)
    if(NOT result EQUAL 0)  # perhaps the package lists are old
      execute_process(COMMAND ${apt} apt-get update OUTPUT_QUIET ERROR_QUIET)
      execute_process(COMMAND ${apt} apt-get install -y --no-install-recommends ${package} OUTPUT_QUIET ERROR_QUIET)
    endif()
  endif()
  if(NOT EXISTS "${path}")
    message(STATUS "Not installed: ${package}. Tests that need it are skipped.")
  endif()
endfunction()

# Configures Tenon into BUILD_DIR with the options ARGN.
function(tenon_configure)
  # A build folder keeps the generator it was made with.
  if(EXISTS "${BUILD_DIR}/CMakeCache.txt")
    set(tenon_generator "")
  endif()
  tenon_run("Configuring" "${CMAKE_COMMAND}" ${tenon_generator} ${tenon_compiler} -S "${tenon_root}" -B "${BUILD_DIR}"
            ${ARGN})
endfunction()

# Builds BUILD_DIR; ARGN may name targets.
function(tenon_build)
  tenon_run("Building" "${CMAKE_COMMAND}" --build "${BUILD_DIR}" --config Release --parallel ${JOBS} ${ARGN})
endfunction()

# Defaults of the common variables. To be called first, with the default of BUILD_DIR, relative to the root.
macro(tenon_bootstrap build_dir)
  if(NOT BUILD_DIR)
    set(BUILD_DIR "${build_dir}")
  endif()
  get_filename_component(BUILD_DIR "${BUILD_DIR}" ABSOLUTE BASE_DIR "${tenon_root}")

  set(tenon_compiler "")
  if(COMPILER)
    find_program(tenon_compiler_path "${COMPILER}" NO_CACHE)
    if(NOT tenon_compiler_path)
      message(FATAL_ERROR "The compiler ${COMPILER} is not there. Install it (Debian/Ubuntu: the package g++-N or "
                          "clang-N), or leave out -DCOMPILER.")
    endif()
    set(tenon_compiler "-DCMAKE_CXX_COMPILER=${tenon_compiler_path}")
  endif()

  if(NOT JOBS)
    # All processors, as far as memory reaches: a unit of a few test files may take 3.2 GiB to compile.
    cmake_host_system_information(RESULT JOBS QUERY NUMBER_OF_LOGICAL_CORES)
    cmake_host_system_information(RESULT memory QUERY TOTAL_PHYSICAL_MEMORY)
    math(EXPR most "${memory} / 3200")
    if(most LESS 1)
      set(most 1)
    endif()
    if(most LESS JOBS)
      set(JOBS ${most})
    endif()
  endif()
endmacro()
