# How this project compiles its own programs. Nothing here reaches those who use the library.
include(CheckCXXCompilerFlag)

add_library(tenon_development INTERFACE)

if(NOT MSVC)
  target_compile_options(tenon_development INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
  # GCC 12 sees overlapping copies in libstdc++'s own std::string, by the luck of inlining (GCC's bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(tenon_development INTERFACE -Wno-restrict)
  endif()
endif()

if(TENON_NATIVE)
  check_cxx_compiler_flag(-march=native TENON_HAS_MARCH_NATIVE)
  if(TENON_HAS_MARCH_NATIVE)
    target_compile_options(tenon_development INTERFACE -march=native)
  endif()
endif()

if(TENON_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(tenon_development INTERFACE ${sanitizers})
  target_link_options(tenon_development INTERFACE ${sanitizers})
endif()

# Everything that one of our programs links, besides a framework.
target_link_libraries(tenon_development INTERFACE tenon::tenon)
foreach(optional tenon::eigen tenon::gzip)
  if(TARGET ${optional})
    target_link_libraries(tenon_development INTERFACE ${optional})
  endif()
endforeach()
