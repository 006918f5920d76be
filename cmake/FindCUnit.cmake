# SPDX-License-Identifier: MIT
# Finds CUnit, which Debian ships without a CMake package file. Gives CUnit::CUnit, CUnit_INCLUDE_DIR, CUnit_LIBRARY.

# pkg-config only hints: its imported target would leak a name that consumers do not have.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_CUnit QUIET cunit)
endif()

find_path(CUnit_INCLUDE_DIR NAMES CUnit/CUnit.h HINTS ${PC_CUnit_INCLUDE_DIRS})
find_library(CUnit_LIBRARY NAMES cunit HINTS ${PC_CUnit_LIBRARY_DIRS})
mark_as_advanced(CUnit_INCLUDE_DIR CUnit_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CUnit
  REQUIRED_VARS CUnit_LIBRARY CUnit_INCLUDE_DIR
  VERSION_VAR PC_CUnit_VERSION)

if(CUnit_FOUND AND NOT TARGET CUnit::CUnit)
  add_library(CUnit::CUnit UNKNOWN IMPORTED)
  set_target_properties(CUnit::CUnit PROPERTIES
    IMPORTED_LOCATION "${CUnit_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CUnit_INCLUDE_DIR}")
endif()
