# tenon::eigen and tenon::gzip, where this machine has what they need. For builds of this tree, and for the installed
# package: which of them there are is the consumer's machine's to say.
# No version in the call: Eigen's version file accepts only its own major version, so asking for 3.4 would reject a
# newer major that works. A parent project may also have brought the target already.
if(NOT TARGET Eigen3::Eigen)
  find_package(Eigen3 QUIET CONFIG)
endif()
if(NOT TARGET Eigen3::Eigen)
  set(tenon_without_eigen "Eigen >= 3.4.0 was not found (Debian/Ubuntu: libeigen3-dev; or set CMAKE_PREFIX_PATH or Eigen3_DIR)")
elseif(Eigen3_FOUND AND Eigen3_VERSION VERSION_LESS 3.4.0)
  set(tenon_without_eigen "Eigen >= 3.4.0 is needed, and ${Eigen3_DIR} has ${Eigen3_VERSION}")
elseif(NOT TARGET tenon::eigen)
  add_library(tenon::eigen INTERFACE IMPORTED GLOBAL)
  set_target_properties(tenon::eigen PROPERTIES INTERFACE_LINK_LIBRARIES "tenon::tenon;Eigen3::Eigen")
endif()

find_package(ZLIB QUIET)
if(NOT ZLIB_FOUND)
  set(tenon_without_gzip "zlib was not found (Debian/Ubuntu: zlib1g-dev)")
elseif(NOT TARGET tenon::gzip)
  add_library(tenon::gzip INTERFACE IMPORTED GLOBAL)
  set_target_properties(tenon::gzip PROPERTIES INTERFACE_LINK_LIBRARIES "tenon::tenon;ZLIB::ZLIB")
endif()
