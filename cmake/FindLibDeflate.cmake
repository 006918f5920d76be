# SPDX-License-Identifier: MIT
# Finds LibDeflate, which Debian ships without a CMake package file. Gives LibDeflate::LibDeflate, LibDeflate_INCLUDE_DIR, LibDeflate_LIBRARY.

# pkg-config only hints: its imported target would leak a name that consumers do not have.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_LibDeflate QUIET libdeflate)
endif()

find_path(LibDeflate_INCLUDE_DIR NAMES libdeflate.h HINTS ${PC_LibDeflate_INCLUDE_DIRS})
find_library(LibDeflate_LIBRARY NAMES deflate HINTS ${PC_LibDeflate_LIBRARY_DIRS})
mark_as_advanced(LibDeflate_INCLUDE_DIR LibDeflate_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibDeflate
  REQUIRED_VARS LibDeflate_LIBRARY LibDeflate_INCLUDE_DIR
  VERSION_VAR PC_LibDeflate_VERSION)

if(LibDeflate_FOUND AND NOT TARGET LibDeflate::LibDeflate)
  add_library(LibDeflate::LibDeflate UNKNOWN IMPORTED)
  set_target_properties(LibDeflate::LibDeflate PROPERTIES
    IMPORTED_LOCATION "${LibDeflate_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibDeflate_INCLUDE_DIR}")
endif()
