# Passes if SOURCE is refused by the compiler and the first lines of the refusal are fit to read: they name the file
# of the user, and hold each text that the source announces in a comment `// expect: TEXT`. Nor may there be many lines:
# one mistake is one message.
#
#   cmake -DCOMPILER=g++ -DSOURCE=a.cpp "-DINCLUDES=dir;dir" [-DSTANDARD=-std=c++20]
#         [-DPRECOMPILED=dir/tenon/tenon.hpp.gch] -P check.cmake
#
# PRECOMPILED: <tenon/tenon.hpp> as GCC (.gch) or clang (.pch) precompiled it.
set(lines_read 10)
set(most_lines 25)
if(PRECOMPILED MATCHES "gch$")  # found as <tenon/tenon.hpp>, before the header itself
  get_filename_component(folder "${PRECOMPILED}" DIRECTORY)
  set(precompiled -I${folder}/.. -Wno-ignored-attributes)  # pragmas do not survive
  # The line of the file that includes it is not printed.
  math(EXPR lines_read "${lines_read} - 1")
  math(EXPR most_lines "${most_lines} - 1")
elseif(PRECOMPILED)
  set(precompiled -include-pch ${PRECOMPILED})
endif()
set(ENV{LC_ALL} C)

if(NOT STANDARD)
  set(STANDARD -std=c++20)
endif()
list(TRANSFORM INCLUDES PREPEND -I)
execute_process(COMMAND ${COMPILER} ${STANDARD} -fsyntax-only ${precompiled} ${INCLUDES} ${SOURCE}
                RESULT_VARIABLE exit_code OUTPUT_VARIABLE output ERROR_VARIABLE output)

get_filename_component(name ${SOURCE} NAME)
if(exit_code EQUAL 0)
  message(FATAL_ERROR "${name} compiles, but must not.")
endif()

# Compilers quote the line in error, and with it a comment that stands there: that must not count as the message.
string(REGEX REPLACE "// expect:[^\n]*" "" rest "${output}")

# Texts are walked by hand: brackets and semicolons in messages would break a CMake list.
set(head "")
foreach(i RANGE 1 ${lines_read})
  string(FIND "${rest}\n" "\n" end)
  string(SUBSTRING "${rest}" 0 ${end} line)
  string(APPEND head "${line}\n")
  math(EXPR end "${end} + 1")
  string(LENGTH "${rest}" length)
  if(end GREATER_EQUAL length)
    break()
  endif()
  string(SUBSTRING "${rest}" ${end} -1 rest)
endforeach()

set(missing "")
string(FIND "${head}" "${name}" position)
if(position EQUAL -1)
  string(APPEND missing "  the name of the file, ${name}\n")
endif()

file(READ ${SOURCE} text)
set(expectations 0)
while("${text}" MATCHES "// expect: *([^\n]*[^\n ])")
  set(expected "${CMAKE_MATCH_1}")
  math(EXPR expectations "${expectations} + 1")
  string(FIND "${head}" "${expected}" position)
  if(position EQUAL -1)
    string(APPEND missing "  ${expected}\n")
  endif()
  string(FIND "${text}" "// expect:" position)
  math(EXPR position "${position} + 1")
  string(SUBSTRING "${text}" ${position} -1 text)
endwhile()

string(REGEX REPLACE "[^\n]" "" ends "${output}")
string(LENGTH "${ends}" lines)
if(lines GREATER most_lines)
  string(APPEND missing "  brevity: there are ${lines} lines, at most ${most_lines} are expected\n")
endif()

if(expectations EQUAL 0)
  message(FATAL_ERROR "${name} has no line `// expect: TEXT`: it could be refused for any reason, such as a typo.")
endif()
if(missing)
  message("${output}")
  message(FATAL_ERROR "${name} is refused, but the first ${lines_read} lines of the compiler lack:\n${missing}")
endif()
message("${head}")
