# Holds the library's operations against NumPy's, on thousands of random cases:
#
#   cmake -P tests/oracle/run.cmake
#   cmake -DCOMPILER=clang++-16 -DSEED=7 -DPERCENT=400 -P tests/oracle/run.cmake
#
# Variables besides those of cmake/bootstrap.cmake (COMPILER, BUILD_DIR, JOBS):
#   PYTHON   a Python that has NumPy (default: python3, else one in a virtual environment in BUILD_DIR)
#   SEED     where random numbers start (default 1)
#   PERCENT  how many cases, of the usual number (default 100)
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/bootstrap.cmake")

set(default_dir build/oracle)
if(COMPILER)
  get_filename_component(compiler_name "${COMPILER}" NAME)
  string(APPEND default_dir -${compiler_name})
endif()
tenon_bootstrap(${default_dir})
tenon_require(tool eigen)

# Sets `out` to whether `python` is there and has NumPy.
function(oracle_has_numpy python out)
  execute_process(COMMAND "${python}" -c "import numpy" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  if(result EQUAL 0)
    set(${out} TRUE PARENT_SCOPE)
  else()
    set(${out} FALSE PARENT_SCOPE)
  endif()
endfunction()

# Sets PYTHON to one that has NumPy: the one given, python3, the virtual environment's, apt-get's.
function(oracle_find_python)
  set(environment "${BUILD_DIR}/python")
  foreach(python "${PYTHON}" python3 /usr/bin/python3 "${environment}/bin/python")
    if(python)
      oracle_has_numpy("${python}" found)
      if(found)
        set(PYTHON "${python}" PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
  if(PYTHON)
    message(FATAL_ERROR "${PYTHON} has no NumPy.")
  endif()

  find_program(python3 python3 NO_CACHE)
  if(python3)
    message(STATUS "No NumPy here; making a virtual environment for it")
    execute_process(COMMAND "${python3}" -m venv --clear "${environment}" RESULT_VARIABLE result OUTPUT_QUIET
                    ERROR_QUIET)
    if(result EQUAL 0)
      execute_process(COMMAND "${environment}/bin/python" -m pip install --quiet
                              --disable-pip-version-check numpy)
    endif()
    oracle_has_numpy("${environment}/bin/python" found)
    if(found)
      set(PYTHON "${environment}/bin/python" PARENT_SCOPE)
      return()
    endif()
  endif()

  tenon_find_apt(apt)
  if(apt)
    message(STATUS "Installing with apt-get: python3-numpy")
    execute_process(COMMAND ${apt} apt-get update)
    execute_process(COMMAND ${apt} apt-get install -y --no-install-recommends python3-numpy)
  endif()
  # Another python3 may stand before Debian's in the path.
  foreach(python python3 /usr/bin/python3)
    oracle_has_numpy("${python}" found)
    if(found)
      set(PYTHON "${python}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "Please install NumPy, then run this again "
                      "(Debian/Ubuntu: apt-get install python3-numpy).")
endfunction()

oracle_find_python()
if(NOT SEED)
  set(SEED 1)
endif()
if(NOT PERCENT)
  set(PERCENT 100)
endif()

if(EXISTS "${BUILD_DIR}/CMakeCache.txt")
  set(tenon_generator "")
endif()
tenon_run("Configuring" "${CMAKE_COMMAND}" ${tenon_generator} ${tenon_compiler} -S "${CMAKE_CURRENT_LIST_DIR}"
          -B "${BUILD_DIR}" "-DTENON_ROOT=${tenon_root}" -DCMAKE_BUILD_TYPE=None)
tenon_build()
tenon_run("Writing cases" "${BUILD_DIR}/cases" "${BUILD_DIR}/cases.bin" ${SEED} ${PERCENT})
tenon_run("The comparison with NumPy" "${PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/check.py"
          "${BUILD_DIR}/cases.bin")
