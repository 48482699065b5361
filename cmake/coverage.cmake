# Writes docs/coverage.md from docs/coverage.tsv:
#
#   cmake -P cmake/coverage.cmake
#   cmake -DPAGE=elsewhere.md -P cmake/coverage.cmake
#
# A line of the data is: table, their names, ours, note, with a tab after each but the last. Aliases of theirs stand
# after ", ", further functions of ours after "; ". Where ours is empty the note begins with "not yet: " or
# "not wanted: " and says why; else it is empty or begins with "differs: ". Lines that begin with # are comments.
#
# No CMake lists in here: names hold semicolons and brackets.
cmake_minimum_required(VERSION 3.22)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
if(NOT PAGE)
  set(PAGE "${root}/docs/coverage.md")
endif()
file(READ "${root}/docs/coverage.tsv" rest)

set(tables array-api numpy mxnet)
foreach(table IN LISTS tables)
  set(rows_${table} "")
  foreach(count entries names same differs yet unwanted)
    set(${count}_${table} 0)
  endforeach()
endforeach()

set(number 0)
while(NOT rest STREQUAL "")
  string(FIND "${rest}" "\n" end)
  if(end LESS 0)
    message(FATAL_ERROR "coverage.tsv: the last line has no end")
  endif()
  string(SUBSTRING "${rest}" 0 ${end} line)
  math(EXPR end "${end} + 1")
  string(SUBSTRING "${rest}" ${end} -1 rest)
  math(EXPR number "${number} + 1")
  if(line MATCHES "^#")
    continue()
  endif()
  if(NOT line MATCHES "^(array-api|numpy|mxnet)\t([^\t]+)\t([^\t]*)\t([^\t]*)$")
    message(FATAL_ERROR "coverage.tsv:${number}: expected a table, names, ours and a note: ${line}")
  endif()
  set(table "${CMAKE_MATCH_1}")
  set(theirs "${CMAKE_MATCH_2}")
  set(ours "${CMAKE_MATCH_3}")
  set(note "${CMAKE_MATCH_4}")

  if(ours STREQUAL "" AND note MATCHES "^not yet: .+$")
    set(status yet)
  elseif(ours STREQUAL "" AND note MATCHES "^not wanted: .+$")
    set(status unwanted)
  elseif(NOT ours STREQUAL "" AND note STREQUAL "")
    set(status same)
  elseif(NOT ours STREQUAL "" AND note MATCHES "^differs: .+$")
    set(status differs)
  else()
    message(FATAL_ERROR "coverage.tsv:${number}: this note does not go with these functions of ours: ${line}")
  endif()
  string(REGEX REPLACE "[^,]" "" commas "${theirs}")
  string(LENGTH "${commas}" names)
  math(EXPR names_${table} "${names_${table}} + ${names} + 1")
  math(EXPR entries_${table} "${entries_${table}} + 1")
  math(EXPR ${status}_${table} "${${status}_${table}} + 1")

  string(REPLACE ", " "`, `" theirs "`${theirs}`")
  if(NOT ours STREQUAL "")
    string(REPLACE "|" "\\|" ours "`${ours}`")
    string(REPLACE "; " "`, `" ours "${ours}")
  endif()
  string(REPLACE "|" "\\|" note "${note}")
  string(APPEND rows_${table} "| ${theirs} | ${ours} | ${note} |\n")
endwhile()

set(title_array-api "Array API standard")
set(title_numpy "NumPy")
set(title_mxnet "MXNet")
set(counts "")
foreach(table IN LISTS tables)
  string(APPEND counts "| ${title_${table}} | ${entries_${table}} | ${names_${table}} | ${same_${table}} "
                       "| ${differs_${table}} | ${yet_${table}} | ${unwanted_${table}} |\n")
endforeach()

set(columns "| theirs | ours | note |\n|---|---|---|\n")
set(page "# Coverage

What there is here of the functions of the Python array API standard, of NumPy's ufuncs and of MXNet's NDArray
operators. For each of theirs, with its aliases, a line: ours, and what is missing or different.

| | functions | names with aliases | same | differs | not yet | not wanted |
|---|---|---|---|---|---|---|
${counts}
This page is written by `cmake -P cmake/coverage.cmake` from [coverage.tsv](coverage.tsv): change that, not this.
[`coverage_test.cpp`](../tests/docs/coverage_test.cpp) fails where the page is not what the data give, where something
of ours that is named here is declared nowhere in `include/tenon`, and where a name of theirs appears twice. That ours
does what theirs does, the tests of ours check, and whoever writes a line here.

An empty note says that ours does the same, within what holds for all of them and is not repeated:

- Elements are `bool`, integers of 8 to 64 bits with and without sign, `float16`, `bfloat16`, `float`, `double` or
  complex numbers; arrays have up to 8 axes. Arrays of floating-point numbers, of integers and of `bool` do not mix in
  one operation: convert with `astype<T>(x)`. So functions of real numbers take no integers, and arithmetic takes no
  `bool`. Complex numbers are taken wherever theirs take them, but for the functions of `linalg`, whose matrices are
  real (its norms aside); no derivatives pass through them.
- Axes and other options that shape the result are known to the compiler: `sum(x, axes<0, 2>, keepdims)`. There are no
  arguments `out`, `where`, `dtype`, `order`, `casting`, `device`, `ctx` or `exclude`.
- Integers wrap; division of an integer by 0 gives 0.
- What is compared are values. Derivatives where there is none in the strict sense are listed in
  [architecture.md](architecture.md#non-smooth-points).

## ${title_array-api}

Version 2023.12: the constants, functions, dtypes and the array object, and the extension `linalg`. Left out are the
extension `fft` and what tells about an implementation (`__array_namespace_info__`).

${columns}${rows_array-api}
## ${title_numpy}

The ufuncs of NumPy 2.4: whatever is an instance of `numpy.ufunc` in its main namespace. Methods of ufuncs (`reduce`,
`accumulate`, `outer`, `at`) are left out.

${columns}${rows_numpy}
## ${title_mxnet}

What MXNet 1.9.1 has in `mx.nd`: the operators that it registers under a name without a leading underscore, the
functions written in Python, and `linalg.syevd`, which has no other name. Left out are the functions of `random` under
other names (`randn`, `random.*_like`) and its namespaces `contrib`, `image`, `sparse`, `np` and `npx`.

${columns}${rows_mxnet}")
string(REGEX REPLACE "\n$" "" page "${page}")
file(WRITE "${PAGE}" "${page}\n")
